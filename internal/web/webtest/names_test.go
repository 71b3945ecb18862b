package webtest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The two lookers see what they are there to refuse.
func TestNames(t *testing.T) {
	got := GoNames([]byte(`{"list":[{"ID":"per_1","id_number":""}],"per_01ABC":{"Name":1},"":0}`))
	if diff := cmp.Diff([]string{".list[0].ID", ".per_01ABC.Name"}, got); diff != "" {
		t.Error(diff)
	}
	got, err := DocumentNames([]byte(`{"components":{"schemas":{"Person":{"properties":{"ID":{},"id_number":{},"idKind":{"properties":{"ok":{}}}}}}},
		"paths":{"/x":{"get":{"parameters":[{"in":"query","name":"dryRun"},{"in":"path","name":"firm"},{"in":"header","name":"Idempotency-Key"}]}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{".components.schemas.Person.properties.ID", ".components.schemas.Person.properties.idKind", ".paths./x.get.parameters[0] dryRun"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
