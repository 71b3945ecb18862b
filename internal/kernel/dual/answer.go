package dual

import (
	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

// Confirm is the second person's yes: the act is done now, by do, in the caller's
// transaction. The caller returns do's error as its own, so that what failed is
// not confirmed either and may be tried again. Of several who confirm at once,
// one does; a withdrawal that came first stands.
//
// kind is the kind of act that the caller knows how to do: an act of another one is
// not there for it.
//
// Faults: NotFound, also for an act out of reach or of another kind; Denied "dual.same_person" for
// the proposer by whatever account, and "dual.operator"; Conflict "dual.ended" or
// "dual.expired"; and do's own.
func (s *Store) Confirm(tx *storage.Tx, by auth.Principal, kind, id string, do func(Act) error) (Act, error) {
	a, err := s.waiting(tx, by, id)
	if err == nil && a.Kind != kind {
		err = unknown()
	}
	if err != nil {
		return Act{}, err
	}
	if err := second(by, a); err != nil {
		return Act{}, err
	}
	if err := s.end(tx, &a, Confirmed, by); err != nil {
		return Act{}, err
	}
	if do != nil {
		if err := do(a); err != nil {
			return Act{}, err
		}
	}
	return a, s.record(tx, FactConfirmed, by.ID, a.Reason, a)
}

// Refuse is the second person's no, with a reason. Nothing is done.
//
// Faults: as Confirm, and Invalid for the reason's length.
func (s *Store) Refuse(tx *storage.Tx, by auth.Principal, id, reason string) (Act, error) {
	reason, err := reasoned(reason)
	if err != nil {
		return Act{}, err
	}
	a, err := s.waiting(tx, by, id)
	if err != nil {
		return Act{}, err
	}
	if err := second(by, a); err != nil {
		return Act{}, err
	}
	a.Answer = reason
	if err := s.end(tx, &a, Refused, by); err != nil {
		return Act{}, err
	}
	return a, s.record(tx, FactRefused, by.ID, reason, a)
}

// Withdraw takes back one's own proposal while it waits.
//
// Faults: NotFound; Denied "dual.not_yours"; Conflict "dual.ended" or "dual.expired".
func (s *Store) Withdraw(tx *storage.Tx, by auth.Principal, id string) (Act, error) {
	a, err := s.waiting(tx, by, id)
	if err != nil {
		return Act{}, err
	}
	if by.ID != a.Proposer && by.Role != auth.System {
		return Act{}, fault.New(fault.Denied, "dual.not_yours")
	}
	if err := s.end(tx, &a, Withdrawn, auth.Principal{}); err != nil {
		return Act{}, err
	}
	return a, s.record(tx, FactWithdrawn, by.ID, "", a)
}

// waiting loads an act that can still be answered.
func (s *Store) waiting(r storage.Reader, by auth.Principal, id string) (Act, error) {
	a, err := s.Get(r, by, id)
	switch {
	case err != nil:
		return Act{}, err
	case a.State == Expired:
		return Act{}, fault.New(fault.Conflict, "dual.expired")
	case a.State != Proposed:
		return Act{}, ended()
	}
	return a, nil
}

func ended() error { return fault.New(fault.Conflict, "dual.ended") }

// second permits by to answer what somebody else asked.
func second(by auth.Principal, a Act) error {
	if by.Role == auth.System {
		return fault.New(fault.Denied, "dual.operator")
	}
	if by.Same(auth.Principal{ID: a.Proposer, Person: a.person, Name: a.ProposerName}) {
		return fault.New(fault.Denied, "dual.same_person")
	}
	return nil
}

// end moves a waiting act to its end, unless somebody else has: the row says so,
// whatever was read before.
func (s *Store) end(tx *storage.Tx, a *Act, state string, by auth.Principal) error {
	now := s.Now()
	a.State, a.Second, a.SecondName, a.Ended = state, by.ID, by.Name, now
	sealed, err := s.seal(*a)
	if err != nil {
		return err
	}
	n, err := tx.Exec(`update dual_act set state = $1, standing = id, content = $2, second = $3, second_name = $4, ended = $5
		where id = $6 and state = 'proposed' and expires > $5`, state, sealed, by.ID, by.Name, clock.Micros(now), a.ID)
	if err == nil && n == 0 {
		err = ended()
	}
	return err
}
