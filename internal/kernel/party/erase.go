package party

import (
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/storage"
)

// ErasedBody is the body of Erased.
type ErasedBody struct {
	Reason string `json:"reason,omitempty"`
}

// Erase forgets a person for good, in the caller's transaction: the sealed
// particulars are overwritten, the hashes by which they were found removed, and
// the key of every fact about them destroyed. The id stays, so that counts and
// the log's tree stand; the same person filed again is somebody new.
//
// The bytes are overwritten by as many zeros, which SQLite does in place once
// its write-ahead log is moved into the file; on PostgreSQL the old row version
// lasts until the next vacuum, and on either engine in backups made before.
//
// reason stands in the fact for good and in the open: it must say nothing about the
// person.
//
// NotFound "party.unknown". Erasing twice does nothing the second time.
func (s *Store) Erase(tx *storage.Tx, log *eventlog.Log, actor string, id ID, reason string, now time.Time) error {
	var length, erased int64
	err := tx.Row(`select length(sealed), erased from party_person where id = $1`, id).Scan(&length, &erased)
	switch {
	case storage.NoRows(err):
		return fault.New(fault.NotFound, "party.unknown")
	case err != nil || erased != 0:
		return err
	}
	us := clock.Micros(now)
	if _, err := tx.Exec(`update party_person set number_hash = null, phone_hash = null, name_hash = null, sealed = $1, updated = $2, erased = $2 where id = $3`,
		make([]byte, length), us, id); err != nil {
		return err
	}
	if _, err := tx.Exec(`delete from party_same where person = $1`, id); err != nil { // whoever is gone is one with nobody
		return err
	}
	if err := log.Erase(tx, id); err != nil {
		return err
	}
	// Public: that a person was erased is no longer about anybody.
	_, err = log.Append(tx, eventlog.Fact{Stream: Stream(id), Name: Erased, Actor: actor, At: now, Body: ErasedBody{Reason: reason}})
	return err
}
