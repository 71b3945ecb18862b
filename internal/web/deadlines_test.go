package web

import (
	"testing"
	"testing/synctest"
	"time"
)

// Commands of one second share a deadline, and none of them has less than five seconds.
func TestDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d deadlines
		first := d.context()
		time.Sleep(999 * time.Millisecond)
		if d.context() != first {
			t.Error("another within the second")
		}
		time.Sleep(time.Millisecond)
		next := d.context()
		if next == first {
			t.Error("shared for more than a second")
		}
		time.Sleep(quickLeast - time.Millisecond)
		if next.Err() != nil {
			t.Error("ended early")
		}
		time.Sleep(quickMost)
		if first.Err() == nil || next.Err() == nil {
			t.Error("does not end")
		}
	})
}
