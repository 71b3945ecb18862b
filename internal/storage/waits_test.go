package storage_test

import (
	"runtime"
	"sync"
	"testing"
	"time"

	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

// A queue that runs empty shows no wait however long a commit takes; one that
// stands behind a slow closure does.
func TestWaits(t *testing.T) {
	storagetest.Run(t, nil, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		nothing := func(*storage.Tx) error { return nil }
		db.Waits()
		if err := db.Write(ctx, nothing); err != nil {
			t.Fatal(err)
		}
		if w := db.Waits(); w.Write > 5*time.Second || w.Read != 0 {
			t.Errorf("one write by itself: %+v", w)
		}
		if db.Engine() != storage.SQLite {
			return // there a Write waits only when every connection is taken
		}
		running, release := make(chan struct{}), make(chan struct{})
		var all sync.WaitGroup
		all.Go(func() {
			_ = db.Write(ctx, func(*storage.Tx) error {
				close(running)
				<-release
				return nil
			})
		})
		<-running
		db.Waits()
		began := time.Now()
		for range 3 {
			all.Go(func() { _ = db.Write(ctx, nothing) })
		}
		for db.Stats().Waiting < 3 {
			runtime.Gosched()
		}
		queued := time.Now()
		for time.Since(queued) < 10*time.Millisecond {
			runtime.Gosched()
		}
		close(release)
		all.Wait()
		if w, most := db.Waits().Write, time.Since(began); w < 10*time.Millisecond || w > most {
			t.Errorf("three behind a slow one waited %v, want 10 ms to %v", w, most)
		}
		if w := db.Waits(); w != (storage.Waits{}) {
			t.Errorf("asked again: %+v", w)
		}
	})
}
