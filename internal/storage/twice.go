package storage

import "errors"

// Twice is for tests: every Write's closure runs, what it did is undone, and it runs
// again, as it may at any time beside others. A closure that leaves something behind in
// its variables then does something else the second time, and its test fails.
func Twice() Option { return func(o *options) { o.twice = true } }

var errUndone = errors.New("storage: undone, to run again")

func twice(fn WriteFunc) WriteFunc {
	return func(tx *Tx) error {
		err := tx.Apart(func() error {
			tx.apart = false // the closure may have parts of its own
			_ = fn(tx)       // the second run answers
			return errUndone
		})
		if !errors.Is(err, errUndone) {
			return err
		}
		return fn(tx)
	}
}
