package workresume

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
)

// PersonRecord is one record of a person as an officer compares it: masked, with where
// it stands. Of health it says how many days were reported and whether two officers
// hold the code; what was reported is opened with a reason, elsewhere.
type PersonRecord struct {
	party.MaskedPerson
	IDKind   string    `json:"id_kind"`
	Firm     string    `json:"firm"` // "" on no roster
	FirmName string    `json:"firm_name"`
	Code     CodeState `json:"code"`
	Held     time.Time `json:"held_until,omitzero"` // by a restriction of this record
	Level    string    `json:"held_level,omitempty"`
	Days     int64     `json:"days_reported"` // of the last 28
	Last     string    `json:"last_report"`   // a day, "" for none of these
	Since    time.Time `json:"one_since,omitzero"`
}

// Pair is two records that may be of one person.
type Pair struct {
	Alike   party.Alike    `json:"alike"` // "" for two that somebody chose
	Records []PersonRecord `json:"records"`
	Joined  bool           `json:"one_person"` // already
}

// DoubleList is what waits for somebody to say, and what was said.
type DoubleList struct {
	Likely []Pair           `json:"likely"`
	Whole  [][]PersonRecord `json:"one_person"`
}

// doublesMost is how many pairs, and records of one person, a list shows.
const doublesMost = 100

// Doubles are likely pairs in an officer's reach, the strongest first, and the people
// who have several records.
//
// Faults: Denied.
func (s *Service) Doubles(ctx context.Context, by auth.Principal) (out DoubleList, err error) {
	if err := by.Permit(MayMerge, Grants, by.Scope); err != nil {
		return out, err
	}
	err = s.Store.Export(ctx, func(r storage.Reader) error { // it reads everybody: not among the hot reads
		out = DoubleList{Likely: []Pair{}, Whole: [][]PersonRecord{}}
		found, err := s.Parties.Doubles(r, s.Clock(), 5*doublesMost)
		if err != nil {
			return err
		}
		for _, d := range found {
			list, err := s.recordsIn(r, by, d.First, d.Second)
			if err != nil {
				return err
			}
			if list != nil && len(out.Likely) < doublesMost {
				out.Likely = append(out.Likely, Pair{Alike: d.Alike, Records: list})
			}
		}
		wholes, err := s.Parties.Wholes(r, doublesMost)
		if err != nil {
			return err
		}
		for _, w := range wholes {
			list, err := s.recordsIn(r, by, idsOf(w)...)
			if err != nil {
				return err
			}
			if list != nil {
				out.Whole = append(out.Whole, list)
			}
		}
		return nil
	})
	return out, err
}

func idsOf(records []party.Record) []string {
	ids := make([]string, len(records))
	for i, x := range records {
		ids[i] = x.ID
	}
	return ids
}

// recordsIn are records if all of them are in reach, nil otherwise.
func (s *Service) recordsIn(r storage.Reader, by auth.Principal, ids ...string) ([]PersonRecord, error) {
	var out []PersonRecord
	for _, id := range ids {
		x, err := s.personRecord(r, by, id)
		if err != nil && fault.KindOf(err) == fault.NotFound {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// ComparePeople is two records side by side.
//
// Faults: Denied, NotFound, and as party.Store.CanJoin but for records that are one
// already.
func (s *Service) ComparePeople(ctx context.Context, by auth.Principal, first, second string) (p Pair, err error) {
	if err := by.Permit(MayMerge, Grants, by.Scope); err != nil {
		return p, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		p = Pair{}
		if p.Records, err = s.recordsIn(r, by, first, second); err != nil {
			return err
		}
		if p.Records == nil {
			return fault.New(fault.NotFound, "workresume.member_unknown")
		}
		err := s.Parties.CanJoin(r, first, second)
		if p.Joined = fault.Is(err, "party.same_already"); p.Joined {
			err = nil
		}
		return err
	})
	return p, err
}

// PersonWhole is a person of several records, and by whose word they are one.
type PersonWhole struct {
	Records []PersonRecord `json:"records"`
	Reason  string         `json:"reason"`
	Act     string         `json:"act"` // which names both officers
	At      time.Time      `json:"at"`
}

// PersonOf is the records of the person one of whose records is given.
//
// Faults: Denied, NotFound.
func (s *Service) PersonOf(ctx context.Context, by auth.Principal, person string) (w PersonWhole, err error) {
	if err := by.Permit(MayMerge, Grants, by.Scope); err != nil {
		return w, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		if _, err := s.reachPerson(r, by, MayMerge, person); err != nil {
			return err
		}
		records, err := s.Parties.Same(r, person)
		if err != nil {
			return err
		}
		w.Records = nil
		for _, x := range records {
			p, err := s.personRecord(r, by, x.ID)
			if err != nil && x.ID != person && fault.KindOf(err) == fault.NotFound {
				continue // it moved out of reach; this one may still be taken out
			}
			if err != nil {
				return err
			}
			w.Records = append(w.Records, p)
		}
		return nil
	})
	if err != nil {
		return w, err
	}
	facts, err := s.Log.Stream(ctx, party.Stream(person), 1000)
	for _, f := range facts { // newest first
		var body party.JoinedBody
		if f.Name == party.Joined && !f.Erased {
			err = errors.Join(err, json.Unmarshal(f.Body, &body))
			w.Reason, w.Act, w.At = body.Reason, body.Act, f.At
			break
		}
	}
	return w, err
}

// personRecord is one record as compared.
func (s *Service) personRecord(r storage.Reader, by auth.Principal, id string) (x PersonRecord, err error) {
	if x.MaskedPerson, err = s.reachPerson(r, by, MayMerge, id); err != nil {
		return x, err
	}
	open, err := s.Parties.Get(r, id) // for the kind of document alone
	if err != nil {
		return x, err
	}
	x.IDKind = open.IDKind
	st, err := s.standingIn(r, id)
	if err != nil {
		return x, err
	}
	if st.footing != nil {
		x.Firm, x.FirmName = st.firm, st.footing.name
	}
	x.Code = st.judge().State
	held, found, err := s.standingRestriction(r, id)
	if err != nil {
		return x, err
	}
	if found {
		x.Held, x.Level = held.Until, held.Level
	}
	from := (s.today() - casework.Day(lookBack) + 1).String()
	if err := r.Row(`select count(*), coalesce(max(day), '') from workresume_report where person = $1 and day >= $2 and turn = 1`, id, from).Scan(&x.Days, &x.Last); err != nil {
		return x, err
	}
	records, err := s.Parties.Same(r, id)
	for _, y := range records {
		if y.ID == id && len(records) > 1 {
			x.Since = y.Since
		}
	}
	return x, err
}
