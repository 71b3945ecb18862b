package workresumeweb_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"strings"
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
	"breakwater/internal/web/webtest"
)

// town is a small district with one park, two firms, and the site over it.
type town struct {
	*workresume.Service
	t       *testing.T
	log     *eventlog.Log
	texts   *i18n.Bundle
	site    http.Handler
	as      func(auth.Principal) func(*http.Request)
	park    place.Place
	officer auth.Principal
	hand    *clock.Hand
	people  int
	firms   int
}

var townModules = []storage.Module{eventlog.Module(), once.Module(), party.Module(), place.Module(), statuslist.Module(), casework.Module(), dual.Module(), workresume.Module()}

// inTown runs a test on each engine in a fresh town; a text that is missing in a
// language fails it.
func inTown(t *testing.T, fn func(t *testing.T, w *town)) {
	storagetest.Run(t, townModules, func(t *testing.T, db *storage.DB) {
		w := newTown(t, db)
		fn(t, w)
		if missing := w.texts.Missing(); len(missing) > 0 {
			t.Errorf("texts missing: %v", missing)
		}
	})
}

func newTown(t *testing.T, db *storage.DB) *town {
	t.Helper()
	hand := clock.NewHand(time.Date(2020, 2, 18, 0, 30, 0, 0, time.UTC))
	ring := got(keyring.New())(t)
	w := &town{t: t, hand: hand, texts: got(i18n.Load())(t)}
	w.log = got(eventlog.New(db, ring, hand.Now, "test"))(t)
	var home place.Home
	ok(t, db.Write(t.Context(), func(tx *storage.Tx) (err error) {
		if home, err = place.AddDistrict(tx, place.Home{Place: place.Place{Name: "试验区"}, Zone: "Asia/Shanghai", Languages: []string{"zh-Hans"}}, hand.Now()); err != nil {
			return err
		}
		w.park, err = place.Add(tx, home.ID, place.Park, "东园", hand.Now())
		return err
	}))
	kid, key := ring.Signer(keyring.Credential, hand.Now())
	trust := credential.NewTrust()
	ok(t, trust.AddOwn(kid, &key.PublicKey))
	cases := got(casework.New(casework.Deps{Log: w.log, Ring: ring, Now: hand.Now, Zone: home.Location(), District: home.ID}, workresume.CaseKinds()...))(t)
	w.Service = workresume.New(workresume.Deps{
		Cases: cases, Acts: dual.New(dual.Deps{Log: w.log, Ring: ring, Now: hand.Now}, workresume.ActKinds()...),
		Store: db, Log: w.log, Parties: party.New(ring), Ring: ring, Places: noGates{w}, Uploads: &shelf{files: map[string][]byte{}},
		Signer: signs(func(c credential.Claims) (string, error) { return credential.Sign(key, kid, c) }), Trust: trust,
		Status: statuslist.New(db, func() ([]byte, *ecdsa.PrivateKey) { return kid, key }, hand.Now, func() string { return "https://example.test" }),
		Pack:   got(workresume.Pack())(t), Regimes: got(workresume.Regimes())(t), Promise: got(workresume.PromisePack())(t),
		Clock: hand.Now, District: home.ID, Issuer: home.Name, PublicURL: "https://example.test", Zone: home.Location(),
	})
	w.officer = auth.Principal{ID: "acc_officer", Role: auth.Officer, Scope: auth.District(home.ID)}
	as, who := webtest.Identify()
	w.as = as
	w.site = got(web.New(web.Deps{
		Texts: w.texts, Now: hand.Now, Grants: workresume.Grants, Who: who, Desk: workresumeweb.DeskLinks,
		Routes: workresumeweb.Routes(w.Service, workresumeweb.Deps{Places: parks{w}, Stories: stories{w}, Now: hand.Now, Zone: home.Location()}),
	}))(t)
	return w
}

// caller speaks as a principal, in Chinese unless told otherwise.
func (w *town) caller(p auth.Principal) *webtest.Caller {
	return &webtest.Caller{T: w.t, Site: w.site, As: w.as(p), Lang: "zh-CN"}
}

// register enters a firm and returns its office.
func (w *town) register(t *testing.T) (workresume.Firm, auth.Principal) {
	t.Helper()
	w.firms++
	code := ident.MakeCreditCode(fmt.Sprintf("91990201%09d", w.firms))
	f := got(w.Register(t.Context(), w.officer, workresume.RegisterInput{CreditCode: code, Name: fmt.Sprintf("试验企业 %d", w.firms), Park: w.park.ID}))(t)
	return f, auth.Principal{ID: "acc_" + f.ID, Role: auth.Firm, Name: f.Name, Scope: auth.OfFirm(f.ID)}
}

