package party_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
)

// Whatever rosters come in whatever batches, every number has one person, who
// keeps the particulars they were first filed with, and "created" is said once.
func TestEnsureAllIsASet(t *testing.T) {
	run(t, func(t *testing.T, p people) {
		base := 0 // each case uses people nobody has seen
		rapid.Check(t, func(rt *rapid.T) {
			base += 1000
			first := map[string]party.ID{}
			for range rapid.IntRange(1, 3).Draw(rt, "files") {
				numbers := rapid.SliceOfN(rapid.IntRange(0, 120), 1, 150).Draw(rt, "people")
				batch := make([]party.Person, len(numbers))
				for i, n := range numbers {
					batch[i] = worker(base + n)
				}
				sealed, err := p.Prepare(batch, now)
				if err != nil {
					rt.Fatal(err)
				}
				var ids []party.ID
				var created []bool
				if err := p.write(func(tx *storage.Tx) (err error) {
					ids, created, err = p.EnsureAll(tx, sealed, now)
					return err
				}); err != nil {
					rt.Fatal(err)
				}
				for i, who := range batch {
					known, seen := first[who.IDNumber]
					if created[i] == seen {
						rt.Fatalf("row %d: created %v, seen before %v", i, created[i], seen)
					}
					if seen && ids[i] != known {
						rt.Fatalf("row %d: %s, but the number is %s's", i, ids[i], known)
					}
					first[who.IDNumber] = ids[i]
				}
			}
			p.read(func(r storage.Reader) error {
				for number, id := range first {
					open, err := p.Open(r, id)
					if err != nil {
						return err
					}
					if open[id].IDNumber != number {
						rt.Fatalf("%s opens as another person", id)
					}
				}
				return nil
			})
		})
	})
}

func TestScan(t *testing.T) {
	run(t, func(t *testing.T, p people) {
		batch := make([]party.Person, 1203)
		for i := range batch {
			batch[i] = worker(i)
		}
		batch[7].Name, batch[600].Name, batch[1202].Name = "王娜娜", "欧阳娜", "娜仁"
		sealed, err := p.Prepare(batch, now)
		if err != nil {
			t.Fatal(err)
		}
		var ids []party.ID
		if err := p.write(func(tx *storage.Tx) (err error) {
			ids, _, err = p.EnsureAll(tx, sealed, now)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		p.read(func(r storage.Reader) error {
			scope := append(slices.Clone(ids[:1000]), "per_none")
			found, err := p.Scan(r, slices.Values(scope), func(who party.Person) bool { return strings.Contains(who.Name, "娜") })
			if d := cmp.Diff([]party.ID{ids[7], ids[600]}, found); d != "" {
				t.Error("the scope's people, and nobody beyond it:", d)
			}
			if err != nil {
				return err
			}
			found, err = p.Scan(r, nil, func(who party.Person) bool { return strings.Contains(who.Name, "娜") })
			if d := cmp.Diff([]party.ID{ids[7], ids[600], ids[1202]}, found); d != "" {
				t.Error("everybody:", d)
			}
			return err
		})
	})
}

// Eight firms file rosters with the same people at the same moment, each in an
// order of its own: everybody is added once, and everyone is told the same ids.
func TestRostersAtOnce(t *testing.T) {
	run(t, func(t *testing.T, p people) {
		const firms, staff = 8, 60
		var mu sync.Mutex
		ids := map[string]map[party.ID]bool{}
		added := 0
		var wg sync.WaitGroup
		for f := range firms {
			wg.Go(func() {
				batch := make([]party.Person, staff)
				for i := range batch {
					batch[i] = worker((i*7 + f*11) % staff)
				}
				sealed, err := p.Prepare(batch, now)
				if err != nil {
					t.Error(err)
					return
				}
				var got []party.ID
				var created []bool
				if err := p.write(func(tx *storage.Tx) (err error) {
					got, created, err = p.EnsureAll(tx, sealed, now)
					return err
				}); err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				for i, id := range got {
					if ids[batch[i].IDNumber] == nil {
						ids[batch[i].IDNumber] = map[party.ID]bool{}
					}
					ids[batch[i].IDNumber][id] = true
					if created[i] {
						added++
					}
				}
			})
		}
		wg.Wait()
		for number, known := range ids {
			if len(known) != 1 {
				t.Errorf("%s is %d people", number, len(known))
			}
		}
		if added != staff || len(ids) != staff {
			t.Errorf("%d people added and %d known, want %d", added, len(ids), staff)
		}
	})
}
