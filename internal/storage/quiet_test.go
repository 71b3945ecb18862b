package storage_test

import "log/slog"

// quiet is for tests that provoke what is worth an error in the log.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
