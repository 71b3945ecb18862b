package casework

import (
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

// Decide closes a case with an outcome and the reason the applicant reads. What
// the outcome does is the service's, in the same transaction. An appeal is decided
// by another person than who decided first.
//
// Faults: NotFound; Conflict "casework.closed"; Denied "casework.first_decider";
// Invalid for the reason's length.
func (s *Store) Decide(tx *storage.Tx, by auth.Principal, id, outcome, reason string) (Case, error) {
	bad := fault.New(fault.Invalid, "fault.fields")
	reason = written(bad, "reason", reason)
	if err := bad.OrNil(); err != nil {
		return Case{}, err
	}
	c, err := s.working(tx, by, id)
	if err != nil {
		return Case{}, err
	}
	return s.close(tx, by, c, outcome, reason)
}

// Settle closes a case that settled itself: the rules found nothing missing any
// more, the matter has gone, or two people decided it elsewhere. It permits nobody;
// the service does.
//
// Faults: NotFound; Conflict "casework.closed".
func (s *Store) Settle(tx *storage.Tx, by auth.Principal, id, outcome, reason string, also ...Decider) (Case, error) {
	c, err := s.load(tx, id)
	if err != nil {
		return Case{}, err
	}
	c.Also = also
	return s.close(tx, by, c, outcome, reason)
}

// Restate puts other words in the place of what was asked for, while the case is not
// closed: the applicant's own for somebody's who spoke for them. The clock and the
// evidence stand. It permits nobody; the service does.
//
// Faults: NotFound; Conflict "casework.closed".
func (s *Store) Restate(tx *storage.Tx, by auth.Principal, id, note string) error {
	c, err := s.load(tx, id)
	if err != nil {
		return err
	}
	c.Note = note
	if err := s.write(tx, c); err != nil { // refuses a closed one
		return err
	}
	return s.record(tx, FactRestated, by.ID, c, FactBody{})
}

func (s *Store) close(tx *storage.Tx, by auth.Principal, c Case, outcome, reason string) (Case, error) {
	if c.State == Closed {
		return Case{}, fault.New(fault.Conflict, "casework.closed")
	}
	c.State, c.Outcome, c.Reason, c.Decider, c.Closed = Closed, outcome, reason, DeciderOf(by), s.Now()
	if err := s.save(tx, c); err != nil {
		return Case{}, err
	}
	return c, s.record(tx, FactClosed, by.ID, c, FactBody{Outcome: outcome, Reason: reason})
}
