package dual_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/once"
	"breakwater/internal/keyring"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

const (
	mayRestrict auth.Permission = "test.restrict"
	kind        string          = "test.restrict"
)

var (
	start = time.Date(2020, 2, 18, 1, 0, 0, 0, time.UTC)
	chain = []auth.Scope{auth.Person("per_1"), auth.Park("pla_1"), auth.District("pla_d")}

	wang  = principal("acc_wang", "per_wang", "王")
	li    = principal("acc_li", "per_li", "李")
	guard = auth.Principal{ID: "acc_guard", Role: auth.Guard, Scope: auth.Gate("pla_g")}
)

func principal(id, person, name string) auth.Principal {
	return auth.Principal{ID: id, Role: auth.Officer, Person: person, Name: name, Scope: auth.District("pla_d")}
}

// world is a store of acts and a table in which an act leaves its effect.
type world struct {
	*dual.Store
	t     *testing.T
	db    *storage.DB
	hand  *clock.Hand
	facts *facts
}

var effects = storage.Module{Name: "effect", Files: effectFiles}

func both(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	storagetest.Run(t, []storage.Module{once.Module(), dual.Module(), effects}, func(t *testing.T, db *storage.DB) {
		ring, err := keyring.New()
		if err != nil {
			t.Fatal(err)
		}
		w := &world{t: t, db: db, hand: clock.NewHand(start), facts: &facts{}}
		w.Store = dual.New(dual.Deps{Log: w.facts, Ring: ring, Now: w.hand.Now},
			dual.Kind{Name: kind, May: mayRestrict, Grants: auth.Grants{mayRestrict: {auth.Officer, auth.SecondOfficer}}})
		fn(t, w)
	})
}

type facts struct {
	mu   sync.Mutex
	list []string
}

func (f *facts) Append(tx *storage.Tx, fact eventlog.Fact) (string, error) {
	text, err := json.Marshal(fact.Body)
	if err != nil {
		return "", err
	}
	tx.OnCommit(func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.list = append(f.list, fmt.Sprintf("%s by %s, sealed for %q: %s", strings.TrimPrefix(fact.Name, "dual."), fact.Actor, fact.Subject, text))
	})
	return "fct_1", nil
}

func (f *facts) all() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.list...)
}

func proposal(subject string) dual.Proposal {
	return dual.Proposal{Kind: kind, Subject: subject, Person: "per_1", Scope: chain, Body: map[string]int{"days": 14}, Reason: "密接核实"}
}

func (w *world) propose(by auth.Principal, p dual.Proposal) (a dual.Act, err error) {
	err = w.db.Write(w.t.Context(), func(tx *storage.Tx) (err error) {
		a, err = w.Propose(tx, by, p)
		return err
	})
	return a, err
}

