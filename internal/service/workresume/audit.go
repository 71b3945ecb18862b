package workresume

import (
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/storage"
)

// ChecksSince counts, for every check stored since a moment, how often its
// reference is there. It is for rehearsals and repairs, which hold it against what
// the gates were told; it reads the whole table.
func ChecksSince(r storage.Reader, since time.Time) (map[string]int64, error) {
	out := map[string]int64{}
	_, err := storage.All(r, func(rows *storage.Rows) (struct{}, error) {
		var reference string
		err := rows.Scan(&reference)
		out[reference]++
		return struct{}{}, err
	}, `select reference from workresume_check where at >= $1`, clock.Micros(since))
	return out, err
}
