package party

import (
	"cmp"
	"slices"

	"breakwater/internal/ident"
	"breakwater/internal/storage"
)

// Alike is what speaks for two records being of one person, beside their phone.
type Alike string

// From strong to weak. Another name on another document is how somebody looks who
// was entered by passport once and by identity card later; a family looks so too.
const (
	AlikeName     Alike = "name"     // the same name
	AlikeNear     Alike = "near"     // one character of the name differs
	AlikeDocument Alike = "document" // other names on two kinds of documents
)

// Double is two records that may be of one person.
type Double struct {
	First, Second ID // First is the older
	Alike         Alike
}

// sharedMost is how many records may have a phone that says anything: more is a
// firm's office phone, typed for everybody.
const sharedMost = 5

// phonesMost is how many shared phones are looked at.
const phonesMost = 2000

// Doubles finds records of which a person should say whether they are one: those
// with one phone whose particulars are alike. It reads everybody's hashes, so run it
// in an Export. Records joined already are left out. The strongest come first.
func (s *Store) Doubles(r storage.Reader, most int) ([]Double, error) {
	type holder struct{ id, phone string }
	shared, err := storage.All(r, func(rows *storage.Rows) (h []byte, err error) { return h, rows.Scan(&h) },
		`select phone_hash from party_person where phone_hash is not null group by phone_hash having count(*) between 2 and $1 limit $2`, sharedMost, phonesMost)
	if err != nil {
		return nil, err
	}
	families := map[string][]ID{}
	var ids []ID
	for part := range slices.Chunk(shared, readChunk) {
		list, args := storage.In(1, part)
		found, err := storage.All(r, func(rows *storage.Rows) (h holder, err error) {
			var phone []byte
			err = rows.Scan(&h.id, &phone)
			h.phone = string(phone)
			return h, err
		}, `select id, phone_hash from party_person where phone_hash in (`+list+`) order by id`, args...)
		if err != nil {
			return nil, err
		}
		for _, h := range found {
			families[h.phone] = append(families[h.phone], h.id)
			ids = append(ids, h.id)
		}
	}
	people, err := s.Open(r, ids...)
	if err != nil {
		return nil, err
	}
	joined, err := s.joined(r)
	if err != nil {
		return nil, err
	}
	var out []Double
	for _, f := range families {
		for i, a := range f {
			for _, b := range f[i+1:] {
				if w := joined[a]; w != "" && w == joined[b] {
					continue
				}
				if alike, ok := alikeness(people[a], people[b]); ok {
					out = append(out, Double{a, b, alike})
				}
			}
		}
	}
	slices.SortFunc(out, byStrength)
	return out[:min(len(out), most)], nil
}

// joined is the whole of each record that stands in one.
func (s *Store) joined(r storage.Reader) (map[ID]string, error) {
	list, err := storage.All(r, scanRecord, `select person, since, whole from party_same where standing = ''`)
	out := make(map[ID]string, len(list))
	for _, x := range list {
		out[x.ID] = x.whole
	}
	return out, err
}

func byStrength(a, b Double) int {
	order := []Alike{AlikeName, AlikeNear, AlikeDocument}
	if n := slices.Index(order, a.Alike) - slices.Index(order, b.Alike); n != 0 {
		return n
	}
	return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Second, b.Second))
}

// alikeness is pure: whether two people with one phone may be one. A mainland number
// holds its bearer's birthday and a check digit, so two of them with other birthdays
// and other names are two people.
func alikeness(a, b Person) (Alike, bool) {
	both := a.IDKind == ident.KindMainland && b.IDKind == ident.KindMainland
	switch {
	case SameName(a.Name, b.Name):
		return AlikeName, true
	case near([]rune(likeness(a.Name)), []rune(likeness(b.Name))) && (!both || birthday(a) == birthday(b)):
		return AlikeNear, true
	case a.IDKind != b.IDKind:
		return AlikeDocument, true
	}
	return "", false
}

// birthday is the eight digits of it in a mainland number (GB 11643).
func birthday(p Person) string {
	if len(p.IDNumber) != 18 {
		return ""
	}
	return p.IDNumber[6:14]
}

// near reports whether one character typed otherwise, left out or added makes one
// name of the other.
func near(a, b []rune) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) < 2 || len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) == len(b) {
		return i == len(a) || slices.Equal(a[i+1:], b[i+1:])
	}
	return slices.Equal(a[i:], b[i+1:])
}
