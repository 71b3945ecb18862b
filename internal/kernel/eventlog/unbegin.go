package eventlog

import (
	"context"

	"breakwater/internal/storage"
)

// Unbegin takes back the beginning of a log that has no facts, so that a store
// which was only looked at is empty again and can take a backup. A log with facts
// is left alone; the next New begins an unbegun one again.
func Unbegin(ctx context.Context, db *storage.DB) error {
	return db.Write(ctx, func(tx *storage.Tx) error {
		n, err := tx.Exec(`delete from eventlog_head where size = 0
			and not exists (select 1 from eventlog_fact) and not exists (select 1 from eventlog_unsealed)`)
		if err != nil || n == 0 {
			return err
		}
		_, err = tx.Exec(`delete from eventlog_checkpoint`)
		return err
	})
}
