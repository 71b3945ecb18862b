package workresume_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/workresume"
	"breakwater/internal/storage"
)

// oneStreet is a district of one street.
type oneStreet string

func (s oneStreet) Streets(storage.Reader) (map[string]string, error) {
	return map[string]string{}, nil
}

func (s oneStreet) IsStreet(_ storage.Reader, id string) (bool, error) { return id == string(s), nil }

// A street's sheets name whoever said they lodge there and has not reported today, in
// whatever park they work; the address stays sealed, and taking the word back ends it.
func TestPaperByStreet(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.Streets = oneStreet("plc_street")
		_, office := w.certified(w.park, 3)
		_, away := w.certified(w.other, 1)
		here, done, silent, there := w.workerOf(office, 0), w.workerOf(office, 1), w.workerOf(office, 2), w.workerOf(away, 0)
		lodges := func(street string) workresume.TravelInput {
			return workresume.TravelInput{Travel: workresume.Travel{Origin: "浙江省杭州市", Arrived: "2020-02-10", Lodging: "听潮里 3 号 501 室", Street: street}}
		}
		for _, p := range []auth.Principal{here, done, there} {
			_, err := w.SaveTravel(ctx, p, lodges("plc_street"))
			must(t, err)
		}
		own, err := w.SaveTravel(ctx, silent, lodges(""))
		must(t, err)
		if own.Street != "" {
			t.Errorf("a street nobody named: %q", own.Street)
		}
		if _, err := w.SaveTravel(ctx, silent, lodges("plc_elsewhere")); fault.KindOf(err) != fault.Invalid {
			t.Errorf("no street of ours: %v", err)
		}
		w.report(done, workresume.ReportInput{})

		print := func(by auth.Principal, street string) ([]workresume.Sheet, error) {
			id, err := w.PrintPaper(ctx, by, workresume.PrintInput{Street: street, First: w.hand.Now().Format(time.DateOnly), Days: 1})
			if err != nil {
				return nil, err
			}
			return w.Printing(ctx, by, id)
		}
		list, err := print(w.officer, "plc_street")
		must(t, err)
		var names []string
		for _, l := range list[0].Lines {
			names = append(names, l.ID)
		}
		want := []string{here.Person, there.Person}
		if want[0] > want[1] {
			want[0], want[1] = want[1], want[0]
		}
		if d := cmp.Diff(want, names); d != "" || list[0].Street != "plc_street" || list[0].Firm != "" {
			t.Errorf("%+v\n%s", list[0], d)
		}
		if got := w.typed(list[0].Number, workresume.PaperRow{Line: 1, Day: list[0].First, Well: true}); got.Kept != 1 {
			t.Errorf("typed in: %+v", got)
		}
		if list, err = print(w.officer, "plc_street"); err != nil || len(list[0].Lines) != 1 {
			t.Errorf("who is reported stands on no sheet: %+v, %v", list, err)
		}

		park := auth.Principal{ID: "acc_park", Role: auth.Officer, Scope: auth.Park(w.park.ID)}
		if _, err := print(park, "plc_street"); fault.KindOf(err) != fault.Denied {
			t.Errorf("an officer of one park: %v", err)
		}
		if _, err := print(w.officer, "plc_elsewhere"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("no street of ours: %v", err)
		}
		for _, p := range []auth.Principal{here, there} {
			_, err := w.SaveTravel(ctx, p, lodges(""))
			must(t, err)
		}
		if _, err := print(w.officer, "plc_street"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("nobody lodges there any more: %v", err)
		}
	})
}
