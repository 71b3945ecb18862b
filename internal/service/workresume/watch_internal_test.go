package workresume

import (
	"testing"
	"time"
)

// While the watch reads a roster of thousands, whoever commits does not stand behind it.
func TestTellingTheWatchNeverWaits(t *testing.T) {
	w := newWatcher()
	w.mu.Lock()
	defer w.mu.Unlock()
	told := make(chan struct{})
	go func() {
		w.mark("firm", true)
		w.sight(sighted{person: "somebody"})
		close(told)
	}()
	select {
	case <-told:
	case <-time.After(10 * time.Second):
		t.Fatal("a commit waits for the watch")
	}
	if !w.marks["firm"] || len(w.sights) != 1 {
		t.Errorf("%v, %v", w.marks, w.sights)
	}
}
