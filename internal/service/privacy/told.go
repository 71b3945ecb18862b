package privacy

import (
	"context"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
)

// Data is a person's own details, to read and to take along: who they are in full, and
// what the rooms that can say it keep about them. What stands in the log is not here:
// it is the same, as it happened.
type Data struct {
	Name     string       `json:"name"`
	IDKind   string       `json:"id_kind"`
	IDNumber string       `json:"id_number"`
	Phone    string       `json:"phone,omitempty"`
	Address  string       `json:"address,omitempty"`
	Native   string       `json:"native,omitempty"`
	Kept     []party.Told `json:"kept"`
}

// OwnData gathers what is kept about by, of all records that are theirs, in the order of
// the rooms. lang is by's, for titles.
//
// Faults: Denied; NotFound "party.erased".
func (s *Service) OwnData(ctx context.Context, by auth.Principal, lang string) (out Data, err error) {
	person, err := own(by)
	if err != nil {
		return out, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		p, err := s.Parties.Get(r, person)
		if err != nil {
			return err
		}
		out = Data{Name: p.Name, IDKind: p.IDKind, IDNumber: p.IDNumber, Phone: p.Phone, Address: p.Address, Native: p.Native, Kept: []party.Told{}}
		records, err := s.Parties.Same(r, person)
		if err != nil {
			return err
		}
		for _, t := range s.Tellers {
			for _, x := range records {
				told, err := t.Tell(r, x.ID, lang)
				if err != nil {
					return err
				}
				out.Kept = append(out.Kept, told...)
			}
		}
		return nil
	})
	return out, err
}
