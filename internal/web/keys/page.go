package keys

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/a-h/templ"

	"breakwater/internal/admission"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/credential"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/keyring"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// ListPath is where anyone fetches the trust list.
const ListPath = "/.well-known/breakwater-trust.json"

// Desk is the officers' page.
const Desk = "/desk/keys"

// Routes are the officers' page and the public list.
func (k *Keys) Routes() web.Routes {
	may := web.Needs(MayTurn)
	return web.Routes{
		{Method: "GET", Path: Desk, Handler: k.show, Access: may, Whole: true},
		{Method: "POST", Path: Desk, Handler: k.ask, Access: may, Input: TurnInput{}, Twin: "turnKey"},
		{Method: "GET", Path: ListPath, Handler: k.list, Access: web.Public, Class: admission.Result},
	}
}

// fresh is how long somebody's copy of the list may be believed without asking, in
// seconds: with a status list's thirty, whoever is online gives up a lost key within a
// minute. Asking costs a hundred bytes while nothing has changed.
const fresh = "public, max-age=30"

// list is the trust list. Its tag leaves out when it was issued, which is now: it is
// the same list, from every node, until a key of it changes.
func (k *Keys) list(w http.ResponseWriter, r *http.Request) error {
	l, err := k.List()
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Cache-Control", fresh)
	h.Set("Access-Control-Allow-Origin", "*") // a gate's page elsewhere reads it too
	h.Set("Vary", "Accept-Encoding")          // and the same for everybody, in whichever language
	tag, err := tagOf(l)
	if err != nil || web.Same(w, r, tag) {
		return err
	}
	return web.JSON(w, r, http.StatusOK, l)
}

func tagOf(l credential.List) (string, error) {
	l.Issued = time.Time{}
	text, err := json.Marshal(l)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return `W/"` + hex.EncodeToString(sum[:12]) + `"`, nil
}

func (k *Keys) page(r *http.Request, f *ui.Form) templ.Component {
	keys := k.Ring.PublicKeys(k.Now())
	slices.Reverse(keys)
	return view(web.From(r), keys, k.Algorithm, f)
}

func (k *Keys) show(w http.ResponseWriter, r *http.Request) error {
	if err := web.Principal(r).Permit(MayTurn, Grants(), auth.District(k.District)); err != nil {
		return err
	}
	return web.Render(w, r, k.page(r, web.Blank(r)))
}

func (k *Keys) ask(w http.ResponseWriter, r *http.Request) error {
	var in TurnInput
	err := web.Decode(r, &in)
	if err == nil {
		var id string
		if id, err = k.Ask(r.Context(), web.Principal(r), in, web.Once(r, "turnKey", in)); err == nil {
			web.Flash(w, r, ui.Wait, "keys.asked", "")
			return web.Done(w, r, Desk, map[string]string{"act": id})
		}
	}
	return web.Again(err, func(f *ui.Form) templ.Component { return k.page(r, f) })
}

// Words are what a second officer reads of an act, beside its reason.
func Words(p *ui.Page, a dual.Act) ([]ui.Fact, error) {
	var t turn
	if err := json.Unmarshal(a.Body, &t); err != nil {
		return nil, err
	}
	begins := p.T("keys.at_once")
	if t.Cause == Planned {
		begins = p.T("keys.after_hours", "n", t.Hours)
	}
	return []ui.Fact{
		{Term: p.T("keys.cause"), Text: p.T("keys.cause_" + t.Cause)},
		{Term: p.T("keys.algorithm"), Text: t.Algorithm},
		{Term: p.T("keys.begins"), Text: begins},
	}, nil
}

// stateOf a key as a badge shows it.
func stateOf(k keyring.PublicKey) ui.State {
	switch k.State {
	case keyring.Current:
		return ui.Valid
	case keyring.Revoked:
		return ui.Stop
	}
	return ui.Wait
}

// facts of one key.
func facts(p *ui.Page, k keyring.PublicKey) []ui.Fact {
	out := []ui.Fact{{Term: p.T("keys.algorithm"), Text: k.Algorithm}}
	for _, x := range []struct {
		key string
		at  time.Time
	}{{"keys.from", k.From}, {"keys.until", k.Until}, {"keys.revoked", k.Revoked}} {
		if !x.at.IsZero() {
			out = append(out, ui.Fact{Term: p.T(x.key), Text: p.DateTime(x.at)})
		}
	}
	return out
}
