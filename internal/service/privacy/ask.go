package privacy

import (
	"context"
	"slices"
	"time"
	"unicode/utf8"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
)

// The kinds of request, and their states. Waiting ends in one of the others, once.
const (
	Correct = "correct"
	Erase   = "erase"

	Waiting = "waiting"
	Granted = "granted"
	Refused = "refused"
)

// Fields are the details that can be corrected; a number is who somebody is, and
// another number is another person.
func Fields() []string { return []string{"name", "phone", "address", "native"} }

// Request is what a person asked.
type Request struct {
	ID      string    `json:"id"`
	Kind    string    `json:"kind"`
	Field   string    `json:"field,omitempty"` // of a correction
	Wish    string    `json:"-"`               // the new value, or why; "" once settled
	Answer  string    `json:"-"`               // the officer's words
	State   string    `json:"state"`
	Created time.Time `json:"created"`
	Settled time.Time `json:"settled,omitzero"`

	Person string `json:"-"`
}

// AskInput is one request: Field and the new value for a correction, the reason
// for an erasure and for Records.
type AskInput struct {
	Kind, Field, Wish string
	Key               once.Key
}

const (
	factAsked   = "privacy.asked"   // person:…, sealed
	factSettled = "privacy.settled" // person:…, sealed; public for an erasure
)

// Ask files a request about by's own details. A second one of the same kind and
// field waits for the first.
//
// Faults: Denied, Invalid with fields, Conflict "privacy.waiting", and for Records
// "party.same_alone".
func (s *Service) Ask(ctx context.Context, by auth.Principal, in AskInput) (Request, error) {
	person, err := own(by)
	if err != nil {
		return Request{}, err
	}
	in.Wish = ident.Fold(in.Wish)
	if err := in.validate(); err != nil {
		return Request{}, err
	}
	now := s.Clock()
	q := Request{ID: ident.New("prq", now), Kind: in.Kind, Field: in.Field, Wish: in.Wish, State: Waiting, Created: now, Person: person}
	wish, err := s.Ring.Seal([]byte(in.Wish), []byte("privacy_request:"+q.ID))
	if err != nil {
		return Request{}, err
	}
	var out Request
	err = s.Store.Write(ctx, func(tx *storage.Tx) (err error) {
		out, err = once.Do(tx, in.Key, now, func() (Request, error) {
			var other string
			err := tx.Row(`select request from privacy_request where person = $1 and kind = $2 and field = $3 and state = 'waiting' limit 1`, person, q.Kind, q.Field).Scan(&other)
			if err == nil {
				return q, fault.New(fault.Conflict, "privacy.waiting").With("wish", "privacy.waiting")
			}
			if !storage.NoRows(err) {
				return q, err
			}
			if q.Field == Records {
				if err := s.severalOf(tx, person); err != nil {
					return q, err
				}
			}
			if _, err := tx.Exec(`insert into privacy_request (request, person, kind, field, wish, answer, state, created, settled, settled_by)
				values ($1, $2, $3, $4, $5, $6, 'waiting', $7, 0, '')`, q.ID, person, q.Kind, q.Field, wish, []byte{}, clock.Micros(now)); err != nil {
				return q, err
			}
			_, err = s.Log.Append(tx, eventlog.Fact{
				Stream: party.Stream(person), Name: factAsked, Actor: by.ID, Subject: person, At: now,
				Body: map[string]string{"request": q.ID, "kind": q.Kind, "field": q.Field},
			})
			return q, err
		})
		return err
	})
	return out, err
}

func (in AskInput) validate() error {
	bad := fault.New(fault.Invalid, "privacy.invalid")
	n := utf8.RuneCountInString(in.Wish)
	switch {
	case in.Kind == Correct && in.Field == Records:
		if n < 4 || n > 200 {
			bad.With("wish", "privacy.reason_records")
		}
	case in.Kind == Correct && !slices.Contains(Fields(), in.Field):
		bad.With("field", "privacy.field")
	case in.Kind == Correct && (n == 0 || n > 60):
		bad.With("wish", "privacy.value")
	case in.Kind == Erase && (in.Field != "" || n > 200):
		bad.With("wish", "privacy.why")
	case in.Kind != Correct && in.Kind != Erase:
		bad.With("kind", "privacy.kind")
	}
	return bad.OrNil()
}

const columns = `select request, person, kind, field, wish, answer, state, created, settled from privacy_request `

func (s *Service) list(r storage.Reader, query string, args ...any) ([]Request, error) {
	return storage.All(r, func(rows *storage.Rows) (q Request, err error) {
		var wish, answer []byte
		var created, settled int64
		if err := rows.Scan(&q.ID, &q.Person, &q.Kind, &q.Field, &wish, &answer, &q.State, &created, &settled); err != nil {
			return q, err
		}
		q.Created = clock.FromMicros(created)
		if settled != 0 {
			q.Settled = clock.FromMicros(settled)
		}
		if q.Wish, err = s.open(wish, q.ID); err != nil {
			return q, err
		}
		q.Answer, err = s.open(answer, q.ID)
		return q, err
	}, columns+query, args...)
}

func (s *Service) open(sealed []byte, id string) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	plain, err := s.Ring.Open(sealed, []byte("privacy_request:"+id))
	return string(plain), err
}

// Mine lists by's own requests, newest first. Faults: Denied.
func (s *Service) Mine(ctx context.Context, by auth.Principal) (list []Request, err error) {
	person, err := own(by)
	if err != nil {
		return nil, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		list, err = s.list(r, `where person = $1 order by request desc limit 50`, person)
		return err
	})
	return list, err
}
