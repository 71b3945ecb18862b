package storage

import (
	"log/slog"
	"runtime"
	"runtime/debug"
)

// thrown is a closure's panic, or its Goexit, on its way to the caller.
type thrown struct {
	value  any
	goexit bool
}

// raise throws it again, on the caller's goroutine.
func (t *thrown) raise() {
	if t.goexit {
		runtime.Goexit()
	}
	panic(t.value)
}

// guard runs fn and catches its panic. A Goexit cannot be caught: then done is
// told from the dying goroutine, and guard does not return.
func guard(log *slog.Logger, fn func(), done ...func(*thrown)) (t *thrown) {
	normal := false
	defer func() {
		if normal {
			t = nil
		} else if v := recover(); v != nil {
			t = &thrown{value: v}
			log.Error("panic inside a transaction", "panic", v, "stack", string(debug.Stack()))
		} else {
			t = &thrown{goexit: true}
		}
		for _, f := range done {
			f(t)
		}
	}()
	fn()
	normal = true
	return nil
}
