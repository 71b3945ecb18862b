package party

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
)

// fieldMax is the longest particular, in characters: it keeps a sealed person
// under the kilobyte that may be sealed inside a Write.
const fieldMax = 60

// mend puts p's particulars into their one spelling and adds to f what cannot
// be mended, under the field's name after prefix.
func (p *Person) mend(f *fault.Error, prefix string, now time.Time) {
	p.mendRest(f, prefix)
	number, err := ident.Document(p.IDKind, p.IDNumber, now)
	if err != nil {
		name := "id_number"
		if fault.Is(err, "ident.document.kind") {
			name = "id_kind"
		}
		add(f, prefix+name, err)
	}
	p.IDNumber = number
}

// mendRest is mend for all but the ID number.
func (p *Person) mendRest(f *fault.Error, prefix string) {
	for _, v := range [...]struct {
		name string
		text *string
	}{{"name", &p.Name}, {"address", &p.Address}, {"native", &p.Native}} {
		*v.text = ident.Fold(*v.text)
		if utf8.RuneCountInString(*v.text) > fieldMax {
			f.With(prefix+v.name, "party.too_long", "max", fieldMax)
		}
	}
	if p.Name == "" {
		f.With(prefix+"name", "party.name")
	}
	phone, err := plainPhone(p.Phone)
	if err != nil {
		add(f, prefix+"phone", err)
	}
	p.Phone = phone
}

// add records another package's refusal of one field.
func add(f *fault.Error, name string, err error) {
	why := fault.As(err)
	f.Fields = append(f.Fields, fault.Field{Name: name, Code: why.Code, Args: why.Args})
}

// plainPhone returns a mainland mobile as 11 digits, another country's number
// as + and 7 to 15 digits (ITU-T E.164), and nothing as nothing.
func plainPhone(s string) (string, error) {
	if s = ident.Fold(s); s == "" {
		return "", nil
	}
	phone, err := ident.Phone(s)
	if err == nil || !strings.HasPrefix(s, "+") || strings.HasPrefix(s, "+86") {
		return phone, err
	}
	abroad := strings.NewReplacer(" ", "", "-", "", "(", "", ")", "").Replace(s[1:])
	if len(abroad) < 7 || len(abroad) > 15 || strings.Trim(abroad, "0123456789") != "" {
		return "", err
	}
	return "+" + abroad, nil
}

// plainNumber is a number as ident.Document spells it, without judging it: a
// number that nobody can have is simply found with nobody.
func plainNumber(number string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "", ".", "", "(", "", ")", "").Replace(ident.Fold(number)))
}

// SameName reports whether two names are one name, spelled with other spaces,
// widths, capitals or dots.
func SameName(a, b string) bool { return likeness(a) == likeness(b) }

// likeness is a full name as it is hashed: lower case, no space between
// Chinese characters, and one form of the dot inside many names from the west
// of China, which keyboards write in half a dozen ways.
func likeness(name string) string {
	words := strings.Fields(strings.Map(func(r rune) rune {
		switch r {
		case '•', '・', '‧', '･', '∙', '。', '.', '．':
			return '·'
		}
		return unicode.ToLower(r)
	}, ident.Fold(name)))
	for _, w := range words {
		if r, _ := utf8.DecodeRuneInString(w); !unicode.Is(unicode.Han, r) {
			return strings.Join(words, " ")
		}
	}
	return strings.Join(words, "")
}
