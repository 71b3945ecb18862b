package workresumeweb_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/i18n"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/credential"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/party"
	"breakwater/internal/kernel/place"
	"breakwater/internal/kernel/statuslist"
	"breakwater/internal/keyring"
	"breakwater/internal/service/workresume"
	"breakwater/internal/service/workresume/workresumeweb"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
	"breakwater/internal/web"
	"breakwater/internal/web/api"
	"breakwater/internal/web/webtest"
)

// apiWorld is a small district behind its API: a park with a gate, another park
// with one, and as many firms as a test asks for.
type apiWorld struct {
	*workresume.Service
	t             *testing.T
	log           *eventlog.Log
	key           string // the log's public key
	site          *web.Site
	routes        web.Routes
	grants        auth.Grants
	as            func(auth.Principal) func(*http.Request)
	park, other   place.Place
	gate, far     place.Place
	officer       auth.Principal // of the district
	distant       auth.Principal // officer of the other park
	guard, remote auth.Principal // at gate, at far
	auditor       auth.Principal
	firms, people int
}

func newAPIWorld(t *testing.T) *apiWorld {
	t.Helper()
	db := storagetest.Open(t, storage.SQLite, eventlog.Module(), once.Module(), party.Module(), place.Module(), statuslist.Module(), casework.Module(), dual.Module(), workresume.Module())
	w := &apiWorld{t: t}
	hand := clock.NewHand(time.Date(2020, 2, 18, 0, 30, 0, 0, time.UTC))
	ring, err := keyring.New()
	apiMust(t, err)
	w.log, err = eventlog.New(db, ring, hand.Now, "test")
	apiMust(t, err)
	var home place.Home
	apiMust(t, db.Write(t.Context(), func(tx *storage.Tx) (err error) {
		if home, err = place.AddDistrict(tx, place.Home{Place: place.Place{Name: "试验区"}, Zone: "Asia/Shanghai", Languages: []string{"zh-Hans"}}, hand.Now()); err != nil {
			return err
		}
		for _, p := range []struct {
			into   *place.Place
			parent *string
			kind   place.Kind
			name   string
		}{
			{&w.park, &home.ID, place.Park, "东园"},
			{&w.other, &home.ID, place.Park, "西园"},
			{&w.gate, &w.park.ID, place.Gate, "1 号门"},
			{&w.far, &w.other.ID, place.Gate, "2 号门"},
		} {
			if *p.into, err = place.Add(tx, *p.parent, p.kind, p.name, hand.Now()); err != nil {
				return err
			}
		}
		return nil
	}))
	pack, err := workresume.Pack()
	apiMust(t, err)
	regimes, err := workresume.Regimes()
	apiMust(t, err)
	kid, key := ring.Signer(keyring.Credential, hand.Now())
	trust := credential.NewTrust()
	apiMust(t, trust.AddOwn(kid, &key.PublicKey))
	cases, err := casework.New(casework.Deps{Log: w.log, Ring: ring, Now: hand.Now, Zone: home.Location(), District: home.ID}, workresume.CaseKinds()...)
	apiMust(t, err)
	w.Service = workresume.New(workresume.Deps{
		Cases: cases, Acts: dual.New(dual.Deps{Log: w.log, Ring: ring, Now: hand.Now}, workresume.ActKinds()...), Staff: apiStaff{home.ID},
		Store: db, Log: w.log, Parties: party.New(ring), Ring: ring, Places: apiGates{}, Uploads: &apiFiles{files: map[string][]byte{}},
		Signer: apiSigner(func(c credential.Claims) (string, error) { return credential.Sign(key, kid, c) }), Trust: trust,
		Status: statuslist.New(db, func() ([]byte, *ecdsa.PrivateKey) { return kid, key }, hand.Now, func() string { return "https://example.test" }),
		Pack:   pack, Regimes: regimes,
		Clock: hand.Now, District: home.ID, Issuer: home.Name, PublicURL: "https://example.test", Zone: home.Location(),
	})
	texts, err := i18n.Load()
	apiMust(t, err)
	w.key = ring.LogVerifierKey(w.log.Origin())
	door := api.New(api.Deps{Texts: texts, Version: "test", Store: db, Log: w.log, LogKey: w.key, Trust: trust, Status: w.Status, Now: hand.Now, District: home.ID})
	workresumeweb.RegisterAPI(door, w.Service)
	w.routes, err = door.Routes()
	apiMust(t, err)
	as, who := webtest.Identify()
	w.as, w.grants = as, web.Merge(workresume.Grants, api.Permits())
	w.site, err = web.New(web.Deps{Texts: texts, Now: hand.Now, Routes: w.routes, Grants: w.grants, Who: who})
	apiMust(t, err)
	w.officer = auth.Principal{ID: "acc_officer", Role: auth.Officer, Scope: auth.District(home.ID)}
	w.distant = auth.Principal{ID: "acc_distant", Role: auth.Officer, Scope: auth.Park(w.other.ID)}
	w.guard = auth.Principal{ID: "acc_guard", Role: auth.Guard, Scope: auth.Gate(w.gate.ID)}
	w.remote = auth.Principal{ID: "acc_remote", Role: auth.Guard, Scope: auth.Gate(w.far.ID)}
	w.auditor = auth.Principal{ID: "acc_auditor", Role: auth.Auditor, Scope: auth.District(home.ID)}
	return w
}

