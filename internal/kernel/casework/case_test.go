package casework_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/keyring"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

const (
	filing, appeal                 = "test.filing", "test.appeal"
	mayWork        auth.Permission = "test.work"
	district, park                 = "pla_d", "pla_1"
)

// Monday 10 February 2020, 08:30 in the district.
var start = time.Date(2020, 2, 10, 0, 30, 0, 0, time.UTC)

var (
	wang  = officer("acc_wang", "王", auth.District(district))
	li    = officer("acc_li", "李", auth.District(district))
	other = officer("acc_park", "赵", auth.Park("pla_2"))
	firm  = auth.Principal{ID: "acc_f", Role: auth.Firm, Scope: auth.OfFirm("fir_1")}
	at    = []auth.Scope{auth.OfFirm("fir_1"), auth.Park(park), auth.District(district)}
)

func officer(id, name string, at auth.Scope) auth.Principal {
	return auth.Principal{ID: id, Role: auth.Officer, Name: name, Scope: at}
}

type world struct {
	*casework.Store
	t     *testing.T
	db    *storage.DB
	hand  *clock.Hand
	facts *facts
}

func both(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	storagetest.Run(t, []storage.Module{casework.Module()}, func(t *testing.T, db *storage.DB) {
		ring, err := keyring.New()
		if err != nil {
			t.Fatal(err)
		}
		w := &world{t: t, db: db, hand: clock.NewHand(start), facts: &facts{}}
		grants := auth.Grants{mayWork: {auth.Officer}}
		w.Store, err = casework.New(casework.Deps{Log: w.facts, Ring: ring, Now: w.hand.Now, Zone: zone(t), District: district},
			casework.Kind{Name: filing, Work: mayWork, Grants: grants, Days: 3}, casework.Kind{Name: appeal, Work: mayWork, Grants: grants, Days: 5})
		if err != nil {
			t.Fatal(err)
		}
		fn(t, w)
	})
}

type facts struct {
	mu   sync.Mutex
	list []string
}

func (f *facts) Append(tx *storage.Tx, fact eventlog.Fact) (string, error) {
	tx.OnCommit(func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.list = append(f.list, strings.TrimPrefix(fact.Name, "casework.")+" "+fact.Actor)
	})
	return "fct_1", nil
}

func (f *facts) all() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.list...)
}

// do runs a verb in a Write of its own.
func (w *world) do(fn func(tx *storage.Tx) (casework.Case, error)) (c casework.Case, err error) {
	w.t.Helper()
	err = w.db.Write(w.t.Context(), func(tx *storage.Tx) (err error) {
		c, err = fn(tx)
		return err
	})
	return c, err
}

func (w *world) must(fn func(tx *storage.Tx) (casework.Case, error)) casework.Case {
	w.t.Helper()
	c, err := w.do(fn)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) open(subject string) casework.Case {
	w.t.Helper()
	return w.must(func(tx *storage.Tx) (casework.Case, error) {
		return w.Open(tx, firm, casework.Opening{Kind: filing, Subject: subject, Title: "试验企业", Scope: at, Missing: []casework.Point{{Rule: "masks"}}})
	})
}

func want(t *testing.T, err error, kind fault.Kind, code string) {
	t.Helper()
	if !fault.Is(err, code) || fault.KindOf(err) != kind {
		t.Fatalf("error %v, want %s %s", err, kind, code)
	}
}

func field(t *testing.T, err error, name, code string) {
	t.Helper()
	for _, f := range fault.As(err).Fields {
		if f.Name == name && f.Code == code {
			return
		}
	}
	t.Fatalf("error %v, want %s at %s", err, code, name)
}

