package main

import (
	"context"
	"fmt"
	"testing"
)

// Whoever ends a command is told that, not that too many people are here.
func TestStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := &session{ctx: ctx, getenv: func(string) string { return "" }}
	err := fmt.Errorf("drill: %w", context.Canceled)
	const stopped = "Stopped before the end, as you asked."
	if got := s.explain(err); got == stopped {
		t.Error("said before anybody stopped it")
	}
	cancel()
	if got := s.explain(err); got != stopped {
		t.Error(got)
	}
}
