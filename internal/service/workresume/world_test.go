package workresume_test

import (
	"bytes"
	"crypto/ecdsa"
	"encoding/csv"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
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
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

// world is a small district: one park with a gate, and a second park.
type world struct {
	*workresume.Service
	t       testing.TB
	db      *storage.DB
	files   *memory
	log     *eventlog.Log
	hand    *clock.Hand
	park    place.Place
	other   place.Place
	gate    place.Place
	officer auth.Principal
	second  auth.Principal
	guard   auth.Principal
	firms   int
	people  int
}

var modules = []storage.Module{eventlog.Module(), once.Module(), party.Module(), place.Module(), statuslist.Module(), casework.Module(), dual.Module(), workresume.Module()}

// both runs a test on each engine in a fresh world.
func both(t *testing.T, fn func(t *testing.T, w *world)) {
	storagetest.Run(t, modules, func(t *testing.T, db *storage.DB) { fn(t, newWorld(t, db)) })
}

func newWorld(t testing.TB, db *storage.DB) *world {
	t.Helper()
	w := &world{t: t, db: db, files: &memory{files: map[string][]byte{}}, hand: clock.NewHand(time.Date(2020, 2, 18, 0, 30, 0, 0, time.UTC))}
	ring, err := keyring.New()
	must(t, err)
	w.log, err = eventlog.New(db, ring, w.hand.Now, "test")
	must(t, err)
	var home place.Home
	must(t, db.Write(t.Context(), func(tx *storage.Tx) (err error) {
		now := w.hand.Now()
		if home, err = place.AddDistrict(tx, place.Home{Place: place.Place{Name: "试验区"}, Zone: "Asia/Shanghai", Languages: []string{"zh-Hans"}}, now); err != nil {
			return err
		}
		if w.park, err = place.Add(tx, home.ID, place.Park, "东园", now); err != nil {
			return err
		}
		if w.other, err = place.Add(tx, home.ID, place.Park, "西园", now); err != nil {
			return err
		}
		w.gate, err = place.Add(tx, w.park.ID, place.Gate, "1 号门", now)
		return err
	}))
	pack, err := workresume.Pack()
	must(t, err)
	promise, err := workresume.PromisePack()
	must(t, err)
	regimes, err := workresume.Regimes()
	must(t, err)
	kid, key := ring.Signer(keyring.Credential, w.hand.Now())
	trust := credential.NewTrust()
	must(t, trust.AddOwn(kid, &key.PublicKey))
	cases, err := casework.New(casework.Deps{Log: w.log, Ring: ring, Now: w.hand.Now, Zone: home.Location(), District: home.ID}, workresume.CaseKinds()...)
	must(t, err)
	w.Service = workresume.New(workresume.Deps{
		Cases: cases, Acts: dual.New(dual.Deps{Log: w.log, Ring: ring, Now: w.hand.Now}, workresume.ActKinds()...),
		Store: db, Log: w.log, Parties: party.New(ring), Ring: ring, Places: gates{w}, Uploads: w.files,
		Signer: sign(func(c credential.Claims) (string, error) { return credential.Sign(key, kid, c) }), Trust: trust,
		Status: statuslist.New(db, func() ([]byte, *ecdsa.PrivateKey) { return kid, key }, w.hand.Now, func() string { return "https://example.test" }),
		Pack:   pack, Regimes: regimes, Promise: promise,
		Clock: w.hand.Now, District: home.ID, Issuer: home.Name, PublicURL: "https://example.test", Zone: home.Location(),
	})
	w.officer = auth.Principal{ID: "acc_officer", Role: auth.Officer, Scope: auth.District(home.ID)}
	w.second = auth.Principal{ID: "acc_second", Role: auth.SecondOfficer, Scope: auth.District(home.ID)}
	w.guard = auth.Principal{ID: "acc_guard", Role: auth.Guard, Scope: auth.Gate(w.gate.ID)}
	return w
}

// firm registers a firm in a park and returns it with its office.
func (w *world) firm(park place.Place) (workresume.Firm, auth.Principal) {
	w.t.Helper()
	w.firms++
	code := ident.MakeCreditCode(fmt.Sprintf("91990201%09d", w.firms))
	f, err := w.Register(w.t.Context(), w.officer, workresume.RegisterInput{CreditCode: code, Name: fmt.Sprintf("试验企业 %d", w.firms), Park: park.ID})
	must(w.t, err)
	return f, auth.Principal{ID: "acc_" + f.ID, Role: auth.Firm, Scope: auth.OfFirm(f.ID)}
}

func goodFiling(declared int64) workresume.Filing {
	return workresume.Filing{
		Class: workresume.Priority, Industry: "software", Promise: true, Signatory: "王经理", Declared: declared,
		Masks: declared * 5, Thermometers: 2, Disinfectant: 10,
	}
}

// certified is a firm that filed, begins today and uploaded n people.
func (w *world) certified(park place.Place, n int) (workresume.Firm, auth.Principal) {
	w.t.Helper()
	f, office := w.firm(park)
	_, err := w.File(w.t.Context(), office, workresume.FileInput{Firm: f.ID, Filing: goodFiling(int64(n))})
	must(w.t, err)
	must(w.t, w.Begin(w.t.Context(), f.ID))
	w.upload(office, f.ID, roll(w.make(n)...))
	f, err = w.Firm(w.t.Context(), office, f.ID)
	must(w.t, err)
	if f.State != workresume.Certified {
		w.t.Fatalf("state %s: %+v", f.State, f.Decision)
	}
	return f, office
}

type worker struct{ name, number, phone string }

func (w *world) make(n int) []worker {
	out := make([]worker, n)
	for i := range out {
		w.people++
		number := ident.MakeMainlandID("330299", time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, w.people), w.people%999+1)
		out[i] = worker{fmt.Sprintf("李娜%c", '一'+rune(w.people)), number, fmt.Sprintf("1380000%04d", w.people)}
	}
	return out
}

