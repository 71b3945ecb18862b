package main

import (
	"log/slog"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// A collection of the heap takes a tenth of a second of half the machine, and on a
// morning everybody stands behind it: the heap may grow to three times what lives before
// the next, so that they come half as often. Where memory is scarce, of the machine or
// of its container, they come sooner.
const (
	heapGrowth  = 200  // percent, as GOGC
	memoryShare = 0.75 // of what the machine or the container has
)

// spendMemory sets both for a server, unless its operator set GOGC or GOMEMLIMIT.
func (s *session) spendMemory() {
	if s.getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
	if s.getenv("GOMEMLIMIT") != "" {
		return
	}
	if _, err := memlimit.Set(memlimit.WithRatio(memoryShare), memlimit.WithProvider(memlimit.ApplyFallback(memlimit.FromCgroup, memlimit.FromSystem))); err != nil {
		slog.WarnContext(s.ctx, "how much memory there is", "err", err) // no limit, as before
	}
}
