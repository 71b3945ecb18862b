package casework

import (
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

// Take makes by the one who works the case.
//
// Faults: NotFound; Conflict "casework.taken" when somebody else has it, or
// "casework.closed"; Denied "casework.first_decider" of an appeal.
func (s *Store) Take(tx *storage.Tx, by auth.Principal, id string) (Case, error) {
	c, err := s.working(tx, by, id)
	if err != nil {
		return Case{}, err
	}
	switch {
	case c.Assignee == by.ID:
		return c, nil
	case c.Assignee != "":
		return Case{}, fault.New(fault.Conflict, "casework.taken", "name", c.AssigneeName)
	}
	return s.assign(tx, by, c, by, FactTaken)
}

// Give hands the case to a colleague, who must be able to work it.
//
// Faults: NotFound; Conflict "casework.closed"; Denied "casework.first_decider" of an
// appeal; Invalid at the field "to" when the colleague may not work cases there or
// decided before.
func (s *Store) Give(tx *storage.Tx, by auth.Principal, id string, to auth.Principal) (Case, error) {
	c, err := s.working(tx, by, id)
	if err != nil {
		return Case{}, err
	}
	bad := fault.New(fault.Invalid, "fault.fields")
	if to.Zero() || s.permit(to, c.Kind, c.Scope) != nil {
		return Case{}, bad.With("to", "casework.colleague")
	}
	if err := c.another(to); err != nil {
		return Case{}, bad.With("to", "casework.first_decider")
	}
	return s.assign(tx, by, c, to, FactGiven)
}

// Release puts the case back for anybody to take. Whoever works cases there may:
// somebody who is ill cannot.
//
// Faults: NotFound; Conflict "casework.closed"; Denied "casework.first_decider" of an
// appeal.
func (s *Store) Release(tx *storage.Tx, by auth.Principal, id string) (Case, error) {
	c, err := s.working(tx, by, id)
	if err != nil || c.Assignee == "" {
		return c, err
	}
	return s.assign(tx, by, c, auth.Principal{}, FactReleased)
}

func (s *Store) assign(tx *storage.Tx, by auth.Principal, c Case, to auth.Principal, fact string) (Case, error) {
	if err := c.another(to); err != nil {
		return Case{}, err
	}
	c.Handed = Handed{By: DeciderOf(by), At: s.Now(), From: c.Assignee, FromName: c.AssigneeName}
	c.Assignee, c.AssigneeName = to.ID, to.Name
	if err := s.write(tx, c); err != nil {
		return Case{}, err
	}
	return c, s.record(tx, fact, by.ID, c, FactBody{Assignee: to.ID})
}

// another refuses whoever decided what the case appeals against.
func (c Case) another(by auth.Principal) error {
	for _, d := range c.Before {
		if !by.Zero() && by.Same(auth.Principal{ID: d.Account, Person: d.Person, Name: d.Name}) {
			return fault.New(fault.Denied, "casework.first_decider")
		}
	}
	return nil
}
