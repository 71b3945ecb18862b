package storage

import "time"

// WithRun sets how long the closures of a batch may take together, so that a
// slow machine does not split a test's batch.
func WithRun(d time.Duration) Option { return func(o *options) { o.run = d } }

// WithSynchronous sets SQLite's pragma: the negative control of durability.
func WithSynchronous(v string) Option { return func(o *options) { o.synchronous = v } }
