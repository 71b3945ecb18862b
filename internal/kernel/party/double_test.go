package party_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/ident"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

// Who may be one person, by what; and who is not, for all that is alike.
func TestDoublesAlike(t *testing.T) {
	day := time.Date(1985, 7, 1, 0, 0, 0, 0, time.UTC)
	mainland := func(name string, born time.Time, n int, phone string) party.Person {
		return party.Person{Name: name, IDKind: ident.KindMainland, IDNumber: ident.MakeMainlandID("330212", born, n), Phone: phone}
	}
	passport := func(name, number, phone string) party.Person {
		return party.Person{Name: name, IDKind: ident.KindPassport, IDNumber: number, Phone: phone}
	}
	for name, c := range map[string]struct {
		people []party.Person
		alike  []party.Alike
	}{
		"one phone, one name":            {[]party.Person{mainland("王小明", day, 1, "13800000001"), passport("王小明", "E1234567", "13800000001")}, []party.Alike{party.AlikeName}},
		"one name, one birthday":         {[]party.Person{mainland("王小明", day, 1, "13800000001"), mainland("王 小明", day, 2, "13800000002")}, []party.Alike{party.AlikeBorn}},
		"one name, other birthdays":      {[]party.Person{mainland("王小明", day, 1, ""), mainland("王小明", day.AddDate(0, 0, 1), 1, "")}, nil},
		"one birthday, other names":      {[]party.Person{mainland("王小明", day, 1, ""), mainland("李小明", day, 2, "")}, nil},
		"a rare name, by passport":       {[]party.Person{mainland("王小明", day, 1, ""), passport("王小明", "E1234567", "")}, []party.Alike{party.AlikeRare}},
		"a passport renewed":             {[]party.Person{passport("Ana Lima", "E1234567", ""), passport("ANA  LIMA", "E7654321", "")}, []party.Alike{party.AlikeRare}},
		"a name of many, by passport":    {[]party.Person{mainland("王芳", day, 1, ""), mainland("王芳", day.AddDate(1, 0, 0), 1, ""), mainland("王芳", day.AddDate(2, 0, 0), 1, ""), passport("王芳", "E1234567", "")}, nil},
		"three of one name and birthday": {[]party.Person{mainland("王小明", day, 1, ""), mainland("王小明", day, 2, ""), mainland("王小明", day, 3, "")}, []party.Alike{party.AlikeBorn, party.AlikeBorn, party.AlikeBorn}},
		"a foreigner's card of 2023": {[]party.Person{
			{Name: "Ana Lima", IDKind: ident.KindForeigner, IDNumber: card("91133019850701001")},
			{Name: "Ana Lima", IDKind: ident.KindForeigner, IDNumber: card("91133019850702001")},
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func(t *testing.T, s people) {
				for _, p := range c.people {
					s.ensure(p)
				}
				got := s.doubles()
				var alike []party.Alike
				for _, d := range got {
					alike = append(alike, d.Alike)
					if d.First >= d.Second {
						t.Errorf("%+v: the older is first", d)
					}
				}
				if d := cmp.Diff(c.alike, alike); d != "" {
					t.Errorf("(-want +got):\n%s", d)
				}
			})
		})
	}
}

// card gives the 17 characters of a card of permanent residence their check digit.
func card(number string) string {
	for _, c := range "0123456789X" {
		if _, err := ident.Document(ident.KindForeigner, number+string(c), now); err == nil {
			return number + string(c)
		}
	}
	return ""
}

func (p people) doubles() (found []party.Double) {
	p.t.Helper()
	p.read(func(r storage.Reader) (err error) {
		found, err = p.Doubles(r, now, 100)
		return err
	})
	return found
}

// What is kept in memory follows the store: a record that came later, a corrected name,
// an erased person, one that says it was changed tomorrow, and what somebody else joined.
func TestDoublesFollow(t *testing.T) {
	storagetest.Run(t, nil, func(t *testing.T, db *storage.DB) {
		s, log := logged(t, db)
		must := func(fn func(tx *storage.Tx) error) {
			t.Helper()
			if err := s.write(fn); err != nil {
				t.Fatal(err)
			}
		}
		day := time.Date(1985, 7, 1, 0, 0, 0, 0, time.UTC)
		person := func(name string, n int) party.Person {
			return party.Person{Name: name, IDKind: ident.KindMainland, IDNumber: ident.MakeMainlandID("330212", day, n)}
		}
		count := func(want int) {
			t.Helper()
			if got := s.doubles(); len(got) != want {
				t.Fatalf("%d pairs, want %d: %+v", len(got), want, got)
			}
		}
		a, _ := s.ensure(person("王小明", 1))
		count(0)
		b, _ := s.ensure(person("王小明", 2))
		count(1)
		must(func(tx *storage.Tx) error {
			_, err := s.Update(tx, b, now, func(p *party.Person) { p.Name = "王小名" })
			return err
		})
		count(0)
		must(func(tx *storage.Tx) error {
			_, err := s.Update(tx, b, now.AddDate(100, 0, 0), func(p *party.Person) { p.Name = "王小明" })
			return err
		})
		count(1)
		c, _ := s.ensure(person("王小明", 3))
		count(3)
		must(func(tx *storage.Tx) error { return s.Erase(tx, log, "off_1", c, "", now) })
		count(1)
		must(func(tx *storage.Tx) error {
			_, err := s.Join(tx, log, "off_1", a, b, party.JoinedBody{Reason: "seen"}, now)
			return err
		})
		count(0)
	})
}

// BenchmarkDoubles looks for doubles among 140,000 people: the first time, when
// everybody is opened, and afterwards.
func BenchmarkDoubles(b *testing.B) {
	for _, e := range []storage.Engine{storage.SQLite, storage.Postgres} {
		db := storagetest.Open(b, e, party.Module())
		k := ring(b)
		s := party.New(k)
		for from := 0; from < 140_000; from += 500 {
			batch := make([]party.Person, 500)
			for i := range batch {
				batch[i] = worker(from + i)
			}
			sealed, err := s.Prepare(batch, now)
			if err != nil {
				b.Fatal(err)
			}
			if err := db.Write(b.Context(), func(tx *storage.Tx) error {
				_, _, err := s.EnsureAll(tx, sealed, now.AddDate(0, 0, from/10_000-14))
				return err
			}); err != nil {
				b.Fatal(err)
			}
		}
		look := func(b *testing.B, s *party.Store) {
			b.Helper()
			if err := db.Export(b.Context(), func(r storage.Reader) error {
				found, err := s.Doubles(r, now, 500)
				if err == nil && len(found) > 500 {
					err = fmt.Errorf("%d pairs", len(found))
				}
				return err
			}); err != nil {
				b.Fatal(err)
			}
		}
		b.Run(string(e)+"/first", func(b *testing.B) {
			for b.Loop() {
				look(b, party.New(k))
			}
		})
		b.Run(string(e)+"/again", func(b *testing.B) {
			look(b, s)
			for b.Loop() {
				look(b, s)
			}
		})
	}
}
