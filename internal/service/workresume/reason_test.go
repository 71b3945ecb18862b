package workresume_test

import (
	"strings"
	"testing"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/service/workresume"
)

// A reason of blank or invisible signs is none at any door that asks for one: whoever
// is concerned could not read it.
func TestReasonLegible(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		firm, office := w.certified(w.park, 2)
		me, other := w.workerOf(office, 0), w.workerOf(office, 1)
		h := w.helpedBy(me, other)
		paper := workresume.Paper{Name: "Maria Silva", Kind: ident.KindPassport, Number: "AB1234567"}
		doors := map[string]func(reason string) error{
			"read health": func(x string) error { _, err := w.ReadHealth(ctx, w.officer, me.Person, x); return err },
			"merge": func(x string) error {
				_, err := w.MergePeople(ctx, w.officer, workresume.MergeInput{First: me.Person, Second: other.Person, Reason: x})
				return err
			},
			"split": func(x string) error {
				_, err := w.SplitPeople(ctx, w.officer, workresume.SplitInput{Person: me.Person, Reason: x})
				return err
			},
			"restrict": func(x string) error {
				_, err := w.RestrictPerson(ctx, w.officer, workresume.RestrictInput{Person: me.Person, Reason: "close-contact", Days: 7, Note: x})
				return err
			},
			"arrange": func(x string) error {
				_, err := w.ArrangeHelp(ctx, w.officer, workresume.ArrangeInput{Helped: paper, Reason: x})
				return err
			},
			"end help": func(x string) error { _, err := w.EndHelp(ctx, w.officer, h.ID, x, key("e")); return err },
			"end risk": func(x string) error { return w.EndRisk(ctx, w.officer, "rsk_none", x, key("r")) },
			"decide": func(x string) error {
				_, err := w.Decide(ctx, w.officer, workresume.DecideInput{Firm: firm.ID, State: workresume.Returned, Reason: x})
				return err
			},
			"rename": func(x string) error {
				_, err := w.Rename(ctx, w.officer, workresume.RenameInput{Firm: firm.ID, Person: me.Person, Name: "王小明", Reason: x})
				return err
			},
		}
		for door, do := range doors {
			for _, sign := range []string{"\u200b", "\u3164", "\u2800", ".", "\u115f"} {
				err := do("a" + strings.Repeat(sign, 12))
				if fault.KindOf(err) != fault.Invalid || len(fault.As(err).Fields) != 1 {
					t.Errorf("%s for %q: %v", door, sign, err)
				}
			}
		}
		if h, err := w.HealthOf(ctx, me); err != nil || h.Restriction != nil {
			t.Errorf("%+v, %v", h, err)
		}
	})
}