func roll(people ...worker) []byte {
	var b bytes.Buffer
	c := csv.NewWriter(&b)
	_ = c.Write([]string{"姓名", "身份证号", "手机号"})
	for _, p := range people {
		_ = c.Write([]string{p.name, p.number, p.phone})
	}
	c.Flush()
	return b.Bytes()
}

func (w *world) upload(by auth.Principal, firm string, file []byte) workresume.Import {
	w.t.Helper()
	im, err := w.StartImport(w.t.Context(), by, workresume.ImportInput{Firm: firm, Name: "roster.csv", Body: bytes.NewReader(file)})
	must(w.t, err)
	w.Await(w.t.Context(), im.ID, time.Minute)
	im, err = w.Import(w.t.Context(), by, im.ID)
	must(w.t, err)
	if im.State == workresume.ImportRunning {
		w.t.Fatal("import still running")
	}
	return im
}

// workerOf is the principal of the firm's nth member.
func (w *world) workerOf(office auth.Principal, n int) auth.Principal {
	w.t.Helper()
	list, _, err := w.Members(w.t.Context(), office, office.Scope.ID, workresume.MemberFilter{})
	must(w.t, err)
	id := list[n].ID
	return auth.Principal{ID: "acc_" + id, Role: auth.Worker, Person: id, Scope: auth.Person(id)}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, err error, code string) {
	t.Helper()
	if !fault.Is(err, code) {
		t.Fatalf("error %v, want %s", err, code)
	}
}

type sign func(credential.Claims) (string, error)

func (s sign) Sign(c credential.Claims) (string, error) { return s(c) }

type gates struct{ *world }

func (g gates) Gate(r storage.Reader, id string) (workresume.Gate, error) {
	p, err := place.Get(r, id)
	if err != nil {
		return workresume.Gate{}, fault.New(fault.NotFound, "workresume.gate_unknown")
	}
	return workresume.Gate{ID: p.ID, Name: p.Name, Place: p.Parent, Park: p.Parent}, nil
}

func (g gates) IsPark(r storage.Reader, id string) (bool, error) {
	p, err := place.Get(r, id)
	if fault.Is(err, "place.unknown") {
		return false, nil
	}
	return p.Kind == place.Park, err
}

type memory struct {
	mu      sync.Mutex
	files   map[string][]byte
	opening func() // told when a file is about to be read
}

func (m *memory) Put(id string, r io.Reader) (int64, error) {
	b, err := io.ReadAll(r)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.files[id] = b
	return int64(len(b)), err
}

func (m *memory) Open(id string) (workresume.Upload, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.opening != nil {
		m.opening()
	}
	b, ok := m.files[id]
	if !ok {
		return nil, fault.New(fault.NotFound, "workresume.upload_gone")
	}
	return opened{bytes.NewReader(b)}, nil
}

func (m *memory) watch(opening func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.opening = opening
}

func (m *memory) Drop(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.files, id)
}

type opened struct{ *bytes.Reader }

func (opened) Close() error { return nil }

func key(s string) once.Key { return once.Key{Principal: "p", Operation: "o", Key: s} }

const waitMost = time.Minute

// valid completes a credit code.
func valid(body string) string { return ident.MakeCreditCode(body) }
