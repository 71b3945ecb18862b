package login

import (
	"net/http"

	"breakwater/internal/fault"
	"breakwater/internal/web"
)

// endedInput is what the provider sends itself, by no browser (OpenID Connect
// Back-Channel Logout 1.0, 2.5).
type endedInput struct {
	Token string `form:"logout_token" json:"logout_token" max:"20000"`
}

// endedAnswer is a refusal as the provider reads it (RFC 6749, 5.2).
type endedAnswer struct {
	Error string `json:"error"`
	Why   string `json:"error_description"`
}

// endedByProvider ends what the provider says is over. A word that is not taken is 400,
// as section 2.8 asks; what is our own failure keeps its status, so that it is sent
// again.
func (l *Pages) endedByProvider(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	var in endedInput
	if err := web.Decode(r, &in); err != nil {
		return err
	}
	_, err := l.Auth.EndIdentitySessions(r.Context(), in.Token, l.client(r))
	if f := fault.As(err); err != nil && f.Kind == fault.Denied {
		return web.JSON(w, r, http.StatusBadRequest, endedAnswer{"invalid_request", f.Code})
	}
	if err != nil {
		return err
	}
	return web.JSON(w, r, http.StatusOK, struct{}{})
}
