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
func (s *Service) OwnData(ctx context.Context, by auth.Principal, lang string) (Data, error) {
	return s.ownData(by, s.reading(ctx), func(r storage.Reader, t Teller, person string) ([]party.Told, error) { return t.Tell(r, person, lang) })
}

// OwnFile is OwnData with what is long, and with who looked: all the district holds about
// by. It is read beside what others wait for.
//
// Faults: as OwnData.
func (s *Service) OwnFile(ctx context.Context, by auth.Principal, lang string) (Data, error) {
	out, err := s.ownData(by, func(fn storage.ReadFunc) error { return s.Store.Export(ctx, fn) }, func(r storage.Reader, t Teller, person string) ([]party.Told, error) {
		if full, ok := t.(FullTeller); ok {
			return full.TellAll(r, person, lang)
		}
		return t.Tell(r, person, lang)
	})
	if err != nil {
		return out, err
	}
	looks, err := s.Seen(ctx, by)
	for _, l := range looks {
		out.Kept = append(out.Kept, l.told())
	}
	return out, err
}

// told is a look as the file has it: by which office, and why.
func (l Look) told() party.Told {
	t := party.Told{What: "privacy.told_look", At: l.At, Values: []party.ToldValue{{Name: "privacy.told_role", Say: "auth.role." + string(l.Role)}}}
	for _, x := range [...]struct{ name, text string }{{"place", l.Place}, {"reason", l.Reason}} {
		if x.text != "" {
			t.Values = append(t.Values, party.ToldValue{Name: "privacy.told_" + x.name, Text: x.text})
		}
	}
	if say := map[string]string{
		party.HealthSeen: "privacy.seen_health", party.Appealed: "privacy.seen_appeal", party.VoucherSeen: "privacy.seen_voucher", party.AddressSeen: "privacy.seen_address",
	}[l.What]; say != "" {
		t.Values = append(t.Values, party.ToldValue{Name: "privacy.told_what", Say: say})
	}
	return t
}

func (s *Service) reading(ctx context.Context) func(storage.ReadFunc) error {
	return func(fn storage.ReadFunc) error { return s.Store.Read(ctx, fn) }
}

func (s *Service) ownData(by auth.Principal, read func(storage.ReadFunc) error, tell func(storage.Reader, Teller, string) ([]party.Told, error)) (out Data, err error) {
	person, err := own(by)
	if err != nil {
		return out, err
	}
	err = read(func(r storage.Reader) error {
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
				told, err := tell(r, t, x.ID)
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
