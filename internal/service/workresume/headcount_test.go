package workresume_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/workresume"
	"breakwater/internal/storage"
)

// headcounts are the facts by which a firm's declared headcount followed its roster,
// newest first.
func (w *world) headcounts(firm string) (out []string) {
	w.t.Helper()
	facts, err := w.log.Stream(w.t.Context(), "firm:"+firm, 100)
	must(w.t, err)
	for _, f := range facts {
		if f.Name == "workresume.headcount" {
			var b struct {
				From, Filed int64
				To          int64 `json:"declared_headcount"`
			}
			must(w.t, json.Unmarshal(f.Body, &b))
			out = append(out, fmt.Sprintf("%d→%d of %d", b.From, b.To, b.Filed))
		}
	}
	return out
}

// One of four leaves: the certificate stands, and what was declared follows down and up
// again, never above what was filed.
func TestOneLeavesAndTheCertificateStands(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		f, office := w.certified(w.park, 4)
		members, _, err := w.Members(ctx, office, f.ID, workresume.MemberFilter{})
		must(t, err)
		certificate := f.Certificate.ID
		state := func(said string, roster, declared, gone int64, want workresume.State) {
			t.Helper()
			now, err := w.Firm(ctx, office, f.ID)
			must(t, err)
			var column int64
			must(t, w.db.Read(ctx, func(r storage.Reader) error {
				return r.Row(`select declared from workresume_firm where firm = $1`, f.ID).Scan(&column)
			}))
			got := []any{now.Roster, now.Filing.Declared, now.Filing.Gone, column, now.State}
			if d := cmp.Diff([]any{roster, declared, gone, declared, want}, got); d != "" {
				t.Errorf("%s: %s", said, d)
			}
			if want == workresume.Certified && (now.Certificate == nil || now.Certificate.ID != certificate) {
				t.Errorf("%s: certificate %+v", said, now.Certificate)
			}
		}
		for range 2 { // a tap again takes nobody twice
			_, err = w.Leave(ctx, office, f.ID, []string{members[0].ID}, key("a"))
			must(t, err)
			_, err = w.Leave(ctx, office, f.ID, []string{members[0].ID}, key("b"))
			must(t, err)
		}
		state("one left", 3, 3, 1, workresume.Certified)
		_, err = w.Return(ctx, office, f.ID, []string{members[0].ID}, key("c"))
		must(t, err)
		state("back", 4, 4, 0, workresume.Certified)
		_, err = w.Leave(ctx, office, f.ID, []string{members[0].ID, members[1].ID}, key("d"))
		must(t, err)
		w.upload(office, f.ID, roll(w.make(3)...))
		state("two replaced by three", 5, 4, 0, workresume.Certified)
		_, err = w.Return(ctx, office, f.ID, []string{members[0].ID}, key("e"))
		must(t, err)
		state("never above what was filed", 6, 4, 0, workresume.Certified)
		if d := cmp.Diff([]string{"2→4 of 4", "4→2 of 4", "3→4 of 4", "4→3 of 4"}, w.headcounts(f.ID)); d != "" {
			t.Error(d)
		}
		filing := goodFiling(9)
		filing.Gone = 5 // nobody files who left
		now, err := w.File(ctx, office, workresume.FileInput{Firm: f.ID, Filing: filing})
		must(t, err)
		if now.Filing.Gone != 0 || now.State != workresume.Returned {
			t.Errorf("%+v %s", now.Filing, now.State)
		}
		// A roster that is short stays short by as many, whoever leaves.
		_, err = w.Leave(ctx, office, f.ID, []string{members[2].ID}, key("f"))
		must(t, err)
		state("short before and after", 5, 8, 1, workresume.Returned)
	})
}

// Somebody whom officers give to another firm takes nobody's certificate either, and
// what the promise is held against follows.
func TestMovedAwayAndTheCertificateStands(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		f, office := w.firm(w.park)
		people := w.make(3)
		_, err := w.File(ctx, office, workresume.FileInput{Firm: f.ID, Filing: goodFiling(3)})
		must(t, err)
		w.upload(office, f.ID, roll(people...))
		other, otherOffice := w.certified(w.park, 1)
		w.upload(otherOffice, other.ID, roll(people[0]))
		must(t, w.moveAll(ctx, otherOffice, other.ID))
		now, err := w.Firm(ctx, office, f.ID)
		must(t, err)
		if now.State != workresume.Certified || now.Roster != 2 || now.Filing.Declared != 2 {
			t.Errorf("%s with %d of %d", now.State, now.Roster, now.Filing.Declared)
		}
		if d := cmp.Diff([]string{"3→2 of 3"}, w.headcounts(f.ID)); d != "" {
			t.Error(d)
		}
		must(t, w.Heed(ctx))
		c, err := w.Compare(ctx, office, f.ID)
		must(t, err)
		for _, l := range c.Lines {
			if l.Name == "people_inside" && (l.Promised == nil || *l.Promised != 2) {
				t.Errorf("held to %v inside", l.Promised)
			}
		}
		if _, err := w.Leave(ctx, otherOffice, f.ID, []string{"per_none"}, key("x")); fault.KindOf(err) != fault.NotFound {
			t.Error(err)
		}
	})
}

// moveAll has an officer give a firm everybody it asked for.
func (w *world) moveAll(ctx context.Context, office auth.Principal, firm string) error {
	list, err := w.Reviews(ctx, office, firm)
	for _, v := range list {
		if err == nil {
			err = w.AskReview(ctx, office, v.ID, "到岗", key("ask"+v.ID))
		}
		if err == nil {
			err = w.SettleReview(ctx, w.officer, v.ID, true, "已核实", key("settle"+v.ID))
		}
	}
	return err
}