func (w *world) asked(by auth.Principal, subject string) dual.Act {
	w.t.Helper()
	a, err := w.propose(by, proposal(subject))
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// confirm does the act by leaving one row with the confirmer's name.
func (w *world) confirm(ctx context.Context, by auth.Principal, id string) error {
	return w.db.Write(ctx, func(tx *storage.Tx) error {
		_, err := w.Confirm(tx, by, kind, id, func(a dual.Act) error {
			_, err := tx.Exec(`insert into effect_row (act, by_whom) values ($1, $2)`, a.ID, by.ID)
			return err
		})
		return err
	})
}

func (w *world) refuse(by auth.Principal, id, reason string) error {
	return w.db.Write(w.t.Context(), func(tx *storage.Tx) error {
		_, err := w.Refuse(tx, by, id, reason)
		return err
	})
}

func (w *world) withdraw(by auth.Principal, id string) error {
	return w.db.Write(w.t.Context(), func(tx *storage.Tx) error {
		_, err := w.Withdraw(tx, by, id)
		return err
	})
}

func (w *world) get(id string) (a dual.Act) {
	w.t.Helper()
	if err := w.db.Read(w.t.Context(), func(r storage.Reader) (err error) {
		a, err = w.Get(r, wang, id)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return a
}

// effect is how often the act was done.
func (w *world) effect(id string) (n int64) {
	w.t.Helper()
	if err := w.db.Read(w.t.Context(), func(r storage.Reader) error {
		return r.Row(`select count(*) from effect_row where act = $1`, id).Scan(&n)
	}); err != nil {
		w.t.Fatal(err)
	}
	return n
}

func want(t *testing.T, err error, kind fault.Kind, code string) {
	t.Helper()
	if !fault.Is(err, code) || fault.KindOf(err) != kind {
		t.Fatalf("error %v, want %s %s", err, kind, code)
	}
}

func TestTwoPeople(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.asked(wang, "per_1")
		if n := w.effect(a.ID); n != 0 {
			t.Fatal("done by one person")
		}
		w.hand.Add(time.Minute)
		if err := w.confirm(t.Context(), li, a.ID); err != nil {
			t.Fatal(err)
		}
		got := w.get(a.ID)
		if got.State != dual.Confirmed || got.Second != li.ID || got.SecondName != "李" || got.Reason != "密接核实" || string(got.Body) != `{"days":14}` || !got.Ended.Equal(start.Add(time.Minute)) {
			t.Errorf("act %+v", got)
		}
		if n := w.effect(a.ID); n != 1 {
			t.Errorf("done %d times", n)
		}
		body := `{"kind":"test.restrict","subject":"per_1","proposer":"acc_wang","reason":"密接核实"}`
		if d := cmp.Diff([]string{
			`proposed by acc_wang, sealed for "per_1": ` + body,
			`confirmed by acc_li, sealed for "per_1": ` + body,
		}, w.facts.all()); d != "" {
			t.Error(d)
		}
		want(t, w.confirm(t.Context(), li, a.ID), fault.Conflict, "dual.ended")
		want(t, w.refuse(li, a.ID, "too late"), fault.Conflict, "dual.ended")
		want(t, w.withdraw(wang, a.ID), fault.Conflict, "dual.ended")
		w.asked(wang, "per_1") // what ended does not stand in the way
	})
}

func TestWhoIsNotASecondPerson(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.asked(wang, "per_1")
		nameless := w.asked(principal("acc_old", "", "ＷＡＮＧ  Wei"), "per_2")
		token := wang
		token.Session = "bwt_1"
		park := principal("acc_park", "", "赵")
		park.Scope = auth.Park("pla_other")
		for _, c := range []struct {
			what string
			by   auth.Principal
			act  string
			kind fault.Kind
			code string
		}{
			{"the proposer", wang, a.ID, fault.Denied, "dual.same_person"},
			{"a token of the same account", token, a.ID, fault.Denied, "dual.same_person"},
			{"another account of the same person", principal("acc_wang2", "per_wang", "王二"), a.ID, fault.Denied, "dual.same_person"},
			{"an account of the same name, person unknown", principal("acc_new", "", "wang wei"), nameless.ID, fault.Denied, "dual.same_person"},
			{"the operator", auth.Operator(), a.ID, fault.Denied, "dual.operator"},
			{"another park's officer", park, a.ID, fault.NotFound, "dual.unknown"},
			{"a guard", guard, a.ID, fault.NotFound, "dual.unknown"},
			{"nobody", auth.Principal{}, a.ID, fault.NotFound, "dual.unknown"},
			{"of an act that is not there", li, "act_none", fault.NotFound, "dual.unknown"},
		} {
			t.Run(c.what, func(t *testing.T) {
				want(t, w.confirm(t.Context(), c.by, c.act), c.kind, c.code)
				want(t, w.refuse(c.by, c.act, "no need"), c.kind, c.code)
			})
		}
		if n := w.effect(a.ID) + w.effect(nameless.ID); n != 0 {
			t.Errorf("done %d times", n)
		}
		// A namesake whose person is known to be another is another person.
		if err := w.confirm(t.Context(), principal("acc_wang3", "per_wang3", "王"), a.ID); err != nil {
			t.Error(err)
		}
	})
}

