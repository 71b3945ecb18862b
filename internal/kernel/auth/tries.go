package auth

import (
	"math"
	"time"

	"breakwater/internal/fault"
)

// tries limits wrong tries of one kind of name. near counts them per name and
// network, or per name and device once the device has proved itself; far counts
// those of all strangers together. An outsider who guesses at a name from many
// networks meets far, and the holder at a known device does not: see decision
// 0017.
type tries struct{ near, far *limiter }

// attempt is one try charged, and what to give back when it was right.
type attempt []charged

type charged struct {
	at  *limiter
	key string
}

// charge counts a try against its network and its name, before any work.
// Faults: TooMany "auth.too_many".
func (s *Service) charge(t tries, name string, from Client) (attempt, error) {
	var a attempt
	net := network(from.Addr)
	where := "net:" + net
	device, known := s.proven(from.Proof, name)
	wanted := []charged{{s.byNetwork, where}, {t.near, name + "\n" + where}, {t.far, name}}
	if known {
		wanted = []charged{{s.byNetwork, where}, {t.near, name + "\ndevice:" + device}}
	}
	for _, c := range wanted {
		if wait := c.at.take(c.key); wait > 0 {
			a.undo() // refused before a guess was made
			return nil, tooMany(wait)
		}
		a = append(a, c)
	}
	return a, nil
}

// undo gives a try back: it was right, or was never made.
func (a attempt) undo() {
	for _, c := range a {
		c.at.give(c.key)
	}
}

// tooMany is a TooMany fault with the seconds to wait, or nil for no wait.
func tooMany(wait time.Duration) error {
	if wait <= 0 {
		return nil
	}
	seconds := int(math.Ceil(wait.Seconds()))
	return fault.New(fault.TooMany, "auth.too_many", "seconds", seconds, "wait", time.Duration(seconds)*time.Second)
}