// open is a firm that filed, uploaded n people and is certified.
func (w *town) open(t *testing.T, n int) (workresume.Firm, auth.Principal) {
	t.Helper()
	f, office := w.register(t)
	got(w.File(t.Context(), office, workresume.FileInput{Firm: f.ID, Filing: workresume.Filing{
		Class: workresume.Priority, Industry: "software", Promise: true, Signatory: "王经理", Declared: int64(n), Masks: int64(n * 5), Thermometers: 2, Disinfectant: 10,
	}}))(t)
	im := got(w.StartImport(t.Context(), office, workresume.ImportInput{Firm: f.ID, Name: "roster.csv", Body: bytes.NewReader(w.roll(n))}))(t)
	w.Await(t.Context(), im.ID, time.Minute)
	f = got(w.Firm(t.Context(), office, f.ID))(t)
	if f.State != workresume.Certified {
		t.Fatalf("state %s: %+v", f.State, f.Decision)
	}
	return f, office
}

// roll is a roster of n new people.
func (w *town) roll(n int) []byte {
	var b bytes.Buffer
	c := csv.NewWriter(&b)
	_ = c.Write([]string{"姓名", "身份证号", "手机号"})
	for range n {
		w.people++
		number := ident.MakeMainlandID("330299", time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, w.people), w.people%999+1)
		_ = c.Write([]string{fmt.Sprintf("李娜%c", '一'+rune(w.people)), number, fmt.Sprintf("1380000%04d", w.people)})
	}
	c.Flush()
	return b.Bytes()
}

// members are the ids of a firm's people.
func (w *town) members(t *testing.T, office auth.Principal) []string {
	t.Helper()
	list, _, err := w.Members(t.Context(), office, office.Scope.ID, workresume.MemberFilter{})
	ok(t, err)
	out := make([]string, len(list))
	for i, m := range list {
		out[i] = m.ID
	}
	return out
}

// form is a multipart form with a file last.
func form(name string, file []byte, fields ...string) (kind string, body io.Reader) {
	const line = "--------------------------bw"
	var b strings.Builder
	for i := 0; i+1 < len(fields); i += 2 {
		fmt.Fprintf(&b, "--%s\r\nContent-Disposition: form-data; name=%q\r\n\r\n%s\r\n", line, fields[i], fields[i+1])
	}
	fmt.Fprintf(&b, "--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=%q\r\nContent-Type: text/csv\r\n\r\n%s\r\n--%s--\r\n", line, name, file, line)
	return "multipart/form-data; boundary=" + line, strings.NewReader(b.String())
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func got[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		ok(t, err)
		return v
	}
}

type signs func(credential.Claims) (string, error)

func (s signs) Sign(c credential.Claims) (string, error) { return s(c) }

type noGates struct{ *town }

func (noGates) Gate(storage.Reader, string) (workresume.Gate, error) {
	return workresume.Gate{}, fault.New(fault.NotFound, "workresume.gate_unknown")
}

func (g noGates) IsPark(_ storage.Reader, id string) (bool, error) { return id == g.park.ID, nil }

type parks struct{ *town }

func (k parks) Parks(context.Context, string) ([]workresumeweb.Park, error) {
	return []workresumeweb.Park{{ID: k.park.ID, Name: k.park.Name}}, nil
}

type stories struct{ *town }

func (s stories) Story(ctx context.Context, stream string, limit int) ([]eventlog.Record, error) {
	return s.log.Stream(ctx, stream, limit)
}

// shelf keeps uploads in memory.
type shelf struct {
	mu    sync.Mutex
	files map[string][]byte
}

func (s *shelf) Put(id string, r io.Reader) (int64, error) {
	b, err := io.ReadAll(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[id] = b
	return int64(len(b)), err
}

func (s *shelf) Open(id string) (workresume.Upload, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, found := s.files[id]
	if !found {
		return nil, fault.New(fault.NotFound, "workresume.upload_gone")
	}
	return kept{bytes.NewReader(b)}, nil
}

func (s *shelf) Drop(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.files, id)
}

type kept struct{ *bytes.Reader }

func (kept) Close() error { return nil }