func TestOneCase(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		c := w.open("fir_1")
		if got := c.Clock.Due.Format(time.RFC3339); got != "2020-02-13T16:00:00Z" {
			t.Errorf("due %s", got) // midnight after Thursday
		}
		_, err := w.do(func(tx *storage.Tx) (casework.Case, error) {
			return w.Open(tx, firm, casework.Opening{Kind: filing, Subject: "fir_1", Scope: at})
		})
		want(t, err, fault.Conflict, "casework.standing")
		take := func(by auth.Principal) error {
			_, err := w.do(func(tx *storage.Tx) (casework.Case, error) { return w.Take(tx, by, c.ID) })
			return err
		}
		for _, by := range []auth.Principal{{}, firm, other} {
			want(t, take(by), fault.NotFound, "casework.unknown")
		}
		for range 2 { // twice is once
			if err := take(wang); err != nil {
				t.Fatal(err)
			}
		}
		want(t, take(li), fault.Conflict, "casework.taken")
		_, err = w.do(func(tx *storage.Tx) (casework.Case, error) { return w.Give(tx, wang, c.ID, other) })
		field(t, err, "to", "casework.colleague")
		if got := w.must(func(tx *storage.Tx) (casework.Case, error) { return w.Give(tx, wang, c.ID, li) }); got.AssigneeName != "李" {
			t.Errorf("given to %q", got.AssigneeName)
		}
		w.must(func(tx *storage.Tx) (casework.Case, error) { return w.Release(tx, wang, c.ID) })

		// Told once, and the clock stands until there is an answer.
		ask := func(points ...string) error {
			_, err := w.do(func(tx *storage.Tx) (casework.Case, error) { return w.Ask(tx, li, c.ID, points) })
			return err
		}
		field(t, ask(" "), "points", "casework.points")
		field(t, ask("x"), "points", "casework.text_length")
		w.hand.Add(24 * time.Hour)
		if err := ask("消毒记录", "隔离间照片"); err != nil {
			t.Fatal(err)
		}
		want(t, ask("one more"), fault.Conflict, "casework.told")
		w.hand.Set(start.AddDate(0, 0, 30))
		if n := w.escalated(); n != 0 {
			t.Error("late while the applicant has to answer")
		}
		got := w.must(func(tx *storage.Tx) (casework.Case, error) { return w.Answered(tx, firm, c.ID, nil) })
		if d := cmp.Diff([]casework.Point{{Text: "消毒记录"}, {Text: "隔离间照片"}}, got.Missing); d != "" {
			t.Error(d)
		}
		if due := got.Clock.Due.Format(time.RFC3339); due != "2020-03-13T16:00:00Z" { // Wednesday 11 March and two days
			t.Errorf("due %s after the answer", due)
		}
		w.must(func(tx *storage.Tx) (casework.Case, error) {
			return w.Checked(tx, li, c.ID, casework.Check{How: casework.ByVideo, Passed: true, Note: "消毒到位"})
		})
		_, err = w.do(func(tx *storage.Tx) (casework.Case, error) {
			return w.Checked(tx, li, c.ID, casework.Check{How: "phone", Note: "消毒到位"})
		})
		field(t, err, "how", "casework.how_unknown")
		done := w.must(func(tx *storage.Tx) (casework.Case, error) {
			return w.Decide(tx, li, c.ID, "certified", "材料齐全")
		})
		if done.State != casework.Closed || done.Decider.Account != li.ID || len(done.Checks) != 1 || done.Checks[0].By != "李" {
			t.Errorf("%+v", done)
		}
		want(t, take(wang), fault.Conflict, "casework.closed")
		if d := cmp.Diff(strings.Split("opened acc_f,taken acc_wang,given acc_wang,released acc_wang,asked acc_li,answered acc_f,checked acc_li,closed acc_li", ","), w.facts.all()); d != "" {
			t.Error(d)
		}
		w.open("fir_1") // another may be opened now
	})
}

