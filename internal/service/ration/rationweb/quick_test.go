package rationweb

import (
	"encoding/json"
	"testing"
	"time"

	"breakwater/internal/service/ration"
)

// What the lane writes by hand is what encoding/json writes, field by field: a field
// that is added to an allotment and not here is found.
func TestAppendPromised(t *testing.T) {
	at := time.Date(2020, 2, 12, 12, 0, 0, 120_000, time.UTC)
	a := ration.Allotment{
		ID: "trf_01J0000000000000000000000A", Offer: "off_01J0000000000000000000000B", Campaign: "guangzhou-2020", Pieces: 5, Code: "8H5R-JF72",
		Until: at.Add(30 * time.Hour).Truncate(time.Second), State: ration.Held, At: at, Person: "per_1", Firm: "",
	}
	want, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(appendPromised(nil, a)); got != string(want) || !promisedOnly(a) {
		t.Errorf("%s\n%s", got, want)
	}
	for name, b := range map[string]func(*ration.Allotment){
		"ended": func(a *ration.Allotment) { a.Ended = at }, "lot": func(a *ration.Allotment) { a.Lot = "lot_1" },
		"sent": func(a *ration.Allotment) { a.Parcel = &ration.Parcel{} }, "collected": func(a *ration.Allotment) { a.State = ration.Collected },
	} {
		x := a
		if b(&x); promisedOnly(x) {
			t.Errorf("%s is only promised", name)
		}
	}
}
