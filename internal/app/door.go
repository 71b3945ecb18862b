package app

import (
	"context"
	"runtime"
	"time"

	"breakwater/internal/admission"
)

// sealed is how many facts have their place in the log.
func (a *App) sealed(ctx context.Context) (int64, error) {
	size, _, err := a.Log.Head(ctx)
	return size, err
}

// newDoor makes the door of the program: it measures this machine and this store.
func (a *App) newDoor() *admission.Door {
	began := time.Now()
	return admission.New(admission.Deps{
		Elapsed: func() time.Duration { return time.Since(began) },
		Store: func() (write, read time.Duration) {
			w := a.DB.Waits()
			return w.Write, w.Read
		},
		Capacity: a.Config.Capacity,
	}, runtime.GOMAXPROCS(0))
}
