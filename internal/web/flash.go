package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"

	"breakwater/internal/web/ui"
)

const flashCookie = "flash"

// flash is a message's key, never its text: nothing personal travels in it.
type flash struct {
	Key   string         `json:"k"`
	State ui.State       `json:"s"`
	Args  map[string]any `json:"a,omitempty"`
	Ref   string         `json:"r,omitempty"`
}

// Flash says something once, on the next page this reader sees. key is a
// message; ref, if any, is a reference to read aloud; pairs fill the message
// and must not be personal.
func Flash(w http.ResponseWriter, r *http.Request, state ui.State, key, ref string, pairs ...any) {
	s := visitOf(r).site
	f := flash{Key: key, State: state, Ref: ref}
	for i := 0; i+1 < len(pairs); i += 2 {
		if f.Args == nil {
			f.Args = map[string]any{}
		}
		f.Args[pairs[i].(string)] = pairs[i+1]
	}
	data, err := json.Marshal(f)
	if err != nil || len(data) > 1500 {
		return // a message that does not fit is not worth failing what was done
	}
	text := base64.RawURLEncoding.EncodeToString(data)
	http.SetCookie(w, &http.Cookie{
		Name: flashCookie, Value: text + "." + base64.RawURLEncoding.EncodeToString(s.Sign(flashCookie, text)),
		Path: "/", MaxAge: 60, HttpOnly: true, Secure: s.TLS, SameSite: http.SameSiteLaxMode,
	})
}

// takeFlash returns the message that waits and removes it.
func takeFlash(w http.ResponseWriter, r *http.Request) *ui.Flash {
	c, err := r.Cookie(flashCookie)
	if err != nil {
		return nil
	}
	s := visitOf(r).site
	http.SetCookie(w, &http.Cookie{Name: flashCookie, Path: "/", MaxAge: -1, HttpOnly: true, Secure: s.TLS, SameSite: http.SameSiteLaxMode})
	text, sum, _ := strings.Cut(c.Value, ".")
	given, err := base64.RawURLEncoding.DecodeString(sum)
	if err != nil || !hmac.Equal(given, s.Sign(flashCookie, text)) {
		return nil
	}
	data, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	var f flash
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.UseNumber()
	if d.Decode(&f) != nil {
		return nil
	}
	for k, v := range f.Args {
		if n, ok := v.(json.Number); ok {
			if whole, err := n.Int64(); err == nil {
				f.Args[k] = whole
			}
		}
	}
	return &ui.Flash{State: f.State, Text: Printer(r).Args(f.Key, f.Args), Ref: f.Ref}
}

func mac(key []byte, domain, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(domain + "\x00" + text))
	return h.Sum(nil)[:16]
}
