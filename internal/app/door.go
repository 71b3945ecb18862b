package app

import (
	"runtime"
	"time"

	"breakwater/internal/admission"
)

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