func TestAppealIsSomebodyElses(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		first := []casework.Decider{{Account: "acc_x"}, casework.DeciderOf(wang)}
		c := w.must(func(tx *storage.Tx) (casework.Case, error) {
			return w.Open(tx, firm, casework.Opening{Kind: appeal, Subject: "fir_1", Scope: at, Before: first, About: "cas_1"})
		})
		twin := officer("acc_wang2", "王", auth.District(district))
		for _, by := range []auth.Principal{wang, twin} {
			_, err := w.do(func(tx *storage.Tx) (casework.Case, error) { return w.Take(tx, by, c.ID) })
			want(t, err, fault.Denied, "casework.first_decider")
			_, err = w.do(func(tx *storage.Tx) (casework.Case, error) { return w.Decide(tx, by, c.ID, "upheld", "仍不符合") })
			want(t, err, fault.Denied, "casework.first_decider")
			_, err = w.do(func(tx *storage.Tx) (casework.Case, error) { return w.Give(tx, li, c.ID, by) })
			field(t, err, "to", "casework.first_decider")
			for name, verb := range map[string]func(*storage.Tx) (casework.Case, error){
				"ask": func(tx *storage.Tx) (casework.Case, error) { return w.Ask(tx, by, c.ID, []string{"请补充证明"}) },
				"checked": func(tx *storage.Tx) (casework.Case, error) {
					return w.Checked(tx, by, c.ID, casework.Check{How: casework.OnSite, Note: "消毒不到位"})
				},
				"photo": func(tx *storage.Tx) (casework.Case, error) {
					sealed, err := w.PreparePhoto(c.ID, casework.Picture{Full: []byte("full"), Small: []byte("small")}, by, casework.FromOfficer)
					if err == nil {
						_, err = w.AddPhoto(tx, by, sealed)
					}
					return casework.Case{}, err
				},
				"give":    func(tx *storage.Tx) (casework.Case, error) { return w.Give(tx, by, c.ID, li) },
				"release": func(tx *storage.Tx) (casework.Case, error) { return w.Release(tx, by, c.ID) },
			} {
				if _, err := w.do(verb); !fault.Is(err, "casework.first_decider") {
					t.Errorf("%s by who decided before: %v", name, err)
				}
			}
		}
		got := w.must(func(tx *storage.Tx) (casework.Case, error) { return w.Decide(tx, li, c.ID, "changed", "证据充分") })
		if got.Outcome != "changed" || got.About != "cas_1" {
			t.Errorf("%+v", got)
		}
	})
}