// An act can be done only by whoever knows its kind: another's yes leaves it waiting.
func TestAnotherKindsYes(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.asked(wang, "per_1")
		err := w.db.Write(t.Context(), func(tx *storage.Tx) error {
			_, err := w.Confirm(tx, li, "test.other", a.ID, func(dual.Act) error {
				t.Error("done by another's door")
				return nil
			})
			return err
		})
		want(t, err, fault.NotFound, "dual.unknown")
		if got := w.get(a.ID); got.State != dual.Proposed {
			t.Error(got.State)
		}
	})
}

// A reason of signs that nobody sees is none, however long.
func TestReasonLegible(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.asked(wang, "per_1")
		for _, text := range []string{"..........", "\u3164\u3164\u3164\u3164", "a\u200b\u200b\u200b"} {
			p := proposal("per_2")
			p.Reason = text
			_, err := w.propose(wang, p)
			want(t, err, fault.Invalid, "fault.fields")
			want(t, w.refuse(li, a.ID, text), fault.Invalid, "fault.fields")
		}
	})
}

func TestWhatIsRefusedAtOnce(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		_, err := w.propose(guard, proposal("per_1"))
		want(t, err, fault.Denied, "auth.denied")
		_, err = w.propose(auth.Principal{}, proposal("per_1"))
		want(t, err, fault.Unauthenticated, "auth.unauthenticated")
		for _, reason := range []string{"", " x ", strings.Repeat("长", 501)} {
			p := proposal("per_1")
			p.Reason = reason
			_, err = w.propose(wang, p)
			want(t, err, fault.Invalid, "fault.fields")
		}
		p := proposal("per_1")
		p.Expires = start
		_, err = w.propose(wang, p)
		want(t, err, fault.Invalid, "fault.fields")
		p = proposal("per_1")
		p.Kind = "test.unknown"
		_, err = w.propose(wang, p)
		want(t, err, fault.Internal, "dual.kind_unknown")
		w.asked(wang, "per_1")
		_, err = w.propose(li, proposal("per_1"))
		want(t, err, fault.Conflict, "dual.waiting")
	})
}

func TestTimeRunsOut(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p := proposal("per_1")
		p.Expires = start.AddDate(1, 0, 0) // never later than the kind's life
		a, err := w.propose(wang, p)
		if err != nil || !a.Expires.Equal(start.Add(dual.DayLong)) {
			t.Fatal(a.Expires, err)
		}
		b := w.asked(wang, "per_2")
		w.hand.Add(dual.DayLong - time.Second)
		if err := w.confirm(t.Context(), li, b.ID); err != nil {
			t.Fatal("the last second counts:", err)
		}
		w.hand.Add(time.Second)
		want(t, w.confirm(t.Context(), li, a.ID), fault.Conflict, "dual.expired")
		if got := w.get(a.ID).State; got != dual.Expired {
			t.Errorf("state %s before the sweep", got)
		}
		// The subject is free at once, and the sweep finds nothing left.
		again := w.asked(li, "per_1")
		if got := w.expired(); got != 0 {
			t.Errorf("swept %d", got)
		}
		w.hand.Add(dual.DayLong)
		if got := w.expired(); got != 1 {
			t.Errorf("swept %d", got)
		}
		if got := w.get(again.ID).State; got != dual.Expired {
			t.Errorf("state %s", got)
		}
		if n := len(w.facts.all()); n != 6 { // three asked, one confirmed, two run out
			t.Errorf("%d facts: %v", n, w.facts.all())
		}
	})
}

