package ration_test

import (
	"testing"

	"breakwater/internal/fault"
	"breakwater/internal/service/ration"
)

// A second record of somebody who can speak for themself is no way around them: they are
// asked, by whichever record speaks.
func TestFamilyAsksBySecondRecord(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.openAs("guangzhou", 1000, "queue = true", "queue = false", `counts = "person"`, `counts = "household"`)
		o := w.plan("guangzhou", 0, 100)
		head, v, twin := w.person(), w.person(), w.person()
		papers := ration.FamilyInput{Name: "李小娜", IDKind: "mainland", IDNumber: number(w.n)}
		w.known[v.Person] = map[string]any{"speaks": true}
		w.oneOf(v, twin)
		if id, asked, err := w.AddFamily(ctx, head, papers); err != nil || !asked || id != "" {
			t.Fatalf("%q asked %v %v", id, asked, err)
		}
		k, err := w.Family(ctx, v)
		w.must(err)
		if k.Head != nil || len(k.Asking) != 1 {
			t.Fatalf("the one asked sees %+v", k)
		}
		w.at(0, 21, 0)
		_, err = w.claim(head, o, "head")
		w.must(err)
		_, err = w.claim(v, o, "v")
		w.must(err)
		w.must(w.AnswerFamily(ctx, v, head.Person, true))
		if k, err = w.Family(ctx, v); err != nil || k.Head == nil {
			t.Errorf("%v agreed: %+v", err, k)
		}
	})
}

// Whose second record was put into a family before the two were joined sees it, has what
// was asked for it, and may end it.
func TestFamilyOfSecondRecordIsTheirs(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.openAs("guangzhou", 1000, "queue = true", "queue = false", `counts = "person"`, "counts = \"person\"\npeople = 3")
		o := w.plan("guangzhou", 0, 100)
		head, stranger, v, twin := w.person(), w.person(), w.person(), w.person()
		w.related(head, twin, w.n)
		w.known[v.Person] = map[string]any{"speaks": true}
		w.at(0, 21, 0)
		a, err := w.Claim(ctx, head, ration.ClaimInput{Offer: o.ID, For: twin.Person, Key: w.key("x")})
		w.must(err)
		w.oneOf(v, twin)
		k, err := w.Family(ctx, v)
		w.must(err)
		if k.Head == nil || k.Head.ID != head.Person {
			t.Fatalf("who asks for them: %+v", k)
		}
		if _, err = w.VoucherOf(ctx, v, o.ID, a.ID); err != nil {
			t.Errorf("their own voucher: %v", err)
		}
		if _, err = w.VoucherOf(ctx, stranger, o.ID, a.ID); !fault.Is(err, "ration.no_allotment") {
			t.Errorf("a stranger's: %v", err)
		}
		if err = w.LeaveFamily(ctx, stranger, head.Person, twin.Person); !fault.Is(err, "ration.not_family") {
			t.Errorf("a stranger leaves for them: %v", err)
		}
		w.must(w.LeaveFamily(ctx, v, head.Person, v.Person))
		w.must(w.LeaveFamily(ctx, v, head.Person, v.Person)) // harmless
		if _, err = w.VoucherOf(ctx, head, o.ID, a.ID); !fault.Is(err, "ration.no_allotment") {
			t.Errorf("the head, when they have left: %v", err)
		}
		_, err = w.GiveBack(ctx, v, o.ID, a.ID)
		w.must(err)
		_, err = w.claim(v, o, "v")
		w.must(err)
	})
}
