package dual

import (
	"breakwater/internal/clock"
	"breakwater/internal/storage"
)

// expireMost is how many acts one transaction ends.
const expireMost = 200

// Expire ends what waited too long, and says how many there were; call it again
// while it says expireMost. A proposal nobody answered is no decision: whoever
// still wants the act asks again.
func (s *Store) Expire(tx *storage.Tx) (int, error) {
	list, err := storage.All(tx, func(rows *storage.Rows) (Act, error) { return s.scan(rows) },
		`select `+actColumns+` from dual_act where state = 'proposed' and expires <= $1 order by id limit $2`, clock.Micros(s.Now()), expireMost)
	if err != nil {
		return 0, err
	}
	for _, a := range list {
		if err := s.lapse(tx, a); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

// expire ends the act that waits for one subject, if its time is over.
func (s *Store) expire(tx *storage.Tx, kind, subject string) error {
	list, err := storage.All(tx, func(rows *storage.Rows) (Act, error) { return s.scan(rows) },
		`select `+actColumns+` from dual_act where kind = $1 and subject = $2 and standing = '' and expires <= $3`, kind, subject, clock.Micros(s.Now()))
	for _, a := range list {
		if err == nil {
			err = s.lapse(tx, a)
		}
	}
	return err
}

func (s *Store) lapse(tx *storage.Tx, a Act) error {
	n, err := tx.Exec(`update dual_act set state = 'expired', standing = id, ended = expires where id = $1 and state = 'proposed'`, a.ID)
	if err != nil || n == 0 {
		return err
	}
	return s.record(tx, FactExpired, "system", "", a)
}

// Holds says why a person cannot be forgotten now: never, a request that waits does
// not outweigh it.
func (s *Store) Holds(storage.Reader, string) error { return nil }

// Forget destroys what was asked about a person and why, when the person's part of
// the log is erased. That an act was asked for and answered stays, without words;
// what still waited is withdrawn.
func (s *Store) Forget(tx *storage.Tx, person string) error {
	_, err := tx.Exec(`update dual_act set content = $1, subject = id, person = '', standing = id,
		state = case when state = 'proposed' then 'withdrawn' else state end,
		ended = case when ended = 0 then $2 else ended end where person = $3`, []byte{}, clock.Micros(s.Now()), person)
	return err
}
