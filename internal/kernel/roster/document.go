package roster

import (
	"strings"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
)

// kindNames are the ways firms write a kind of document, in plainHeading.
var kindNames = map[ident.Kind]string{
	ident.KindMainland: "居民身份证 身份证 二代身份证 第二代身份证 中国居民身份证 中华人民共和国居民身份证 内地居民身份证 大陆身份证 临时身份证 临时居民身份证 港澳台居民居住证 港澳居民居住证 台湾居民居住证 " +
		"mainland mainlandid idcard identitycard residentidentitycard residentidcard chineseid chineseidcard nationalid id prcid",
	ident.KindPassport:  "护照 普通护照 中国护照 外国护照 外籍护照 因私护照 外国人护照 passport foreignpassport",
	ident.KindHKMacau:   "港澳居民来往内地通行证 港澳通行证 回乡证 港澳居民通行证 港澳来往内地通行证 hkmacau hkmacaupermit homereturnpermit mainlandtravelpermit",
	ident.KindTaiwan:    "台湾居民来往大陆通行证 台胞证 台湾通行证 台湾居民通行证 taiwan taiwanpermit mtp taiwantravelpermit",
	ident.KindForeigner: "外国人永久居留身份证 外国人永久居留证 外国人居留证 永久居留身份证 foreigner permanentresidencecard foreignpermanentresidentidcard prcard",
}

// kindIndex maps every name to its kind.
func kindIndex() map[string]ident.Kind {
	index := make(map[string]ident.Kind, 64)
	for kind, names := range kindNames {
		for _, name := range strings.Fields(names) {
			index[name] = kind
		}
	}
	return index
}

// kindOf reads a cell of the column of document types.
func (j *judge) kindOf(text string) (ident.Kind, bool) {
	if kind, ok := j.kinds[text]; ok {
		return kind, true
	}
	for _, name := range spellings(text) {
		if kind, ok := j.kinds[name]; ok {
			return kind, true
		}
	}
	return "", false
}

// document reads kind and number. Without a kind a number is a mainland ID,
// unless it has the look of something else: then the kind is asked for, never
// guessed, because the same characters may be a passport of any country.
func (r *reading) document(p *Person) {
	kindText, _, kindFilled := r.sound(FieldIDKind)
	text, c, filled := r.sound(FieldIDNumber)
	f := FieldIDNumber
	kind, known := ident.KindMainland, true
	if kindText != "" {
		if kind, known = r.kindOf(kindText); !known {
			r.fault(FieldIDKind, "roster.id_kind.unknown", hide(kindText), "kind", hide(kindText))
		}
	}
	if !filled { // a column of passport numbers says the kind by its heading
		if text, c, filled = r.sound(FieldPassport); filled {
			f, kindText = FieldPassport, "passport"
			if kind != ident.KindPassport {
				kind = ident.KindPassport
			}
		}
	}
	switch {
	case !filled:
		if r.head.col(f) < 0 {
			f = FieldPassport
		}
		r.fault(f, "roster.id.missing", "")
	case text == "": // refused already
	case rounded(c):
		r.fault(f, "roster.id.rounded", clip(maskUnlessRounded(text)))
	case !known || kindFilled && kindText == "":
		// Nothing can be said of a number of an unknown kind.
	case kindText == "" && foreignLooking(text):
		r.fault(f, "roster.id_kind.missing", ident.MaskNumber(clip(text)))
	default:
		number, err := ident.Document(kind, text, r.today)
		if err != nil {
			e := fault.As(err)
			r.fault(f, documentCode(kind, e.Code), ident.MaskNumber(clip(text)), flat(e.Args)...)
			return
		}
		p.IDKind, p.IDNumber = kind, number
	}
}

// documentCode puts a refusal of ident into the words of a roster, which also
// say how to mend a cell.
func documentCode(kind ident.Kind, code string) string {
	if kind == ident.KindMainland {
		return "roster.id." + last(code)
	}
	return "roster." + kind + "." + last(code)
}

// foreignLooking reports a number with letters where a mainland ID has digits
// and of another length: E12345678, H12345678.
func foreignLooking(text string) bool {
	n, letters := 0, 0
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9':
			n++
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
			n++
			letters++
		}
	}
	last := text[len(text)-1]
	if last == 'x' || last == 'X' {
		letters--
	}
	return letters > 0 && n != 18
}

// maskUnlessRounded shows 3.30203E+17 as it is: the digits are gone already,
// and the shape of the number is what explains the refusal.
func maskUnlessRounded(text string) string {
	if scientific.MatchString(text) {
		return text
	}
	return ident.MaskNumber(text)
}
