package auth

import (
	"net/netip"
	"sync"
	"time"

	"breakwater/internal/clock"
)

// limiter counts wrong tries per key: burst at once, then one per interval.
// A try is charged before the work and given back when it was right, so that
// neither parallel guesses nor a factory behind one address are miscounted.
//
// It keeps, per key, only the instant at which the key would be clear again
// (GCRA, ITU-T I.371). It is bounded: when full it first forgets keys that are
// clear, then any. It lives in memory and so is per process; with n nodes a
// guesser has n times as many tries.
type limiter struct {
	burst    int
	interval time.Duration
	most     int
	now      clock.Clock

	mu    sync.Mutex
	clear map[string]time.Time
}

func newLimiter(now clock.Clock, burst int, interval time.Duration) *limiter {
	return &limiter{burst: burst, interval: interval, most: 1 << 15, now: now, clear: map[string]time.Time{}}
}

// take charges one try, or says how long until there is one.
func (l *limiter) take(key string) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	at := l.clear[key]
	if at.Before(now) {
		at = now
	}
	if wait = at.Sub(now) - time.Duration(l.burst-1)*l.interval; wait > 0 {
		return wait
	}
	if _, known := l.clear[key]; !known && len(l.clear) >= l.most {
		l.forget(now)
	}
	l.clear[key] = at.Add(l.interval)
	return 0
}

// give returns a try that was right.
func (l *limiter) give(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at, ok := l.clear[key]; ok {
		l.clear[key] = at.Add(-l.interval)
	}
}

func (l *limiter) forget(now time.Time) {
	for k, at := range l.clear {
		if !at.After(now) {
			delete(l.clear, k)
		}
	}
	for k := range l.clear {
		if len(l.clear) < l.most {
			return
		}
		delete(l.clear, k)
	}
}

// network is what an address is counted by: itself for IPv4, and the /56 that
// one line is given for IPv6, whose holder has 2^72 addresses to try from.
func network(a netip.Addr) string {
	a = a.Unmap()
	if a.Is6() {
		if p, err := a.WithZone("").Prefix(56); err == nil {
			return p.String()
		}
	}
	return a.String()
}
