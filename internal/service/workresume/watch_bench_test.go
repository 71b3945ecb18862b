package workresume_test

import (
	"fmt"
	"testing"
	"time"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/workresume"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

// BenchmarkWatch holds a district of 13,000 firms and 140,000 people, half of them
// inside, against the promise: from the store, from memory, and after one fact. The
// aims are five seconds for the district and two for a fact. The worst moment is the
// one at which supplies run out everywhere and every firm is warned.
func BenchmarkWatch(b *testing.B) {
	const firms, people = 13_000, 140_000
	for _, engine := range []storage.Engine{storage.SQLite, storage.Postgres} {
		b.Run(string(engine), func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				w := newWorld(b, storagetest.Open(b, engine, modules...))
				w.districtOf(firms)
				w.peopleInside(people)
				must(b, w.db.Write(b.Context(), func(tx *storage.Tx) error {
					_, err := tx.Exec(`update workresume_firm set state = 'certified'`)
					return err
				}))
				took := func(name string, do func()) {
					b.StartTimer()
					start := time.Now()
					do()
					b.ReportMetric(time.Since(start).Seconds(), name+"_s")
					b.StopTimer()
				}
				heed := func() { must(b, w.Heed(b.Context())) }
				took("from_store", heed)
				took("scan_again", func() { w.WatchAfresh(); heed() })
				took("all_from_memory", func() { w.hand.Add(24 * time.Hour); heed() }) // a day ends: every firm is due
				f, _, err := w.Firms(b.Context(), w.officer, workresume.FirmFilter{})
				must(b, err)
				office := auth.Principal{ID: "acc_1", Role: auth.Firm, Scope: auth.OfFirm(f[0].ID)}
				took("one_fact", func() {
					_, err := w.ReportStock(b.Context(), office, workresume.StockInput{Firm: f[0].ID, Masks: 7})
					must(b, err)
					heed()
				})
				w.hand.Add(40 * 24 * time.Hour)
				took("all_noted", heed)
				w.hand.Add(10 * time.Minute)
				took("all_warned", heed)
				w.hand.Add(4 * time.Hour)
				took("all_suspended", heed)
				list, _, err := w.Flags(b.Context(), w.officer, workresume.FlagFilter{Level: workresume.Suspended})
				must(b, err)
				if len(list) == 0 {
					b.Fatal("nobody is suspended")
				}
			}
		})
	}
}

// peopleInside puts people on the firms' rosters, every second one inside.
func (w *world) peopleInside(n int) {
	w.t.Helper()
	var firms []string
	must(w.t, w.db.Read(w.t.Context(), func(r storage.Reader) (err error) {
		firms, err = storage.All(r, func(rows *storage.Rows) (id string, err error) { return id, rows.Scan(&id) }, `select firm from workresume_firm order by firm`)
		return err
	}))
	for from := 0; from < n; from += 5000 {
		var members, inside []any
		for i := from; i < min(from+5000, n); i++ {
			id := fmt.Sprintf("per_%026d", i)
			members = append(members, id, firms[i%len(firms)], int64(1), int64(0), []byte{0}, []byte{0})
			if i%2 == 0 {
				inside = append(inside, id, w.park.ID, int64(1))
			}
		}
		must(w.t, w.db.Write(w.t.Context(), func(tx *storage.Tx) error {
			if _, err := storage.ExecRows(tx, `insert into workresume_member (person, firm, joined, departed, digest, details) values `, 6, members, ""); err != nil {
				return err
			}
			_, err := storage.ExecRows(tx, `insert into workresume_presence (person, place, since) values `, 3, inside, "")
			return err
		}))
	}
}