// by is a caller; the zero principal is nobody.
func (w *apiWorld) by(p auth.Principal) *webtest.Caller {
	c := &webtest.Caller{T: w.t, Site: w.site}
	if !p.Zero() {
		c.As = w.as(p)
	}
	return c
}

// get asks as a program does.
func (w *apiWorld) get(p auth.Principal, path string) webtest.Answer {
	w.t.Helper()
	return w.by(p).Send(http.MethodGet, path, "", nil, "Accept", "application/json")
}

// firm registers a firm in a park and returns it with its office.
func (w *apiWorld) firm(park place.Place) (workresume.Firm, auth.Principal) {
	w.t.Helper()
	w.firms++
	f, err := w.Register(w.t.Context(), w.officer, workresume.RegisterInput{CreditCode: apiCredit(w.firms), Name: fmt.Sprintf("试验企业 %d", w.firms), Park: park.ID})
	apiMust(w.t, err)
	return f, auth.Principal{ID: "acc_" + f.ID, Role: auth.Firm, Scope: auth.OfFirm(f.ID)}
}

func apiCredit(n int) string { return ident.MakeCreditCode(fmt.Sprintf("91990201%09d", n)) }

// apiStaff has one colleague, an officer of the whole district.
type apiStaff struct{ district string }

const apiColleague = "acc_colleague"

func (s apiStaff) Colleagues(context.Context) ([]auth.Principal, error) {
	return []auth.Principal{{ID: apiColleague, Role: auth.Officer, Name: "审核员 9 号", Scope: auth.District(s.district)}}, nil
}

func apiFiling(declared int) map[string]any {
	return map[string]any{
		"class": "priority", "industry": "software", "promise": true, "signatory": "王经理", "declared_headcount": declared,
		"masks": declared * 5, "thermometers": 2, "disinfectant_litres": 10,
	}
}

// certified is a firm that filed and uploaded n people, with the file.
func (w *apiWorld) certified(n int) (workresume.Firm, auth.Principal, []byte) {
	w.t.Helper()
	f, office := w.firm(w.park)
	file := w.roll(n)
	w.by(office).JSON(http.MethodPost, "/api/v1/firms/"+f.ID+"/filing", "", apiFiling(n)).Want(w.t, 200)
	w.upload(office, "/api/v1/firms/"+f.ID+"/imports?name=r.csv", "", file).Want(w.t, 200)
	f, err := w.Firm(w.t.Context(), office, f.ID)
	apiMust(w.t, err)
	if f.State != workresume.Certified {
		w.t.Fatalf("state %s: %+v", f.State, f.Decision)
	}
	return f, office, file
}

// worker is the principal of the firm's nth member.
func (w *apiWorld) worker(office auth.Principal, n int) auth.Principal {
	w.t.Helper()
	list, _, err := w.Members(w.t.Context(), office, office.Scope.ID, workresume.MemberFilter{})
	apiMust(w.t, err)
	return auth.Principal{ID: "acc_" + list[n].ID, Role: auth.Worker, Person: list[n].ID, Scope: auth.Person(list[n].ID)}
}

func (w *apiWorld) upload(p auth.Principal, path, key string, file []byte) webtest.Answer {
	w.t.Helper()
	return w.by(p).Send(http.MethodPost, path, "application/octet-stream", bytes.NewReader(file), "Idempotency-Key", key)
}

// roll is a roster of n new people.
func (w *apiWorld) roll(n int) []byte {
	var b bytes.Buffer
	c := csv.NewWriter(&b)
	_ = c.Write([]string{"姓名", "身份证号", "手机号"})
	for range n {
		w.people++
		_ = c.Write([]string{
			fmt.Sprintf("李娜%c", '一'+rune(w.people)), ident.MakeMainlandID("330299", time.Date(1980, 1, w.people, 0, 0, 0, 0, time.UTC), w.people%999+1),
			fmt.Sprintf("1380000%04d", w.people),
		})
	}
	c.Flush()
	return b.Bytes()
}

func apiMust(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

type apiSigner func(credential.Claims) (string, error)

func (s apiSigner) Sign(c credential.Claims) (string, error) { return s(c) }

type apiGates struct{}

func (apiGates) Gate(r storage.Reader, id string) (workresume.Gate, error) {
	p, err := place.Get(r, id)
	if err != nil || p.Kind != place.Gate {
		return workresume.Gate{}, fault.New(fault.NotFound, "workresume.gate_unknown")
	}
	return workresume.Gate{ID: p.ID, Name: p.Name, Place: p.Parent, Park: p.Parent}, nil
}

func (apiGates) IsPark(r storage.Reader, id string) (bool, error) {
	p, err := place.Get(r, id)
	if fault.Is(err, "place.unknown") {
		return false, nil
	}
	return p.Kind == place.Park, err
}

// apiFiles keeps uploads in memory.
type apiFiles struct {
	mu    sync.Mutex
	files map[string][]byte
}

func (m *apiFiles) Put(id string, r io.Reader) (int64, error) {
	b, err := io.ReadAll(r)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.files[id] = b
	return int64(len(b)), err
}

func (m *apiFiles) Open(id string) (workresume.Upload, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, ok := m.files[id]
	if !ok {
		return nil, fault.New(fault.NotFound, "workresume.upload_gone")
	}
	return apiOpened{bytes.NewReader(b)}, nil
}

func (m *apiFiles) Drop(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.files, id)
}

type apiOpened struct{ *bytes.Reader }

func (apiOpened) Close() error { return nil }
