package party

import (
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/storage"
)

// Update changes a known person: a new phone, a corrected name, an address.
// change edits the opened person; it may be called again. The ID number and
// its kind stay, for they are who the person is. The caller records the fact.
//
// NotFound: nobody has this id, or they were erased. Invalid "party.invalid".
// Conflict "party.number_fixed": change touched the ID number.
func (s *Store) Update(tx *storage.Tx, id ID, now time.Time, change func(*Person)) (Person, error) {
	was, err := s.Get(tx, id)
	if err != nil {
		return Person{}, err
	}
	p := was
	change(&p)
	p.ID = id
	if p.IDKind != was.IDKind || p.IDNumber != was.IDNumber {
		return Person{}, fault.New(fault.Conflict, "party.number_fixed")
	}
	f := fault.New(fault.Invalid, "party.invalid")
	p.mendRest(f, "")
	if err := f.OrNil(); err != nil {
		return Person{}, err
	}
	if p == was {
		return p, nil
	}
	sealed, err := s.seal(p)
	if err != nil {
		return Person{}, err
	}
	_, err = tx.Exec(`update party_person set phone_hash = $1, name_hash = $2, sealed = $3, updated = $4 where id = $5 and erased = 0`,
		orNull(sealed.phone), orNull(sealed.name), sealed.blob, clock.Micros(now), id)
	return p, err
}

// Get returns one person in the open, for the program's own work; see Open.
//
// NotFound "party.unknown" or "party.erased".
func (s *Store) Get(r storage.Reader, id ID) (Person, error) {
	var p Person
	err := fault.New(fault.NotFound, "party.unknown")
	found := s.each(r, []ID{id}, func(id ID, sealed []byte, erased bool) (failed error) {
		if erased {
			err = fault.New(fault.NotFound, "party.erased")
			return nil
		}
		err = nil
		p, failed = s.open(id, sealed)
		return failed
	})
	switch {
	case found != nil:
		return Person{}, found
	case err != nil: // not returned as it is: a nil *Error would not be a nil error
		return Person{}, err
	}
	return p, nil
}
