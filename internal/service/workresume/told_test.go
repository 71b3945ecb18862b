package workresume_test

import (
	"encoding/json"
	"strings"
	"testing"

	"breakwater/internal/service/workresume"
	"breakwater/internal/storage"
)

// Whoever asks has all that rosters, reports and gates keep about them, opened, and
// nothing of a colleague's.
func TestTellAll(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, office := w.certified(w.park, 2)
		me, other := w.workerOf(office, 0), w.workerOf(office, 1)
		code, err := w.ShowCode(ctx, me)
		must(t, err)
		w.tap(code.Credential, workresume.In)
		w.report(me, workresume.ReportInput{Tenths: 374, Symptoms: []workresume.Symptom{"cough"}, Key: key("r")})
		w.report(other, workresume.ReportInput{Tenths: 391, Key: key("o")})
		_, err = w.SaveTravel(ctx, me, workresume.TravelInput{Travel: workresume.Travel{Origin: "湖北黄冈", Arrived: "2020-02-10", Route: "G1", Lodging: "江滨路8号"}, Key: key("t")})
		must(t, err)
		w.helpedBy(me, other)
		tell := func(all bool) (text string, kinds map[string]int) {
			kinds = map[string]int{}
			must(t, w.Store.Read(ctx, func(r storage.Reader) error {
				clear(kinds)
				list, err := w.Tell(r, me.Person, "zh-Hans")
				if all {
					list, err = w.TellAll(r, me.Person, "zh-Hans")
				}
				for _, x := range list {
					kinds[strings.TrimPrefix(x.What, "workresume.told_")]++
				}
				raw, e := json.Marshal(list)
				text = string(raw)
				if err == nil {
					err = e
				}
				return err
			}))
			return text, kinds
		}
		text, kinds := tell(true)
		for _, want := range []string{"37.4", "workresume.symptom.cough", "湖北黄冈", "江滨路8号", w.gate.Name} {
			if !strings.Contains(text, want) {
				t.Errorf("not told: %s", want)
			}
		}
		for _, kind := range []string{"member", "report", "travel", "helper", "code", "check"} {
			if kinds[kind] == 0 {
				t.Errorf("no %s in %v", kind, kinds)
			}
		}
		if strings.Contains(text, "39.1") {
			t.Error("a colleague's report")
		}
		if _, short := tell(false); short["report"] != 0 || short["member"] != 1 || short["travel"] != 1 {
			t.Errorf("on the page: %v", short)
		}
	})
}
