package workresume

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
)

// What is left empty says what is wanted there, once; nobody is asked for a reason on a
// page that nobody else reads.
func TestTravelLeftEmpty(t *testing.T) {
	t.Parallel()
	err := (&Travel{Visits: []Visit{{Place: "郑州"}}}).mend(readDay("2020-02-12"))
	said := map[string][]string{}
	for _, f := range fault.As(err).Fields {
		said[f.Name] = append(said[f.Name], f.Code)
	}
	want := map[string][]string{
		"lodging":  {"workresume.lodging_length"},
		"origin":   {"workresume.place_length"},
		"arrived":  {"workresume.travel_day"},
		"place[0]": {"workresume.place_province"},
		"from[0]":  {"workresume.travel_day"},
		"until[0]": {"workresume.travel_day"},
	}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Error(diff)
	}
}
