package casework

import (
	"encoding/json"
	"strings"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

// The bounds of what is written, in characters.
const (
	textLeast, textMost = 2, 1000
	pointsMost          = 40
)

// Opening is what a service says of a new case.
type Opening struct {
	Kind    string
	Subject string
	Person  string
	Title   string // a firm's public name; "" where the subject is a person
	Scope   []auth.Scope
	Note    string
	Missing []Point   // told already, by the rules
	Before  []Decider // of an appeal
	About   string    // of an appeal: the case decided
	At      time.Time // zero: now
	Waiting bool      // the applicant has to act first: the clock stands from the start
}

// Open opens a case for whom the service has permitted; one of a kind stands for a
// subject at a time.
//
// Faults: Conflict "casework.standing".
func (s *Store) Open(tx *storage.Tx, by auth.Principal, in Opening) (Case, error) {
	k, ok := s.kinds[in.Kind]
	if !ok {
		return Case{}, fault.New(fault.Internal, "casework.kind_unknown", "kind", in.Kind)
	}
	cal, err := s.Calendar(tx)
	if err != nil {
		return Case{}, err
	}
	now := in.At
	if now.IsZero() {
		now = s.Now()
	}
	c := Case{
		ID: ident.New("cas", now), Kind: in.Kind, Subject: in.Subject, Person: in.Person, Title: in.Title, Scope: in.Scope, State: Open,
		Clock: cal.Start(now, k.Days), Opened: now, Note: in.Note, Missing: in.Missing, Before: in.Before, About: in.About,
	}
	if in.Waiting {
		c.State, c.Clock = Waiting, cal.Pause(c.Clock, now)
	}
	added, err := s.insert(tx, c)
	if err != nil {
		return Case{}, err
	}
	if !added {
		return Case{}, fault.New(fault.Conflict, "casework.standing")
	}
	return c, s.record(tx, FactOpened, by.ID, c, FactBody{Due: &c.Clock.Due, Missing: c.Missing})
}

func (s *Store) insert(tx *storage.Tx, c Case) (bool, error) {
	chain, err := json.Marshal(c.Scope)
	if err != nil {
		return false, err
	}
	sealed, err := s.seal(c)
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(`insert into casework_case (id, kind, subject, person, park, chain, content, state, standing, days, due, paused, left_days,
		opened, asked, assignee, assignee_name, escalated, outcome, decided_by, decided_name, decided_person, closed)
		values ($1, $2, $3, $4, $5, $6, $7, $8, '', $9, $10, $11, $12, $13, 0, '', '', 0, '', '', '', '', 0)
		on conflict (kind, subject, standing) do nothing`,
		c.ID, c.Kind, c.Subject, c.Person, parkOf(c.Scope), string(chain), sealed, c.State, c.Clock.Days, clock.Micros(c.Clock.Due), micros(c.Clock.Paused), c.Clock.left,
		clock.Micros(c.Opened))
	return n == 1, err
}

// parkOf is the park among a case's scopes, "" for none.
func parkOf(chain []auth.Scope) string {
	for _, at := range chain {
		if at.Kind == auth.AtPark {
			return at.ID
		}
	}
	return ""
}

// Move lets the standing cases about a subject follow it to another place: from here
// on they are its officers' to see. Closed ones stay where they were decided. The
// caller records what moved.
func (s *Store) Move(tx *storage.Tx, subject string, scope []auth.Scope) error {
	chain, err := json.Marshal(scope)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`update casework_case set park = $1, chain = $2 where subject = $3 and standing = ''`, parkOf(scope), string(chain), subject)
	return err
}

// written is a text without the space around it, or a fault at its field: the
// applicant reads it.
func written(bad *fault.Error, field, text string) string {
	text = strings.TrimSpace(text)
	if !ident.Reasoned(text, textLeast, textMost) {
		bad.With(field, "casework.text_length", "least", textLeast, "most", textMost)
	}
	return text
}