func (w *world) escalated() (n int) {
	w.t.Helper()
	if err := w.db.Write(w.t.Context(), func(tx *storage.Tx) (err error) {
		n, err = w.Escalate(tx)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return n
}

func TestLateIsSaidOnce(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		for i := range 30 {
			w.open(fmt.Sprintf("fir_%d", i))
		}
		next := func() (due time.Time, found bool) {
			if err := w.db.Read(t.Context(), func(r storage.Reader) (err error) {
				due, found, err = w.Next(r)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return due, found
		}
		due, _ := next()
		w.hand.Set(due.Add(-time.Microsecond))
		if n := w.escalated(); n != 0 {
			t.Fatalf("%d late a moment too early", n)
		}
		w.hand.Set(due)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if err := w.db.Write(t.Context(), func(tx *storage.Tx) error {
					_, err := w.Escalate(tx)
					return err
				}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		n := 0
		for _, f := range w.facts.all() {
			if f == "escalated system" {
				n++
			}
		}
		if n != 30 {
			t.Errorf("%d facts for 30 late cases", n)
		}
		if _, found := next(); found || w.escalated() != 0 {
			t.Error("something is still to be said")
		}
	})
}

func TestLists(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		for i := range 12 {
			c := w.open(fmt.Sprintf("fir_%02d", i))
			w.hand.Add(24 * time.Hour)
			if i%3 == 0 {
				w.must(func(tx *storage.Tx) (casework.Case, error) { return w.Take(tx, wang, c.ID) })
			}
			if i == 11 {
				w.must(func(tx *storage.Tx) (casework.Case, error) { return w.Ask(tx, wang, c.ID, []string{"消毒记录"}) })
			}
		}
		w.hand.Set(start.AddDate(0, 0, 10))
		far := w.must(func(tx *storage.Tx) (casework.Case, error) {
			return w.Open(tx, firm, casework.Opening{Kind: filing, Subject: "fir_far", Scope: []auth.Scope{auth.Park("pla_2"), auth.District(district)}})
		})
		count := func(by auth.Principal, f casework.Filter) (n int) {
			var last time.Time
			for {
				var page []casework.Case
				var next string
				if err := w.db.Read(t.Context(), func(r storage.Reader) (err error) {
					page, next, err = w.List(r, by, f)
					return err
				}); err != nil {
					t.Fatal(err)
				}
				for _, c := range page {
					if c.Clock.Due.Before(last) {
						t.Error("a later deadline stands first")
					}
					last = c.Clock.Due
				}
				if n += len(page); next == "" {
					return n
				}
				f.After = next
			}
		}
		for _, c := range []struct {
			by   auth.Principal
			f    casework.Filter
			want int
		}{
			{wang, casework.Filter{Limit: 5}, 12},
			{wang, casework.Filter{View: casework.Mine}, 4},
			{li, casework.Filter{View: casework.Mine}, 0},
			{li, casework.Filter{View: casework.Unassigned, Limit: 2}, 8},
			{li, casework.Filter{View: casework.OnApplicant}, 1},
			{li, casework.Filter{View: casework.Late}, 7}, // due by midnight of the 19th
			{li, casework.Filter{Kinds: []string{appeal}}, 0},
			{other, casework.Filter{}, 1},
			{firm, casework.Filter{}, 0},
		} {
			if got := count(c.by, c.f); got != c.want {
				t.Errorf("%s %+v: %d, want %d", c.by.ID, c.f, got, c.want)
			}
		}
		if err := w.db.Read(t.Context(), func(r storage.Reader) error {
			list, err := w.Counts(r)
			got := map[string]casework.Count{}
			for _, c := range list {
				got[c.Park] = got[c.Park].Add(c.Count)
			}
			if d := cmp.Diff(map[string]casework.Count{park: {Open: 11, Late: 7, Waiting: 1}, "pla_2": {Open: 1}}, got); d != "" {
				t.Error(d)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		_ = far
	})
}

func TestOwnCalendar(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		set := func(by auth.Principal, text string) error {
			return w.db.Write(t.Context(), func(tx *storage.Tx) error {
				_, err := w.SetYear(tx, by, text)
				return err
			})
		}
		own := "year = 2020\nsource = \"District notice 3\"\n[[holiday]]\nname = {en = \"Storm\", zh-Hans = \"停工\"}\nfrom = \"2020-02-11\"\nto = \"2020-02-13\"\n"
		want(t, set(firm, own), fault.Denied, "auth.denied")
		want(t, set(other, own), fault.Denied, "auth.denied")
		want(t, set(wang, "year = 2020"), fault.Invalid, "casework.calendar")
		before := w.open("fir_1")
		for range 2 {
			if err := set(wang, own); err != nil {
				t.Fatal(err)
			}
		}
		after := w.open("fir_2")
		if a, b := before.Clock.Due.Format(time.DateOnly), after.Clock.Due.Format(time.DateOnly); a != "2020-02-13" || b != "2020-02-18" {
			t.Errorf("due %s before, %s after", a, b)
		}
	})
}

func TestForgotten(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		c := w.must(func(tx *storage.Tx) (casework.Case, error) {
			return w.Open(tx, firm, casework.Opening{Kind: appeal, Subject: "per_1", Person: "per_1", Scope: at, Note: "我不是密接"})
		})
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(w.db.Write(t.Context(), func(tx *storage.Tx) error { return w.Forget(tx, "per_1") }))
		must(w.db.Read(t.Context(), func(r storage.Reader) error {
			got, err := w.Get(r, wang, c.ID)
			if got.Note != "" || got.Person != "" || got.Subject == "per_1" || got.State != casework.Closed {
				t.Errorf("%+v", got)
			}
			return err
		}))
	})
}
