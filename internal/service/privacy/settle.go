package privacy

import (
	"context"
	"slices"
	"strings"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
)

// Case is a waiting request as an officer sees it: the person is masked.
type Case struct {
	Request
	Who party.MaskedPerson
}

// Waiting lists requests to settle, oldest first, after another.
// Faults: Denied.
func (s *Service) Waiting(ctx context.Context, by auth.Principal, after string, limit int) (list []Case, err error) {
	if err := s.maySettle(by); err != nil {
		return nil, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		found, err := s.list(r, `where state = 'waiting' and request > $1 order by request limit $2`, after, min(max(limit, 1), 100))
		if err != nil {
			return err
		}
		list, err = s.cases(r, found)
		return err
	})
	return list, err
}

// Case is one request. Faults: Denied, NotFound.
func (s *Service) Case(ctx context.Context, by auth.Principal, id string) (c Case, err error) {
	if err := s.maySettle(by); err != nil {
		return c, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		found, err := s.list(r, `where request = $1`, id)
		if err != nil {
			return err
		}
		list, err := s.cases(r, found)
		if err == nil && len(list) == 0 {
			return noRequest()
		}
		if err == nil {
			c = list[0]
		}
		return err
	})
	return c, err
}

func (s *Service) cases(r storage.Reader, found []Request) ([]Case, error) {
	ids := make([]string, len(found))
	for i, q := range found {
		ids[i] = q.Person
	}
	people, err := s.Parties.Masked(r, ids...)
	out := make([]Case, len(found))
	for i, q := range found {
		out[i] = Case{q, people[q.Person]}
	}
	return out, err
}

// The length of an answer in characters; privacy.reason says it.
const reasonLeast, reasonMost = 4, 200

// SettleInput is an officer's answer.
type SettleInput struct {
	Request string
	Grant   bool
	Reason  string // the person reads it
	Key     once.Key
}

// Settle grants or refuses a request. What is granted is done in the same
// transaction: the detail is changed, the record taken from the others, or the person
// erased.
//
// Faults: Denied, NotFound, Invalid without a reason or where the new value does
// not hold, Conflict "privacy.settled", or what a Holder or Records says.
func (s *Service) Settle(ctx context.Context, by auth.Principal, in SettleInput) (Request, error) {
	c, err := s.Case(ctx, by, in.Request)
	if err != nil {
		return Request{}, err
	}
	in.Reason = ident.Fold(in.Reason)
	if !ident.Reasoned(in.Reason, reasonLeast, reasonMost) {
		return Request{}, fault.New(fault.Invalid, "privacy.invalid").With("reason", "privacy.reason")
	}
	answer, err := s.Ring.Seal([]byte(in.Reason), []byte("privacy_request:"+c.ID))
	if err != nil {
		return Request{}, err
	}
	q := c.Request
	err = s.Store.Write(ctx, func(tx *storage.Tx) (err error) {
		q, err = once.Do(tx, in.Key, s.Clock(), func() (Request, error) { return s.settle(tx, by, c.Request, in, answer) })
		return err
	})
	return q, err
}

func (s *Service) settle(tx *storage.Tx, by auth.Principal, q Request, in SettleInput, answer []byte) (Request, error) {
	now := s.Clock()
	q.State, q.Settled = Refused, now
	if in.Grant {
		q.State = Granted
	}
	n, err := tx.Exec(`update privacy_request set state = $1, settled = $2, settled_by = $3, wish = $4, answer = $5 where request = $6 and state = 'waiting'`,
		q.State, clock.Micros(now), by.ID, []byte{}, answer, q.ID)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "privacy.settled")
	}
	if err != nil {
		return q, err
	}
	fact := eventlog.Fact{
		Stream: party.Stream(q.Person), Name: factSettled, Actor: by.ID, Subject: q.Person, At: now,
		Body: map[string]string{"request": q.ID, "kind": q.Kind, "state": q.State},
	}
	if !in.Grant {
		_, err = s.Log.Append(tx, fact)
		return q, err
	}
	switch {
	case q.Kind == Erase:
		fact.Subject = "" // a new key for the one just destroyed would be wrong
		err = s.erase(tx, by, q.Person, "")
	case q.Field == Records:
		err = s.Records.PartPerson(tx, by, q.Person, in.Reason)
	default:
		_, err = s.Parties.Update(tx, q.Person, now, func(p *party.Person) { put(p, q.Field, q.Wish) })
	}
	if err != nil {
		return q, err
	}
	_, err = s.Log.Append(tx, fact)
	return q, err
}

func put(p *party.Person, field, value string) {
	switch field {
	case "name":
		p.Name = value
	case "phone":
		p.Phone = value
	case "address":
		p.Address = value
	case "native":
		p.Native = value
	}
}

// ErasePerson erases a person at the machine's own command line, for one who came
// in person or wrote. Faults: Denied for anybody else, NotFound, Invalid without a
// reason, Conflict where a Holder holds. The reason stands in the log for good. With
// the person go all records found to be theirs: without joined they are named instead,
// by Conflict "privacy.erase_joined". It returns the records that are erased.
func (s *Service) ErasePerson(ctx context.Context, by auth.Principal, person, reason string, joined bool) (erased []party.ID, err error) {
	if by.Role != auth.System {
		return nil, fault.New(fault.Denied, "auth.denied")
	}
	reason = ident.Fold(reason)
	if !ident.Reasoned(reason, reasonLeast, reasonMost) {
		return nil, fault.New(fault.Invalid, "privacy.invalid").With("reason", "privacy.reason")
	}
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		records, err := s.Parties.Same(tx, person)
		if err != nil {
			return err
		}
		all := make([]party.ID, len(records))
		for i, x := range records {
			all[i] = x.ID
		}
		if erased = all; len(all) > 1 && !joined {
			others := slices.DeleteFunc(slices.Clone(all), func(id party.ID) bool { return id == person })
			return fault.New(fault.Conflict, "privacy.erase_joined", "person", person, "others", strings.Join(others, ", "))
		}
		return s.erase(tx, by, person, reason)
	})
	return erased, err
}

// erase forgets a person in every room and in the log, with all records that were
// found to be theirs. reason is public: what an officer answers a person is not, and
// is gone with the request.
func (s *Service) erase(tx *storage.Tx, by auth.Principal, person, reason string) error {
	records, err := s.Parties.Same(tx, person)
	if err != nil {
		return err
	}
	for _, x := range records {
		if err := s.eraseOne(tx, by, x.ID, reason); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) eraseOne(tx *storage.Tx, by auth.Principal, person, reason string) error {
	for _, h := range s.Holders {
		if err := h.Holds(tx, person); err != nil {
			return err
		}
	}
	for _, h := range s.Holders {
		if err := h.Forget(tx, person); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`update privacy_request set wish = $1, answer = $1 where person = $2`, []byte{}, person); err != nil {
		return err
	}
	return s.Parties.Erase(tx, s.Log, by.ID, person, reason, s.Clock())
}
