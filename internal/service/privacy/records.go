package privacy

import (
	"context"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
)

// Records is what a correction names that says: these records are not all mine. Its
// wish is why, and what is granted takes the caller's record from the others.
const Records = "records"

// Parter takes a record from those it was found to be one person with, in the caller's
// transaction; by must be permitted to. reason is kept with the person's facts.
type Parter interface {
	PartPerson(tx *storage.Tx, by auth.Principal, person, reason string) error
}

// OwnRecord is one of the records that two officers found to be one's own, masked.
type OwnRecord struct {
	party.MaskedPerson
	Mine  bool      // by which the caller is signed in
	Since time.Time // when it was found to be of one person with the others
}

// OwnRecords are by's own records where there are several, and none where there is one.
// Faults: Denied.
func (s *Service) OwnRecords(ctx context.Context, by auth.Principal) (list []OwnRecord, err error) {
	person, err := own(by)
	if err != nil {
		return nil, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		list = nil
		records, err := s.Parties.Same(r, person)
		if err != nil || len(records) < 2 {
			return err
		}
		ids := make([]string, len(records))
		for i, x := range records {
			ids[i] = x.ID
		}
		people, err := s.Parties.Masked(r, ids...)
		for _, x := range records {
			list = append(list, OwnRecord{people[x.ID], x.ID == person, x.Since})
		}
		return err
	})
	return list, err
}

// severalOf refuses to ask about records of somebody who has one.
func (s *Service) severalOf(r storage.Reader, person string) error {
	records, err := s.Parties.Same(r, person)
	if err == nil && len(records) < 2 {
		return fault.New(fault.Conflict, "party.same_alone")
	}
	return err
}
