package workresume_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/service/workresume"
)

// A store that is away for a moment neither ends the background's work nor blocks
// a firm: the file it interrupted is ended, and the next one is taken.
func TestStoreAwayForAMoment(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		down := fault.New(fault.Unavailable, "storage.unavailable")
		f, office := w.certified(w.park, 2)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		w.db.Break(down)
		go func() { ended <- w.Run(ctx) }()
		select {
		case err := <-ended:
			t.Fatalf("ended with the store: %v", err)
		case <-time.After(50 * time.Millisecond):
		}
		w.db.Break(nil)

		// The next file is cut off as soon as its reading begins.
		cut := make(chan struct{}, 1)
		w.files.watch(func() {
			w.db.Break(down)
			select {
			case cut <- struct{}{}:
			default:
			}
		})
		im, err := w.StartImport(t.Context(), office, workresume.ImportInput{Firm: f.ID, Name: "roster.csv", Body: bytes.NewReader(roll(w.make(3)...))})
		must(t, err)
		<-cut
		w.Await(t.Context(), im.ID, 50*time.Millisecond)
		w.files.watch(nil)
		w.db.Break(nil)
		w.Await(t.Context(), im.ID, time.Minute)
		im, err = w.Import(t.Context(), office, im.ID)
		must(t, err)
		// Done, if the reader was so slow that the store was back before it wrote.
		if im.State != workresume.ImportInterrupted && im.State != workresume.ImportDone {
			t.Errorf("state %s", im.State)
		}
		if im = w.upload(office, f.ID, roll(w.make(3)...)); im.Accepted != 3 {
			t.Errorf("%+v", im)
		}
		stop()
		must(t, <-ended)
	})
}
