package status

import (
	"time"

	"breakwater/internal/admission"
)

// Report is the state of the moment, as programs are told it.
type Report struct {
	State   State     `json:"state" enum:"well,busy,ill,unknown" doc:"busy: somebody was refused in the last ten seconds; ill: the store does not answer or has no room."`
	At      time.Time `json:"at"`
	Running time.Time `json:"running_since"`

	Store Store `json:"store"`
	Log   Log   `json:"log"`
	Work  Work  `json:"work"`

	LastMinute []Class  `json:"last_minute" doc:"Requests by importance, the last to be refused first."`
	Changes    []Change `json:"changes" doc:"The latest first; since this program runs."`
}

// Store is whether the store answers and keeps what it is told.
type Store struct {
	Reachable bool       `json:"reachable"`
	Since     *time.Time `json:"since" doc:"Null before the first look."`
}

// Log is up to where the log is sealed.
type Log struct {
	Sealed int64      `json:"sealed" doc:"Facts that have their place in the log for good."`
	At     *time.Time `json:"at" doc:"When that was last seen; null before."`
}

// Work is how much is done and how long it waits.
type Work struct {
	Shows    float64    `json:"code_shows_per_second" doc:"Over the last ten seconds."`
	Gates    float64    `json:"gate_requests_per_second"`
	Wait50   float64    `json:"wait_p50_ms" doc:"How long work waited for a processor in the last minute."`
	Wait99   float64    `json:"wait_p99_ms"`
	Limited  bool       `json:"limited" doc:"Not everybody can be let in at this moment."`
	Since    *time.Time `json:"limited_since"`
	Capacity int        `json:"capacity" doc:"Requests a second that the operator allows; 0: what the machine bears."`
}

// Class is the last minute of one importance.
type Class struct {
	Class    string `json:"class" enum:"show,notice,gate,sampling,result,order,statistics,import"`
	Accepted int64  `json:"accepted"`
	Refused  int64  `json:"refused"`
}

// Report returns the state of the moment, from memory.
func (w *Watch) Report() Report {
	load, now := w.Door.Load(), w.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	out := Report{
		State: w.state(now), At: now, Running: w.begun,
		Store: Store{w.store && now.Sub(w.looked) <= stale, moment(w.since)}, Log: Log{w.sealed, moment(w.headAt)},
		Work:       Work{load.Shows, load.Gates, ms(load.Wait50), ms(load.Wait99), load.Limited, nil, load.Capacity},
		LastMinute: []Class{}, Changes: []Change{},
	}
	if load.Limited {
		out.Work.Since = moment(now.Add(-load.For).Truncate(time.Millisecond))
	}
	for _, c := range load.Classes {
		out.LastMinute = append(out.LastMinute, Class{c.Class.String(), c.Accepted, c.Refused})
	}
	for i := len(w.changes) - 1; i >= 0; i-- {
		out.Changes = append(out.Changes, w.changes[i])
	}
	return out
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// offered are the classes the program has routes for; nothing is shown of what
// cannot happen.
func (r Report) offered() []Class {
	var out []Class
	for _, c := range r.LastMinute {
		if c.Class != admission.Sampling.String() || c.Accepted+c.Refused > 0 {
			out = append(out, c)
		}
	}
	return out
}
