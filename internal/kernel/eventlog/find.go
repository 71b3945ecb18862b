package eventlog

import (
	"context"

	"breakwater/internal/fault"
	"breakwater/internal/storage"
)

// Find returns one fact by its id, whether or not it has its place yet.
//
// Faults: NotFound "eventlog.no_fact"; Internal "eventlog.unreadable" when the
// row was tampered with.
func (l *Log) Find(ctx context.Context, factID string) (rec Record, err error) {
	err = l.db.Read(ctx, func(r storage.Reader) error {
		found, err := storage.All(r, scanStored, sealedColumns+`where id = $1`, factID)
		if err == nil && len(found) == 0 {
			found, err = storage.All(r, scanStored, unsealedColumns+`where id = $1`, factID)
		}
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fault.New(fault.NotFound, "eventlog.no_fact", "id", factID)
		}
		recs, err := l.open(r, found)
		if err == nil {
			rec = recs[0]
		}
		return err
	})
	return rec, err
}
