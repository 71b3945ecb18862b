package rationweb

import (
	"testing"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/roster"
	"breakwater/internal/service/ration"
)

// Whatever stands in a line of a plan's file, it is an offer of a shop and window that
// there are, or it is said which of its cells is wrong.
func FuzzPlanLine(f *testing.F) {
	f.Add("康宁大药房", "09:00-12:00", "120")
	f.Add("'=康宁", " 2 ", "１２")
	f.Add("", "9时至12时", "-1")
	f.Add("康宁大药房", "", "1.5")
	f.Add("康宁大药房", "3", "99999999999999999999")
	at := map[string]string{"康宁大药房": "poi_1", "=康宁": "poi_2"}
	c := &ration.Campaign{Hand: ration.Hand{Windows: []ration.Window{{From: 540, To: 720}, {From: 840, To: 1080}}}}
	f.Fuzz(func(t *testing.T, name, window, pieces string) {
		o, text, why := planCells([]roster.TableCell{{Text: name}, {Text: window}, {Text: pieces}}, c, at)
		if why != nil {
			if fault.As(why) == nil || text != name && text != window && text != pieces {
				t.Errorf("%q: %v", text, why)
			}
			return
		}
		if o.Point != "poi_1" && o.Point != "poi_2" || o.Part < 0 || o.Part > 1 || o.Pieces < 1 {
			t.Errorf("%q, %q, %q: %+v", name, window, pieces, o)
		}
	})
}
