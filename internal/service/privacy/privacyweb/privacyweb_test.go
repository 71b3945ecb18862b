package privacyweb_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/i18n"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/party"
	"breakwater/internal/keyring"
	"breakwater/internal/service/privacy"
	"breakwater/internal/service/privacy/privacyweb"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
	"breakwater/internal/web"
	"breakwater/internal/web/api"
	"breakwater/internal/web/webtest"
)

// world is the pages and the API over the real service, with one resident.
type world struct {
	*privacy.Service
	t                 *testing.T
	db                *storage.DB
	log               *eventlog.Log
	people            *party.Store
	texts             *i18n.Bundle
	site              *web.Site
	as                func(auth.Principal) func(*http.Request)
	resident, officer auth.Principal
}

type actors struct{}

func (actors) Actor(context.Context, string) (auth.Role, string, error) {
	return auth.Officer, "Haiwan", nil
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func both(t *testing.T, fn func(w *world)) {
	t.Helper()
	storagetest.Run(t, []storage.Module{eventlog.Module(), once.Module(), party.Module(), privacy.Module()}, func(t *testing.T, db *storage.DB) {
		w := &world{t: t, db: db}
		hand := clock.NewHand(time.Date(2020, 3, 20, 1, 0, 0, 0, time.UTC))
		ring, err := keyring.New()
		must(t, err)
		w.log, err = eventlog.New(db, ring, hand.Now, "test.example/log")
		must(t, err)
		w.people = party.New(ring)
		var person string
		must(t, db.Write(t.Context(), func(tx *storage.Tx) (err error) {
			person, _, err = w.people.Ensure(tx, party.Person{Name: "李小娜", IDKind: ident.KindPassport, IDNumber: "AB1234567", Phone: "13800001234"}, hand.Now())
			return err
		}))
		w.Service = privacy.New(privacy.Deps{Store: db, Log: w.log, Parties: w.people, Ring: ring, Clock: hand.Now, District: "pla_d", Actors: actors{}, Tellers: []privacy.Teller{shelf{}}})
		w.resident = auth.Principal{ID: "acc_r", Role: auth.Resident, Person: person, Scope: auth.Person(person)}
		w.officer = auth.Principal{ID: "acc_o", Role: auth.Officer, Scope: auth.District("pla_d")}
		w.texts, err = i18n.Load()
		must(t, err)
		door := api.New(api.Deps{Texts: w.texts, Version: "test", Store: db, Log: w.log, Now: hand.Now, District: "pla_d"})
		privacyweb.RegisterAPI(door, w.Service)
		programs, err := door.Routes()
		must(t, err)
		as, who := webtest.Identify()
		w.as = as
		w.site, err = web.New(web.Deps{Texts: w.texts, Now: hand.Now, Routes: append(privacyweb.Routes(w.Service), programs...), Grants: web.Merge(privacy.Grants, api.Permits()), Who: who})
		must(t, err)
		fn(w)
		if missing := w.texts.Missing(); len(missing) > 0 {
			t.Errorf("texts missing: %v", missing)
		}
	})
}

func (w *world) by(p auth.Principal, lang string) *webtest.Caller {
	return &webtest.Caller{T: w.t, Site: w.site, As: w.as(p), Lang: lang}
}

// shelf keeps one voucher of everybody's.
type shelf struct{}

func (shelf) Tell(_ storage.Reader, _, lang string) ([]party.Told, error) {
	at := time.Date(2020, 2, 12, 1, 0, 0, 0, time.UTC)
	return []party.Told{{What: "ration.told_allotment", At: at, Values: []party.ToldValue{{Name: "ration.told_campaign", Text: "masks " + lang}, {Name: "ration.told_state", Say: "ration.told_collected"}}}}, nil
}

// What is kept about one stands on one's own page, and goes along as a file; nobody
// else's page or program has it.
func TestOwnData(t *testing.T) {
	both(t, func(w *world) {
		me := w.by(w.resident, "en")
		page := me.Get("/me/data").Want(t, 200, "A share of rationed supplies", "masks en", "Handed over", "12 Feb")
		if strings.Contains(page.Body, "AB1234567") {
			t.Error("the page shows the number, to whoever looks over a shoulder")
		}
		w.by(w.resident, "zh-Hans").Get("/me/data").Want(t, 200, "限量供应的一笔预约", "已领取")
		_, err := w.people.Reveal(t.Context(), w.Store, w.log, w.officer.ID, w.resident.Person, "核对电话号码")
		must(t, err)
		file := me.Get("/me/data/file").Want(t, 200, "李小娜", "AB1234567", "13800001234", `"ration.told_collected"`, "privacy.told_look", "核对电话号码")
		if d := file.Header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment") {
			t.Error(d)
		}
		me.JSON("GET", "/api/v1/me/data", "", struct{}{}).Want(t, 200, "AB1234567", "ration.told_allotment")
		w.by(w.officer, "en").JSON("GET", "/api/v1/me/data", "", struct{}{}).Want(t, 403)
	})
}

