package storage

// WithSynchronous sets SQLite's pragma: the negative control of durability.
func WithSynchronous(v string) Option { return func(o *options) { o.synchronous = v } }
