// Package ident makes and checks the identifiers the district uses: its own
// time-ordered ids, codes that people read aloud, and the national numbers of
// organisations (GB 32100) and people (GB 11643).
//
// It refuses to look anything up: an identifier that is well formed may still
// belong to nobody.
package ident

import (
	"crypto/rand"
	"encoding/binary"
	"sync"
	"time"
)

const crockford = "0123456789abcdefghjkmnpqrstvwxyz"

var last struct {
	sync.Mutex
	ms  uint64
	low uint64
	hi  uint16
}

// New returns a new id: prefix, "_" and 26 characters of Crockford base32, 48
// bits of milliseconds and 80 of randomness. Ids of one process ascend, which
// keeps database indexes compact; see RFC 9562 on time-ordered identifiers.
func New(prefix string, now time.Time) string {
	ms := uint64(now.UnixMilli())
	last.Lock()
	if ms > last.ms {
		var b [10]byte
		_, _ = rand.Read(b[:]) // never fails, see crypto/rand
		last.ms, last.hi, last.low = ms, binary.BigEndian.Uint16(b[:]), binary.BigEndian.Uint64(b[2:])
	} else {
		var b [4]byte
		_, _ = rand.Read(b[:])
		before := last.low
		last.low += 1 + uint64(binary.BigEndian.Uint32(b[:]))
		if last.low < before {
			last.hi++
		}
	}
	ms, hi, low := last.ms, last.hi, last.low
	last.Unlock()

	out := make([]byte, len(prefix)+27)
	n := copy(out, prefix)
	out[n] = '_'
	enc := out[n+1:]
	for i := 9; i >= 0; i-- {
		enc[i] = crockford[ms&31]
		ms >>= 5
	}
	for i := 25; i >= 10; i-- {
		enc[i] = crockford[low&31]
		low = low>>5 | uint64(hi&31)<<59
		hi >>= 5
	}
	return string(out)
}
