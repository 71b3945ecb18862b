package party

import (
	"cmp"
	"slices"
	"time"

	"breakwater/internal/ident"
	"breakwater/internal/storage"
)

// Alike is what speaks for two records being of one person.
type Alike string

// From strong to weak. Another name on another document is how somebody looks who
// was entered by passport once and by identity card later; a family looks so too.
const (
	AlikeName     Alike = "name"     // one phone, the same name
	AlikeBorn     Alike = "born"     // the same name and the same birthday
	AlikeNear     Alike = "near"     // one phone, one character of the name differs
	AlikeRare     Alike = "rare"     // the same name, which hardly anybody has; of one at least the birthday is not known
	AlikeDocument Alike = "document" // one phone, other names on two kinds of documents
)

// strengths is the order in which they are looked at.
func strengths() []Alike {
	return []Alike{AlikeName, AlikeBorn, AlikeNear, AlikeRare, AlikeDocument}
}

// Double is two records that may be of one person.
type Double struct {
	First, Second ID // First is the older
	Alike         Alike
}

// sharedMost is how many records may have a phone that says anything: more is a
// firm's office phone, typed for everybody. rareMost is how many may have a name that
// says something by itself.
const (
	sharedMost = 5
	rareMost   = 3
)

// phonesMost is how many shared phones are looked at.
const phonesMost = 2000

// Doubles finds records of which a person should say whether they are one: by the
// same name and birthday, by a rare name where a paper has no birthday, and by one
// phone with particulars that are alike. The first time it opens everybody, so run it
// in an Export; afterwards those who changed since. Records joined already are left
// out. The strongest come first.
func (s *Store) Doubles(r storage.Reader, now time.Time, most int) ([]Double, error) {
	by, err := s.alikes.look(r, s.open, now)
	if err != nil {
		return nil, err
	}
	var ids []ID
	for _, f := range by.phones {
		ids = append(ids, f...)
	}
	people, err := s.Open(r, ids...)
	if err != nil {
		return nil, err
	}
	joined, err := s.joined(r)
	if err != nil {
		return nil, err
	}
	found := map[[2]ID]Alike{}
	for _, d := range by.named {
		found[[2]ID{d.First, d.Second}] = d.Alike
	}
	for _, f := range by.phones {
		for i, a := range f {
			for _, b := range f[i+1:] {
				alike, ok := alikeness(people[a], people[b])
				if was, too := found[[2]ID{a, b}]; ok && (!too || stronger(alike, was)) {
					found[[2]ID{a, b}] = alike
				}
			}
		}
	}
	out := make([]Double, 0, len(found))
	for pair, alike := range found {
		if w := joined[pair[0]]; w == "" || w != joined[pair[1]] {
			out = append(out, Double{pair[0], pair[1], alike})
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

func stronger(a, b Alike) bool { return slices.Index(strengths(), a) < slices.Index(strengths(), b) }

func byStrength(a, b Double) int {
	if n := slices.Index(strengths(), a.Alike) - slices.Index(strengths(), b.Alike); n != 0 {
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

// birthday is the eight digits of it in a number that has one (GB 11643, and the
// card of permanent residence of 2023 after it), "" otherwise.
func birthday(p Person) string {
	if len(p.IDNumber) != 18 || p.IDKind != ident.KindMainland && p.IDKind != ident.KindForeigner {
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
