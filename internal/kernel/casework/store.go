package casework

import (
	"encoding/json"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

const caseColumns = `id, kind, subject, person, chain, content, state, days, due, paused, left_days, opened, asked,
	assignee, assignee_name, escalated, outcome, decided_by, decided_name, decided_person, closed`

// content is what is sealed of a case.
type content struct {
	Title   string    `json:"title,omitempty"`
	Note    string    `json:"note,omitempty"`
	Missing []Point   `json:"missing,omitempty"`
	Checks  []Check   `json:"checks,omitempty"`
	Before  []Decider `json:"before,omitempty"`
	Also    []Decider `json:"also,omitempty"`
	About   string    `json:"about,omitempty"`
	Reason  string    `json:"reason,omitempty"`
	Handed  *Handed   `json:"handed,omitempty"`
}

func (s *Store) seal(c Case) ([]byte, error) {
	in := content{c.Title, c.Note, c.Missing, c.Checks, c.Before, c.Also, c.About, c.Reason, nil}
	if !c.Handed.At.IsZero() {
		in.Handed = &c.Handed
	}
	plain, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	return s.Ring.Seal(plain, []byte(c.ID))
}

func (s *Store) scan(row interface{ Scan(...any) error }) (Case, error) {
	var c Case
	var chain string
	var sealed []byte
	var days, due, paused, left, opened, asked, escalated, closed int64
	err := row.Scan(&c.ID, &c.Kind, &c.Subject, &c.Person, &chain, &sealed, &c.State, &days, &due, &paused, &left, &opened, &asked,
		&c.Assignee, &c.AssigneeName, &escalated, &c.Outcome, &c.Decider.Account, &c.Decider.Name, &c.Decider.Person, &closed)
	if err != nil {
		return Case{}, err
	}
	c.Clock = Clock{Days: int(days), Due: clock.FromMicros(due), Paused: instant(paused), left: int(left)}
	c.Opened, c.Asked, c.Escalated, c.Closed = clock.FromMicros(opened), instant(asked), instant(escalated), instant(closed)
	if err := json.Unmarshal([]byte(chain), &c.Scope); err != nil {
		return Case{}, err
	}
	if len(sealed) == 0 {
		return c, nil // forgotten
	}
	plain, err := s.Ring.Open(sealed, []byte(c.ID))
	if err != nil {
		return Case{}, err
	}
	var in content
	if err := json.Unmarshal(plain, &in); err != nil {
		return Case{}, err
	}
	c.Title, c.Note, c.Missing, c.Checks = in.Title, in.Note, in.Missing, in.Checks
	c.Before, c.Also, c.About, c.Reason = in.Before, in.Also, in.About, in.Reason
	if in.Handed != nil {
		c.Handed = *in.Handed
	}
	return c, nil
}

// instant is FromMicros with 0 for the zero time, and micros its inverse.
func instant(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return clock.FromMicros(us)
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return clock.Micros(t)
}

func unknown() error { return fault.New(fault.NotFound, "casework.unknown") }

// load reads a case, whoever asks.
func (s *Store) load(r storage.Reader, id string) (Case, error) {
	c, err := s.scan(r.Row(`select `+caseColumns+` from casework_case where id = $1`, id))
	if storage.NoRows(err) {
		return Case{}, unknown()
	}
	return c, err
}

// Get returns one case, for whoever works cases of its kind there.
//
// Faults: NotFound, also for one out of reach.
func (s *Store) Get(r storage.Reader, by auth.Principal, id string) (Case, error) {
	c, err := s.load(r, id)
	if err != nil {
		return Case{}, err
	}
	if _, known := s.kinds[c.Kind]; !known || s.permit(by, c.Kind, c.Scope) != nil {
		return Case{}, unknown()
	}
	return c, nil
}

// working loads a case that is not closed, for whoever works it. Whoever decided what
// an appeal is against takes no part in it: neither asks, looks, assigns nor decides.
func (s *Store) working(r storage.Reader, by auth.Principal, id string) (Case, error) {
	c, err := s.Get(r, by, id)
	switch {
	case err != nil:
		return c, err
	case c.State == Closed:
		return c, fault.New(fault.Conflict, "casework.closed")
	}
	return c, c.another(by)
}

// save writes what a verb changed. What was assigned before is past: it is not taken
// back under somebody's work.
func (s *Store) save(tx *storage.Tx, c Case) error {
	c.Handed = Handed{}
	return s.write(tx, c)
}

// write stores a case, unless it was closed meanwhile.
func (s *Store) write(tx *storage.Tx, c Case) error {
	sealed, err := s.seal(c)
	if err != nil {
		return err
	}
	standing := ""
	if c.State == Closed {
		standing = c.ID
	}
	n, err := tx.Exec(`update casework_case set content = $1, state = $2, standing = $3, due = $4, paused = $5, left_days = $6, asked = $7,
		assignee = $8, assignee_name = $9, outcome = $10, decided_by = $11, decided_name = $12, decided_person = $13, closed = $14
		where id = $15 and state <> 'closed'`,
		sealed, c.State, standing, clock.Micros(c.Clock.Due), micros(c.Clock.Paused), c.Clock.left, micros(c.Asked),
		c.Assignee, c.AssigneeName, c.Outcome, c.Decider.Account, c.Decider.Name, c.Decider.Person, micros(c.Closed), c.ID)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "casework.closed")
	}
	return err
}

// Holds says why a person cannot be forgotten now: never, a case that is open does
// not outweigh it.
func (s *Store) Holds(storage.Reader, string) error { return nil }

// Forget destroys what was written in a person's cases, when the person's part of
// the log is erased; a case that is not closed ends without an outcome.
func (s *Store) Forget(tx *storage.Tx, person string) error {
	if _, err := tx.Exec(`delete from casework_photo where case_id in (select id from casework_case where person = $1)`, person); err != nil {
		return err
	}
	_, err := tx.Exec(`update casework_case set content = $1, subject = id, person = '', standing = id, state = 'closed',
		closed = case when closed = 0 then $2 else closed end where person = $3`, []byte{}, clock.Micros(s.Now()), person)
	return err
}