// A correction is asked on a page, settled on another, and read again on the first;
// what was typed wrongly comes back.
func TestCorrectionByForm(t *testing.T) {
	both(t, func(w *world) {
		me, desk := w.by(w.resident, "en"), w.by(w.officer, "en")
		me.Form("/me/data/correct", "field", "phone", "wish", "").Want(t, 422, "Write what it should say")
		me.Form("/me/data/correct", "field", "shoe_size", "wish", "44").Want(t, 422, "Choose which detail is wrong", `value="44"`)
		me.Form("/me/data/correct", "field", "phone", "wish", "139 0000 1234").Want(t, 303)
		me.Get("/me/data").Want(t, 200, "Your request was received", "Correction: Phone", "Waiting")
		me.Form("/me/data/correct", "field", "phone", "wish", "13911112222").Want(t, 409, "asked for this already", `value="13911112222"`)

		list := desk.Get("/desk/privacy").Want(t, 200, "李*娜")
		if strings.Contains(list.Body, "李小娜") || strings.Contains(list.Body, "AB1234567") {
			t.Error("the list shows somebody open")
		}
		_, at, _ := strings.Cut(list.Body, `href="/desk/privacy/`)
		at, _, _ = strings.Cut(at, `"`)
		desk.Get("/desk/privacy/"+at).Want(t, 200, "139 0000 1234", "李*娜")
		desk.Form("/desk/privacy/"+at, "act", "grant", "reason", "").Want(t, 422, "李*娜")
		desk.Form("/desk/privacy/"+at, "act", "perhaps", "reason", "called back").Want(t, 422, "called back")
		desk.Form("/desk/privacy/"+at, "act", "grant", "reason", "called back").Want(t, 303)
		desk.Get("/desk/privacy").Want(t, 200, "No request is waiting")
		desk.Form("/desk/privacy/"+at, "act", "refuse", "reason", "called back").Want(t, 409)
		desk.Get("/desk/privacy/prq_nothing").Want(t, 404)
		me.Get("/me/data").Want(t, 200, "Done", "called back")
	})
}

// The same by JSON: once, masked, and for nobody else.
func TestByJSON(t *testing.T) {
	both(t, func(w *world) {
		me, desk := w.by(w.resident, "en"), w.by(w.officer, "en")
		_, err := w.people.Reveal(t.Context(), w.db, w.log, "acc_o", w.resident.Person, "to call about a check")
		must(t, err)
		me.JSON("GET", "/api/v1/me/looks", "", struct{}{}).Want(t, 200, `"reason":"to call about a check"`, `"place":"Haiwan"`)
		asked := map[string]string{"why": "I moved away"}
		var first, again, settled privacy.Request
		me.JSON("POST", "/api/v1/me/erasure", "k1", asked).Want(t, 200, `"state":"waiting"`).Decode(t, &first)
		me.JSON("POST", "/api/v1/me/erasure", "k1", asked).Want(t, 200).Decode(t, &again)
		if first.ID == "" || first.ID != again.ID {
			t.Errorf("%s and %s", first.ID, again.ID)
		}
		me.JSON("POST", "/api/v1/me/corrections", "k2", map[string]string{"field": "id_number", "wish": "x"}).Want(t, 422, "privacy.field")
		me.JSON("GET", "/api/v1/me/requests", "", struct{}{}).Want(t, 200, `"wish":"I moved away"`)
		list := desk.JSON("GET", "/api/v1/privacy/requests", "", struct{}{}).Want(t, 200, first.ID, "李*娜")
		if strings.Contains(list.Body, "李小娜") {
			t.Error("the list shows somebody open")
		}
		settle := "/api/v1/privacy/requests/" + first.ID + "/settle"
		me.JSON("POST", settle, "k3", map[string]string{"act": "grant", "reason": "made sure by phone"}).Want(t, 403)
		desk.JSON("POST", settle, "k4", map[string]string{"act": "yes", "reason": "made sure by phone"}).Want(t, 422, "privacy.act")
		desk.JSON("POST", settle, "k5", map[string]string{"act": "grant", "reason": "made sure by phone"}).Want(t, 200).Decode(t, &settled)
		if settled.State != privacy.Granted {
			t.Errorf("%+v", settled)
		}
		if err := w.db.Read(t.Context(), func(r storage.Reader) error { _, err := w.people.Get(r, w.resident.Person); return err }); err == nil {
			t.Error("nobody was erased")
		}
		park := w.officer
		park.Scope = auth.Park("pla_p")
		w.by(park, "en").JSON("GET", "/api/v1/privacy/requests", "", struct{}{}).Want(t, 403)
	})
}

// Every page in both languages.
func TestPages(t *testing.T) {
	both(t, func(w *world) {
		for _, c := range []struct {
			by           auth.Principal
			path, en, zh string
		}{
			{w.resident, "/privacy", "Your details here", "您的信息"},
			{w.resident, "/me/seen", "Nobody has opened your details", "查看"},
			{w.resident, "/me/data", "Have a detail corrected", "更正"},
			{w.officer, "/desk/privacy", "No request is waiting", "申请"},
		} {
			w.by(c.by, "en").Get(c.path).Want(t, 200, c.en)
			w.by(c.by, "zh-Hans").Get(c.path).Want(t, 200, c.zh, `lang="zh-Hans"`)
		}
	})
}

// Nobody, the wrong role, another site, text without end.
func TestEveryRoute(t *testing.T) {
	both(t, func(w *world) {
		webtest.Sweep{
			Site: w.site, Routes: w.site.Routes, Grants: w.site.Grants,
			As: func(r *http.Request, role auth.Role) {
				p := w.officer
				if p.ID, p.Role = "acc_"+string(role), role; role.Personal() {
					p.Person, p.Scope = w.resident.Person, w.resident.Scope
				}
				w.as(p)(r)
			},
		}.Run(w.t)
	})
}
