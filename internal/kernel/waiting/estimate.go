package waiting

import (
	"math"
	"time"
)

// Marks are where the turn stood in the last minutes. The zero Marks are none.
type Marks struct{ list []mark }

type mark struct {
	at    time.Time
	turn  int64
	given int64 // shares, in all
	idle  bool  // nobody waited: how the turn moved says nothing of its pace
}

const (
	span     = 3 * time.Minute
	measured = Patience // until then nobody knows how many of those let in will come
)

// Note adds where things stand; one a second is kept.
func (m *Marks) Note(now time.Time, turn, given int64, idle bool) {
	if n := len(m.list); n > 0 && now.Sub(m.list[n-1].at) < time.Second {
		m.list[n-1].idle = m.list[n-1].idle || idle
		return
	}
	m.list = append(m.list, mark{now, turn, given, idle})
	drop := 0
	for drop < len(m.list) && now.Sub(m.list[drop].at) > span {
		drop++
	}
	if drop > 0 {
		m.list = append(m.list[:0], m.list[drop:]...)
	}
}

// Rate is how many a second had their turn lately, while somebody waited all the time;
// ok is false where that was too short to say.
func (m *Marks) Rate(now time.Time, turn int64) (perSecond float64, ok bool) {
	var from *mark
	for i := len(m.list) - 1; i >= 0 && !m.list[i].idle; i-- {
		from = &m.list[i]
	}
	if from == nil || now.Sub(from.at) < measured {
		return 0, false
	}
	return float64(turn-from.turn) / now.Sub(from.at).Seconds(), true
}

// Coming is how many had their turn within Patience and have not asked yet, given that
// so many shares were given. Who asked is not known by name, and need not be.
func (m *Marks) Coming(now time.Time, turn, given int64) int64 {
	for i := range m.list {
		if now.Sub(m.list[i].at) <= Patience {
			return max((turn-m.list[i].turn)-(given-m.list[i].given), 0)
		}
	}
	return 0
}

// Range is how long it takes until the turn has moved by ahead, from the least to the
// most, where the pace is now and what it was lately are known; ok is false where no
// honest word can be said.
func Range(ahead int64, now, lately float64, known bool) (from, to time.Duration, ok bool) {
	if !known {
		lately = now * begins
	}
	fast, slow := max(now, lately), min(now, lately)
	if fast <= 0 || slow <= 0 {
		return 0, 0, false
	}
	n := float64(max(ahead, 0))
	return minutes(math.Floor(n / fast * 0.8 / 60)), minutes(math.Ceil(n / slow * 1.25 / 60)), true
}

func minutes(n float64) time.Duration { return time.Duration(min(n, 1e6)) * time.Minute }

// Polling. All together ask at most so many times a second; nobody more often than
// every few seconds, and who is far away least often.
const (
	pollsMost = 10_000
	pollLeast = 3 * time.Second
	pollFar   = 5 * time.Minute
	pollPart  = 8 // of the time that is still to go
)

// Again is after how long a place is asked for once more, when left is still to go and
// so many wait. spread, from the ticket, keeps those apart who came together; sharp says
// that at left everything changes at once, as at the opening: then nobody comes before.
func Again(left time.Duration, waiting int64, t Ticket, sharp bool) time.Duration {
	spread := float64(t[0])/256 + float64(t[1])/65536
	least := max(pollLeast, time.Duration(waiting)*time.Second/pollsMost)
	next := min(max(left/pollPart, least), max(pollFar, least))
	if sharp && left < 2*least {
		return max(left, 0) + time.Second + time.Duration(spread*float64(least))
	}
	next += time.Duration(spread * float64(next) / 3)
	if sharp {
		next = min(next, left+time.Second)
	}
	return next
}
