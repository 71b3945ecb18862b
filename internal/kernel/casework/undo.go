package casework

import (
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

// undoWithin is how long an assignment can be taken back: the time in which somebody
// sees that it was a slip. Later it is a new decision, and is made as one.
const undoWithin = 10 * time.Minute

// Handed is who assigned a case last, when, and who had it before, "" for nobody.
type Handed struct {
	By       Decider   `json:"by"`
	At       time.Time `json:"at"`
	From     string    `json:"from,omitempty"`
	FromName string    `json:"from_name,omitempty"`
}

// Undoable is whether by can take back the last assignment now: they made it, a
// moment ago, and nothing has happened to the case since.
func (c Case) Undoable(by auth.Principal, now time.Time) bool {
	h := c.Handed
	return c.State != Closed && !h.At.IsZero() && now.Sub(h.At) < undoWithin &&
		by.Same(auth.Principal{ID: h.By.Account, Person: h.By.Person, Name: h.By.Name})
}

// Undo takes the last assignment back: whoever had the case before has it again. It
// is a fact of its own, and is not itself taken back.
//
// Faults: NotFound; Denied "casework.first_decider"; Conflict "casework.closed"; Conflict "casework.undo_none" for
// anybody but who assigned it, ten minutes later, or when something has happened since.
func (s *Store) Undo(tx *storage.Tx, by auth.Principal, id string) (Case, error) {
	c, err := s.working(tx, by, id)
	if err != nil {
		return Case{}, err
	}
	if !c.Undoable(by, s.Now()) {
		return Case{}, fault.New(fault.Conflict, "casework.undo_none", "minutes", int(undoWithin/time.Minute))
	}
	c.Assignee, c.AssigneeName = c.Handed.From, c.Handed.FromName
	if err := s.save(tx, c); err != nil {
		return Case{}, err
	}
	return c, s.record(tx, FactUndone, by.ID, c, FactBody{Assignee: c.Assignee})
}
