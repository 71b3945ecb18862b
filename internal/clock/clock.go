// Package clock passes the time in. Nothing below the composition root reads
// the wall clock: a caller hands over a Clock or an instant, so that tests and
// rehearsals can choose the moment.
//
// It refuses to know time zones beyond the district's own.
package clock

import (
	"sync/atomic"
	"time"
	_ "time/tzdata" // a small machine may lack the zone files
)

// Clock returns the current instant.
type Clock func() time.Time

// Wall is the machine's clock in UTC, cut to microseconds as the store keeps them.
func Wall() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// Micros is the stored form of an instant: microseconds since 1970 UTC.
func Micros(t time.Time) int64 { return t.UnixMicro() }

// FromMicros is the inverse of Micros.
func FromMicros(us int64) time.Time { return time.UnixMicro(us).UTC() }

// Hand is a clock that stands still until it is set: for tests and rehearsals.
type Hand struct{ us atomic.Int64 }

// NewHand returns a hand-set clock.
func NewHand(t time.Time) *Hand {
	h := new(Hand)
	h.Set(t)
	return h
}

// Now is a Clock.
func (h *Hand) Now() time.Time { return FromMicros(h.us.Load()) }

// Set moves the clock to t.
func (h *Hand) Set(t time.Time) { h.us.Store(t.UnixMicro()) }

// Add moves the clock by d.
func (h *Hand) Add(d time.Duration) { h.us.Add(d.Microseconds()) }
