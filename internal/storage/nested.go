package storage

import (
	"reflect"
	"runtime"
)

// call runs a Write's closure, and what the closure left for its end. It is its own frame so that inside can find it.
//
//go:noinline
func call(fn WriteFunc, tx *Tx) error {
	err := fn(tx)
	if err == nil {
		err = tx.flush()
	}
	return err
}

// notify runs one OnCommit function, as call runs a closure.
//
//go:noinline
func notify(fn func()) { fn() }

// look runs a Read's closure.
//
//go:noinline
func look(fn ReadFunc, r Reader) error {
	err := fn(r)
	return err
}

var (
	writing = []uintptr{reflect.ValueOf(call).Pointer(), reflect.ValueOf(notify).Pointer()}
	reading = append([]uintptr{reflect.ValueOf(look).Pointer()}, writing...)
)

// inside reports whether the calling goroutine is within one of the frames. A
// closure gets no context, so its goroutine's stack is the one sure sign that
// a Write comes from within a Write; waiting for it would never end.
// It costs about a microsecond.
func inside(frames []uintptr) bool {
	var pcs [128]uintptr
	for _, pc := range pcs[:runtime.Callers(2, pcs[:])] {
		f := runtime.FuncForPC(pc - 1) // pc is where the call returns to
		if f == nil {
			continue
		}
		for _, e := range frames {
			if f.Entry() == e {
				return true
			}
		}
	}
	return false
}

// Nested is Internal "storage.nested" for a caller inside a Write's closure or an
// OnCommit function: whoever makes others wait for a Write refuses such a caller,
// who would wait for themselves.
func (db *DB) Nested() error {
	if l, lite := db.back.(*lite); lite && l.writer.busy.Load() == 0 || !inside(writing) {
		return nil
	}
	return errNested()
}