func (w *world) expired() (n int) {
	w.t.Helper()
	if err := w.db.Write(w.t.Context(), func(tx *storage.Tx) (err error) {
		n, err = w.Expire(tx)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return n
}

func TestNoAndTakenBack(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a, b := w.asked(wang, "per_1"), w.asked(wang, "per_2")
		want(t, w.refuse(li, a.ID, " "), fault.Invalid, "fault.fields")
		if err := w.refuse(li, a.ID, "证据不足"); err != nil {
			t.Fatal(err)
		}
		if got := w.get(a.ID); got.State != dual.Refused || got.Answer != "证据不足" || got.Reason != "密接核实" {
			t.Errorf("%+v", got)
		}
		want(t, w.withdraw(li, b.ID), fault.Denied, "dual.not_yours")
		if err := w.withdraw(wang, b.ID); err != nil {
			t.Fatal(err)
		}
		want(t, w.confirm(t.Context(), li, b.ID), fault.Conflict, "dual.ended")
		if n := w.effect(a.ID) + w.effect(b.ID); n != 0 {
			t.Errorf("done %d times", n)
		}
	})
}

// What fails while it is done was not confirmed, and may be tried again.
func TestAFailureUndoesTheYes(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.asked(wang, "per_1")
		gone := errors.New("the person has left")
		err := w.db.Write(t.Context(), func(tx *storage.Tx) error {
			_, err := w.Confirm(tx, li, kind, a.ID, func(dual.Act) error { return gone })
			return err
		})
		if !errors.Is(err, gone) || w.get(a.ID).State != dual.Proposed {
			t.Fatal(err, w.get(a.ID).State)
		}
		if err := w.confirm(t.Context(), li, a.ID); err != nil || w.effect(a.ID) != 1 {
			t.Error(err, w.effect(a.ID))
		}
	})
}

func TestPendingIsInReach(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		for i := range 120 {
			p := proposal(fmt.Sprintf("per_%d", i))
			if i%2 == 1 {
				p.Scope = []auth.Scope{auth.Park("pla_2"), auth.District("pla_d")}
			}
			if _, err := w.propose(wang, p); err != nil {
				t.Fatal(err)
			}
		}
		list := func(by auth.Principal, f dual.Filter) (n int, seen map[string]bool) {
			seen = map[string]bool{}
			for {
				var page []dual.Act
				var next string
				if err := w.db.Read(t.Context(), func(r storage.Reader) (err error) {
					page, next, err = w.Pending(r, by, f)
					return err
				}); err != nil {
					t.Fatal(err)
				}
				for _, a := range page {
					n++
					seen[a.Subject] = true
				}
				if next == "" {
					return n, seen
				}
				f.After = next
			}
		}
		park := auth.Principal{ID: "acc_p", Role: auth.SecondOfficer, Scope: auth.Park("pla_2")}
		for _, c := range []struct {
			by   auth.Principal
			f    dual.Filter
			want int
		}{{li, dual.Filter{Limit: 7}, 120}, {park, dual.Filter{}, 60}, {li, dual.Filter{Kinds: []string{"test.other"}}, 0}, {li, dual.Filter{State: dual.Refused}, 0}} {
			if n, seen := list(c.by, c.f); n != c.want || len(seen) != c.want {
				t.Errorf("%+v: %d acts, %d different, want %d", c.f, n, len(seen), c.want)
			}
		}
		err := w.db.Read(t.Context(), func(r storage.Reader) error {
			_, _, err := w.Pending(r, guard, dual.Filter{})
			return err
		})
		want(t, err, fault.Denied, "auth.denied")
	})
}

func TestForgotten(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a, b := w.asked(wang, "per_1"), w.asked(wang, "per_9")
		if err := w.confirm(t.Context(), li, b.ID); err != nil {
			t.Fatal(err)
		}
		if err := w.db.Write(t.Context(), func(tx *storage.Tx) error { return w.Forget(tx, "per_1") }); err != nil {
			t.Fatal(err)
		}
		for id, state := range map[string]string{a.ID: dual.Withdrawn, b.ID: dual.Confirmed} {
			if got := w.get(id); got.Reason != "" || got.Body != nil || got.Person != "" || got.State != state {
				t.Errorf("%+v", got)
			}
		}
	})
}
