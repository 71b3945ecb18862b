package once

import (
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/storage"
)

// sweepChunk is how many keys one Sweep forgets: small enough that a Write
// waiting behind it does not notice.
const sweepChunk = 500

// Sweep forgets up to 500 of the keys whose answers were kept long enough and
// returns how many; the caller sweeps again in a new low-priority Write until
// it returns 0.
func Sweep(tx *storage.Tx, now time.Time) (forgotten int64, err error) {
	return tx.Exec(`delete from once_key where (key, principal, operation) in
(select key, principal, operation from once_key where at < $1 order by at limit $2)`,
		clock.Micros(now.Add(-Keep)), int64(sweepChunk))
}
