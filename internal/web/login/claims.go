package login

import (
	"net/http"

	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// pageOf is how many claims stand on one page.
const pageOf = 50

// decideInput is what the officer's page of one claim sends: Act is "reveal",
// "release", "hand_over" or "refuse", the first and the last with a reason.
type decideInput struct {
	Act    string `form:"act" json:"act" max:"20"`
	Reason string `form:"reason" json:"reason" max:"500"`
}

// claimData is one claim as an officer sees it; Name and Phone are there after
// a reveal only.
type claimData struct {
	Claim       auth.Claim
	Name, Phone string
	Act         string // the form that came back
	Parks       []ui.Option
	HasAccount  bool // releasing met an account: offer to hand it over
}

func (l *Pages) claims(w http.ResponseWriter, r *http.Request) error {
	list, next, err := l.Auth.Claims(r.Context(), From(r.Context()), auth.Waiting, r.URL.Query().Get("after"), pageOf)
	if err != nil {
		return err
	}
	return web.Render(w, r, claimsView(web.From(r), list, next))
}

func (l *Pages) oneClaim(w http.ResponseWriter, r *http.Request) error {
	c, err := l.Auth.Claim(r.Context(), From(r.Context()), r.PathValue("claim"))
	if err != nil {
		return err
	}
	parks, err := l.parks(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, claimDecideView(web.From(r), claimData{Claim: c, Parks: parks}, web.Blank(r)))
}

// decide takes the four forms of the page.
func (l *Pages) decide(w http.ResponseWriter, r *http.Request) error {
	ctx, by, id := r.Context(), From(r.Context()), r.PathValue("claim")
	var in decideInput
	if err := web.Decode(r, &in); err != nil {
		return err
	}
	c, err := l.Auth.Claim(ctx, by, id)
	if err != nil {
		return err
	}
	parks, err := l.parks(r)
	if err != nil {
		return err
	}
	done := ""
	switch in.Act {
	case "reveal":
		return l.reveal(w, r, claimData{Claim: c, Act: in.Act, Parks: parks}, in)
	case "release":
		done = "login.released"
		_, err = l.Auth.ReleaseClaim(ctx, by, id)
	case "hand_over":
		done = "login.handed_over"
		_, err = l.Auth.HandOver(ctx, by, id)
	case "refuse":
		done = "login.refused"
		err = l.Auth.RefuseClaim(ctx, by, id, in.Reason)
	default:
		return fault.New(fault.Malformed, "fault.malformed")
	}
	if err != nil {
		d := claimData{Claim: c, Act: in.Act, Parks: parks, HasAccount: fault.Is(err, "auth.firm_has_account")}
		if fault.KindOf(err) == fault.Conflict {
			err = at("release", err)
		}
		return web.Again(err, func(f *ui.Form) templ.Component { return claimDecideView(web.From(r), d, f) })
	}
	web.Flash(w, r, ui.Valid, done, c.Reference, "firm", c.FirmName)
	return web.Done(w, r, "/desk/claims", struct{}{})
}

func (l *Pages) reveal(w http.ResponseWriter, r *http.Request, d claimData, in decideInput) (err error) {
	if d.Name, d.Phone, err = l.Auth.RevealContact(r.Context(), From(r.Context()), d.Claim.ID, in.Reason); err != nil {
		return web.Again(err, func(f *ui.Form) templ.Component { return claimDecideView(web.From(r), d, f) })
	}
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, struct {
			Name  string `json:"name"`
			Phone string `json:"phone"`
		}{d.Name, d.Phone})
	}
	return web.Render(w, r, claimDecideView(web.From(r), d, web.Blank(r)))
}
