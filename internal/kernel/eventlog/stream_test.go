package eventlog_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

// TestStreamOverSegments reads histories that lie in the index, in memory and,
// on PostgreSQL, among facts without a place, before and after each step.
func TestStreamOverSegments(t *testing.T) {
	storagetest.Run(t, mods, func(t *testing.T, db *storage.DB) {
		ring := ringOf(t)
		l := open(t, db, ring)
		var rare, common []string              // oldest first
		facts := 2*int(l.SmallSegments()) + 99 // two segments and a little
		for n := 0; n < facts; n += 500 {
			batch := make([]eventlog.Fact, 500)
			for i := range batch {
				batch[i] = filed(fmt.Sprint("s", i%70), n)
			}
			batch[250] = filed("rare", n)
			ids := record(t, db, l, batch...)
			rare = append(rare, ids[250])
			for i := 5; i < len(ids); i += 70 {
				common = append(common, ids[i])
			}
		}
		look := func(l *eventlog.Log, when string) {
			for stream, want := range map[string][]string{"firm:rare": rare, "firm:s5": common, "firm:none": nil} {
				for _, limit := range []int{3, 1000} {
					recs, err := l.Stream(t.Context(), stream, limit)
					if err != nil {
						t.Fatal(err)
					}
					var got []string
					for _, r := range recs {
						got = append([]string{r.ID}, got...)
					}
					if d := cmp.Diff(want[max(0, len(want)-limit):], got); d != "" && len(want)+len(got) > 0 {
						t.Errorf("%s, %s, %d: %s", when, stream, limit, d)
					}
				}
			}
		}
		look(l, "committed")
		seal(t, l)
		look(l, "sealed")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		background(t, func(context.Context) error { return l.Run(ctx) })
		segments := func() (n int) {
			if err := db.Read(t.Context(), func(r storage.Reader) error {
				return r.Row(`select count(distinct segment) from eventlog_lane`).Scan(&n)
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		eventually(t, "the index", func() bool { return segments() == 2 })
		cancel()
		look(l, "indexed")
		rare = append(rare, record(t, db, l, filed("rare", 9))...)
		look(l, "one more")
		again := open(t, db, ring)
		again.SmallSegments()
		look(again, "opened again")

		expect(t, l, nil, 0, "")
		spoil(t, db, `delete from eventlog_lane where bucket = (select min(bucket) from eventlog_lane)`)
		expect(t, l, nil, 0, "index of streams")
	})
}
