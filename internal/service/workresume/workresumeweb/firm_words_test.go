package workresumeweb

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/service/workresume"
)

// A firm that is certified is not told beside it that its file was returned.
func TestNoticesStillTrue(t *testing.T) {
	var list []workresume.Notice
	for _, code := range []string{"told_certified", "told_moved_away", "told_watch_kept", "told_returned", "told_watch_warned", "told_moved_away", "told_unfiled"} {
		list = append(list, workresume.Notice{Code: "workresume." + code})
	}
	var got []string
	for _, n := range stillTrue(list) {
		got = append(got, n.Code)
	}
	want := []string{"workresume.told_certified", "workresume.told_moved_away", "workresume.told_watch_kept", "workresume.told_moved_away"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
