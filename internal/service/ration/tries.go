package ration

import (
	"breakwater/internal/fault"
	"breakwater/internal/storage"
)

// Wrong tries in a day: at the name of a person, by one account; at the paper of one
// voucher, and of all, by one counter's account. Somebody who means well needs two.
const (
	nameTries    = 10
	paperTries   = 5
	counterTries = 100
	askTries     = 3 // that one asks another into their family; none more once they declined
)

// mayTry refuses one more try where there were most today.
//
// Faults: Conflict "ration.tries".
func (s *Service) mayTry(r storage.Reader, subject string, most int64) error {
	var times int64
	err := r.Row(`select times from ration_try where subject = $1 and day = $2`, subject, int64(s.today())).Scan(&times)
	switch {
	case storage.NoRows(err):
		return nil
	case err == nil && times >= most:
		return fault.New(fault.Conflict, "ration.tries", "most", most)
	}
	return err
}

// spent leaves no try for today.
func (s *Service) spent(tx *storage.Tx, subject string, most int64) error {
	_, err := tx.Exec(`insert into ration_try (subject, day, times) values ($1, $2, $3)
		on conflict (subject, day) do update set times = excluded.times`, subject, int64(s.today()), most)
	return err
}

// tried counts a wrong one: those sent all at once are counted one by one.
func (s *Service) tried(tx *storage.Tx, subject string) error {
	_, err := tx.Exec(`insert into ration_try (subject, day, times) values ($1, $2, 1)
		on conflict (subject, day) do update set times = ration_try.times + 1`, subject, int64(s.today()))
	return err
}
