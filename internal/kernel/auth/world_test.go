package auth

import (
	"context"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/party"
	"breakwater/internal/keyring"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

// world is a small district: two parks, a firm in each, and people.
type world struct {
	*Service
	db    *storage.DB
	hand  *clock.Hand
	facts *facts
	deps  Deps
}

const (
	district = "pla_district"
	park1    = "pla_park1"
	park2    = "pla_park2"
	good     = "tide-and-harbour-9"
)

// code1 is a firm's the district knows, code2 one it does not.
var code1, code2 = ident.MakeCreditCode("91330201MA2AEXQ13"), ident.MakeCreditCode("91330201MA2AEXQ14")

// cheap keeps these tests quick: what they prove does not depend on the cost.
var cheap = cost{memory: 64, time: 1, lanes: 1}

var start = time.Date(2020, 2, 10, 8, 0, 0, 0, time.UTC)

func onBoth(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	storagetest.Run(t, []storage.Module{Module(), party.Module()}, func(t *testing.T, db *storage.DB) {
		ring, err := keyring.New()
		if err != nil {
			t.Fatal(err)
		}
		w := &world{db: db, hand: clock.NewHand(start), facts: &facts{}}
		w.deps = Deps{
			DB: db, Ring: ring, Log: w.facts, Names: party.New(ring), Now: w.hand.Now,
			Firms: firms{}, Residents: residents{}, Scopes: tree{}, Seats: seats{},
		}
		w.Service = New(w.deps)
		w.passwords = newHasher(hashesAtOnce, hashQueue, cheap)
		fn(t, w)
	})
}

// facts keeps the names of what was recorded and committed.
type facts struct {
	mu   sync.Mutex
	list []eventlog.Fact
}

func (f *facts) Append(tx *storage.Tx, fact eventlog.Fact) (string, error) {
	tx.OnCommit(func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.list = append(f.list, fact)
	})
	return "fct_test", nil
}

// names returns the facts since the last call, "auth." cut off.
func (f *facts) names() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var s []string
	for _, fact := range f.list {
		s = append(s, strings.TrimPrefix(fact.Name, "auth."))
	}
	f.list = nil
	return strings.Join(s, " ")
}

type firms struct{}

func (firms) ByCode(_ context.Context, code string) (FirmFile, bool, error) {
	if code == code1 {
		return FirmFile{"fir_1", "Harbour Tools"}, true, nil
	}
	return FirmFile{}, false, nil
}

func (firms) IsPark(_ context.Context, id string) (bool, error) {
	return id == park1 || id == park2, nil
}

func (firms) Register(_ *storage.Tx, code, name, park string, _ time.Time) (FirmFile, error) {
	if park != "" {
		name += " in " + park
	}
	if code == code1 {
		return FirmFile{"fir_1", "Harbour Tools"}, nil
	}
	return FirmFile{"fir_new", name}, nil
}

type residents struct{}

func (residents) ByPhone(_ context.Context, phone string) ([]Candidate, error) {
	switch phone {
	case "13800001234": // a family of two
		return []Candidate{{"per_1", "33020319900101123X", Worker}, {"per_2", "330203201501015678", Worker}}, nil
	case "13800009999": // two who cannot be told apart
		return []Candidate{{"per_3", "330203199001014444", Worker}, {"per_4", "330204199001014444", Worker}}, nil
	case "13800005555":
		return []Candidate{{"per_5", "E1234", Worker}}, nil
	case "13800007777": // on no roster
		return []Candidate{{"per_7", "330203199001017777", Resident}}, nil
	}
	return nil, nil
}

type tree struct{}

func (tree) Chain(_ context.Context, s Scope) ([]Scope, error) {
	up := map[Scope]Scope{
		OfFirm("fir_1"): Park(park1), OfFirm("fir_2"): Park(park2), Gate("pla_gate1"): OfFirm("fir_1"),
		Person("per_1"): OfFirm("fir_1"), Park(park1): District(district), Park(park2): District(district), OfFirm("fir_new"): District(district),
	}
	chain := []Scope{s}
	for next, ok := up[s]; ok; next, ok = up[next] {
		chain = append(chain, next)
	}
	return chain, nil
}

type seats struct{}

func (seats) Seats(_ context.Context, role Role, at Scope, n int) ([]Seat, error) {
	all := map[Role][]Seat{
		Worker: {{Worker, Person("per_1"), "per_1", ""}, {Worker, Person("per_2"), "per_2", ""}, {Worker, Person("per_3"), "per_3", ""}},
		Firm:   {{Firm, OfFirm("fir_1"), "", "Harbour Tools"}, {Firm, OfFirm("fir_2"), "", "Pier Works"}},
	}[role]
	return all[:min(n, len(all))], nil
}

func client(addr string) Client {
	return Client{Addr: netip.MustParseAddr(addr), Device: "Chrome on Windows"}
}

var here = client("203.0.113.7")

func wantCode(t *testing.T, err error, kind fault.Kind, code string) *fault.Error {
	t.Helper()
	f := fault.As(err)
	if f == nil {
		t.Fatalf("no fault, want %s %s", kind, code)
	}
	if f.Kind != kind || f.Code != code {
		t.Fatalf("fault %v, want %s %s", err, kind, code)
	}
	return f
}

func (w *world) add(t *testing.T, login string, role Role, at Scope) Account {
	t.Helper()
	a, err := w.AddAccount(t.Context(), Operator(), NewAccount{Login: login, Name: "Name of " + login, Role: role, Scope: at, Password: good})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (w *world) in(t *testing.T, login, password string) Session {
	t.Helper()
	b, err := w.SignIn(t.Context(), login, password, here)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
