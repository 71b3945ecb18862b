package party_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/ident"
	"breakwater/internal/kernel/party"
	"breakwater/internal/keyring"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

var now = time.Date(2020, 2, 10, 0, 30, 0, 0, time.UTC)

// worker is invented person number i, each with a valid number and phone.
func worker(i int) party.Person {
	return party.Person{
		Name:     "李小" + string(rune('一'+i%2000)),
		IDKind:   ident.KindMainland,
		IDNumber: ident.MakeMainlandID("330212", time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i/999), i%999),
		Phone:    fmt.Sprintf("138%08d", i),
		Address:  "聚贤路 587 号", Native: "浙江宁波",
	}
}

func ring(t testing.TB) *keyring.Ring {
	t.Helper()
	r, err := keyring.New()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// people is a fresh store on one engine, and the verbs as tests say them.
type people struct {
	*party.Store
	t   testing.TB
	db  *storage.DB
	ctx context.Context
}

func run(t *testing.T, fn func(t *testing.T, p people)) {
	storagetest.Run(t, []storage.Module{party.Module()}, func(t *testing.T, db *storage.DB) {
		fn(t, people{party.New(ring(t)), t, db, t.Context()})
	})
}

func (p people) write(fn func(tx *storage.Tx) error) error { return p.db.Write(p.ctx, fn) }

func (p people) read(fn func(r storage.Reader) error) {
	p.t.Helper()
	if err := p.db.Read(p.ctx, fn); err != nil {
		p.t.Fatal(err)
	}
}

func (p people) ensure(who party.Person) (id party.ID, created bool) {
	p.t.Helper()
	if err := p.write(func(tx *storage.Tx) (err error) {
		id, created, err = p.Ensure(tx, who, now)
		return err
	}); err != nil {
		p.t.Fatal(err)
	}
	return id, created
}

func said(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestEnsureFindsWhoIsKnown(t *testing.T) {
	run(t, func(t *testing.T, p people) {
		na := worker(1)
		na.Name, na.Phone = "李小娜", "138 0000-1234"
		id, created := p.ensure(na)
		if !created || !strings.HasPrefix(id, "per_") {
			t.Fatalf("%s created %v", id, created)
		}
		again := na
		again.Name, again.Phone = "李晓娜", "+86 139 0000 0000"
		again.IDNumber = strings.ToLower(again.IDNumber[:6] + " " + again.IDNumber[6:])
		if known, created := p.ensure(again); known != id || created {
			t.Errorf("filed again: %s created %v", known, created)
		}
		abroad, _ := p.ensure(party.Person{Name: "José  García", IDKind: ident.KindPassport, IDNumber: "xdc 123456", Phone: "+34 612 345 678"})
		p.read(func(r storage.Reader) error {
			open, err := p.Open(r, id, abroad, "per_none")
			if err != nil {
				return err
			}
			if d := cmp.Diff(map[party.ID]party.Person{
				id:     {ID: id, Name: "李小娜", IDKind: "mainland", IDNumber: na.IDNumber, Phone: "13800001234", Address: "聚贤路 587 号", Native: "浙江宁波"},
				abroad: {ID: abroad, Name: "José García", IDKind: "passport", IDNumber: "XDC123456", Phone: "+34612345678"},
			}, open); d != "" {
				t.Error("known people are left as they are:", d)
			}
			masked, err := p.Masked(r, abroad, id)
			if err != nil {
				return err
			}
			if d := cmp.Diff(party.MaskedPerson{ID: id, Name: "李*娜", IDNumber: ident.MaskNumber(na.IDNumber), Phone: "138****1234"}, masked[id]); d != "" {
				t.Error(d)
			}
			if m := masked[abroad]; strings.Contains(m.Name+m.IDNumber+m.Phone, "arc") || strings.Contains(m.IDNumber, "12345") {
				t.Errorf("masked too little: %+v", m)
			}
			return nil
		})
	})
}

func TestFind(t *testing.T) {
	run(t, func(t *testing.T, p people) {
		a, b, c := worker(1), worker(2), worker(3)
		a.Name, b.Name, c.Name = "李小娜", "李小娜", "阿卜杜拉·买买提"
		b.Phone, c.Phone = a.Phone, ""
		ids := map[party.ID]string{}
		for name, who := range map[string]party.Person{"a": a, "b": b, "c": c} {
			id, _ := p.ensure(who)
			ids[id] = name
		}
		name := func(found []party.ID, err error) string {
			if err != nil {
				return err.Error()
			}
			var out []string
			for _, id := range found {
				out = append(out, ids[id])
			}
			slices.Sort(out)
			return strings.Join(out, " ")
		}
		p.read(func(r storage.Reader) error {
			number := func(kind, number string) string {
				id, ok, err := p.FindNumber(r, kind, number)
				return fmt.Sprint(ids[id], ok, err)
			}
			got := []string{
				name(p.FindPhone(r, "+86 "+a.Phone)), name(p.FindPhone(r, "13999999999")), name(p.FindPhone(r, "")), name(p.FindPhone(r, "no phone")),
				name(p.FindName(r, "李 小娜")), name(p.FindName(r, "小娜")), name(p.FindName(r, "阿卜杜拉•买买提")), name(p.FindName(r, " ")),
				number("mainland", " "+a.IDNumber), number("passport", a.IDNumber), number("mainland", "1"), number("mainland", ""),
			}
			want := []string{
				"a b", "", "", "",
				"a b", "", "c", "",
				"atrue<nil>", "false<nil>", "false<nil>", "false<nil>",
			}
			for i := range got {
				got[i] = strings.ReplaceAll(got[i], " ", "")
				want[i] = strings.ReplaceAll(want[i], " ", "")
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
			return nil
		})
	})
}

func TestPrepareRefuses(t *testing.T) {
	good := worker(1)
	s := party.New(ring(t))
	for _, c := range []struct {
		want string
		edit func(*party.Person)
	}{
		{"", func(*party.Person) {}},
		{"invalid: party.invalid [1.name party.name]", func(p *party.Person) { p.Name = " \u3000" }},
		{"invalid: party.invalid [1.name party.too_long]", func(p *party.Person) { p.Name = strings.Repeat("长", 61) }},
		{"invalid: party.invalid [1.id_kind ident.document.kind]", func(p *party.Person) { p.IDKind = "library card" }},
		{"invalid: party.invalid [1.id_number ident.mainland.check]", func(p *party.Person) { p.IDNumber = p.IDNumber[:17] + string("0123456789"[(p.IDNumber[17]-'0'+1)%10]) }},
		{"invalid: party.invalid [1.phone ident.phone.malformed]", func(p *party.Person) { p.Phone = "12345" }},
		{"invalid: party.invalid [1.phone ident.phone.malformed]", func(p *party.Person) { p.Phone = "+1 555" }},
		{"invalid: party.invalid [1.address party.too_long]", func(p *party.Person) { p.Address = strings.Repeat("路", 61) }},
	} {
		p := worker(2)
		if p.IDNumber[17] == 'X' {
			t.Fatal("choose a worker whose check character is a digit")
		}
		c.edit(&p)
		_, err := s.Prepare([]party.Person{good, p}, now)
		if got := said(err); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// A sealed person belongs to its id: moved to another row it does not open.
func TestSealedPersonDoesNotMove(t *testing.T) {
	run(t, func(t *testing.T, p people) {
		a, _ := p.ensure(worker(1))
		b, _ := p.ensure(worker(2))
		if err := p.write(func(tx *storage.Tx) error {
			_, err := tx.Exec(`update party_person set sealed = (select sealed from party_person where id = $1) where id = $2`, a, b)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		err := p.db.Read(t.Context(), func(r storage.Reader) error { _, err := p.Masked(r, b); return err })
		if err == nil {
			t.Error("somebody else's particulars were shown")
		}
		if strings.Contains(said(err), "小") {
			t.Error("the error names the person")
		}
	})
}

func TestUpdate(t *testing.T) {
	run(t, func(t *testing.T, p people) {
		id, _ := p.ensure(worker(1))
		update := func(id party.ID, change func(*party.Person)) string {
			return said(p.write(func(tx *storage.Tx) error { _, err := p.Update(tx, id, now, change); return err }))
		}
		got := []string{
			update(id, func(p *party.Person) { p.Phone = "139-1111-2222" }),
			update(id, func(p *party.Person) { p.Name = "李娜" }),
			update(id, func(p *party.Person) { p.IDNumber = worker(2).IDNumber }),
			update(id, func(p *party.Person) { p.Phone = "1" }),
			update("per_none", func(*party.Person) {}),
		}
		want := []string{"", "", "conflict: party.number_fixed", "invalid: party.invalid [phone ident.phone.malformed]", "not_found: party.unknown"}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
		p.read(func(r storage.Reader) error {
			byNew, err := p.FindPhone(r, "13911112222")
			if err != nil {
				return err
			}
			byOld, err := p.FindPhone(r, worker(1).Phone)
			if err != nil {
				return err
			}
			byName, err := p.FindName(r, "李娜")
			if d := cmp.Diff([][]party.ID{{id}, nil, {id}}, [][]party.ID{byNew, byOld, byName}); d != "" {
				t.Error(d)
			}
			return err
		})
	})
}
