package ident

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
)

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

// answer is the value, or the code of the refusal.
func answer(v string, err error) string {
	if err != nil {
		if v != "" {
			return "value beside error: " + v
		}
		return fault.As(err).Code
	}
	return v
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"":                           "",
		"张三":                         "张三",
		"　张　三 ":                      "张 三",
		"ＡＢ１２（甲）":                    "AB12(甲)",
		"\ufeffa\u200bb":             "ab",
		"a\u00a0\t b\r\n":            "a b",
		"   ":                        "",
		"a  b":                       "a b",
		"艾力·买买提":                     "艾力·买买提",
		"\u202a330203\u202c":         "330203",
		"bad \xff byte":              "bad byte",
		strings.Repeat("　", 3) + "x": "x",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCreditCode(t *testing.T) {
	good := MakeCreditCode("91330201MA2AFK7T0")
	tests := []struct{ in, want string }{
		// Published codes: an independent witness of the arithmetic.
		{"91350100M000100Y43", "91350100M000100Y43"}, // example in GB 32100-2015
		{"914403001922038216", "914403001922038216"},
		{good, good},
		{strings.ToLower(good), good},
		{" " + good[:4] + " " + good[4:10] + "-" + good[10:] + "　", good},
		{"９" + good[1:], good},
		{"", "ident.credit_code.length"},
		{good[:17], "ident.credit_code.length"},
		{good + "0", "ident.credit_code.length"},
		{"O" + good[1:], "ident.credit_code.alphabet"},
		{"甲" + good[1:], "ident.credit_code.alphabet"},
		{good[:2] + "22" + good[4:], "ident.credit_code.check"},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, answer(CreditCode(tt.in))); diff != "" {
			t.Errorf("CreditCode(%q) %s", tt.in, diff)
		}
	}
	for i := range 17 { // every single substitution is caught
		for _, c := range creditAlphabet {
			bad := good[:i] + string(c) + good[i+1:]
			if _, err := CreditCode(bad); bad != good && err == nil {
				t.Fatalf("%s passed", bad)
			}
		}
	}
	if got := MakeCreditCode("91330201MA2AFK7O0"); got != "" {
		t.Errorf("made %q from a letter outside the alphabet", got)
	}
}

func TestMainlandID(t *testing.T) {
	today := day("2020-02-10")
	x := ""
	for seq := 1; !strings.HasSuffix(x, "X"); seq++ {
		x = MakeMainlandID("330203", day("1990-01-01"), seq)
	}
	tests := []struct{ in, want string }{
		{"11010519491231002X", "11010519491231002X"},              // example in GB 11643-1999
		{"440524188001010014", "ident.mainland.birth_impossible"}, // its second one, born 1880
		{"11010519491231002x", "11010519491231002X"},
		{"１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"},
		{"110105 19491231 002X", "11010519491231002X"},
		{"'11010519491231002X", "11010519491231002X"},
		{strings.ToLower(x), x},
		{MakeMainlandID("810000", day("1990-01-01"), 1), MakeMainlandID("810000", day("1990-01-01"), 1)},
		{MakeMainlandID("330203", today, 1), MakeMainlandID("330203", today, 1)},
		{"110105194912310021", "ident.mainland.check"},
		{"110105491231002", "ident.mainland.fifteen"},
		{"1101051949123100", "ident.mainland.length"},
		{"", "ident.mainland.length"},
		{"1101051949123100XX", "ident.mainland.digits"},
		{"甲10105194912310021", "ident.mainland.digits"},
		{"990105194912310021", "ident.mainland.region"},
		{"811105194912310021", "ident.mainland.region"},
		{"110105194913310021", "ident.mainland.birth_impossible"},
		{"110105190002290021", "ident.mainland.birth_impossible"}, // 1900 was no leap year
		{MakeMainlandID("330203", day("2020-02-11"), 1), "ident.mainland.birth_future"},
	}
	for _, tt := range tests {
		id, err := MainlandID(tt.in, today)
		if diff := cmp.Diff(tt.want, answer(id.Number, err)); diff != "" {
			t.Errorf("MainlandID(%q) %s", tt.in, diff)
		}
	}
	got, _ := MainlandID("11010519491231002X", today)
	want := Mainland{Number: "11010519491231002X", Birth: day("1949-12-31"), Sex: Female}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for i := range 17 { // neither a wrong digit nor swapped neighbours pass
		n := []byte(x)
		n[i], n[i+1] = n[i+1], n[i]
		if _, err := MainlandID(string(n), today); string(n) != x && err == nil {
			t.Errorf("swap at %d passed", i)
		}
		for d := byte('0'); d <= '9'; d++ {
			n := []byte(x)
			n[i] = d
			if _, err := MainlandID(string(n), today); string(n) != x && err == nil {
				t.Errorf("%s passed", n)
			}
		}
	}
}

func TestPhone(t *testing.T) {
	for in, want := range map[string]string{
		"13812345678":       "13812345678",
		"+86 138-1234-5678": "13812345678",
		"008613812345678":   "13812345678",
		"8613812345678":     "13812345678",
		"（＋８６）１３８１２３４５６７８": "13812345678",
		"138 1234 5678":     "13812345678",
		"138–1234–5678":     "13812345678",
		"12812345678":       "ident.phone.malformed",
		"1381234567":        "ident.phone.malformed",
		"138123456789":      "ident.phone.malformed",
		"0574-88888888":     "ident.phone.malformed",
		"+1 415 555 2671":   "ident.phone.malformed",
		"13812345678/139":   "ident.phone.malformed",
		"86138123456":       "ident.phone.malformed",
		"一三八":               "ident.phone.malformed",
		"":                  "ident.phone.malformed",
		"+86+8613812345678": "ident.phone.malformed",
	} {
		if got := answer(Phone(in)); got != want {
			t.Errorf("Phone(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestDocument(t *testing.T) {
	tests := []struct{ kind, in, want string }{
		{KindPassport, "e12345678", "E12345678"},
		{KindPassport, "Ｇ 1234 5678", "G12345678"},
		{KindPassport, "123", "ident.passport.malformed"},
		{KindPassport, "ABCDEFGH", "ident.passport.malformed"},
		{KindPassport, "E1234567甲", "ident.passport.malformed"},
		{KindHKMacau, "h12345678", "H12345678"},
		{KindHKMacau, "X12345678", "ident.hk_macau.malformed"},
		{KindHKMacau, "", "ident.hk_macau.malformed"},
		{KindTaiwan, "01234567", "01234567"},
		{KindTaiwan, "A1234567", "ident.taiwan.malformed"},
		{KindForeigner, "CHN110012345678", "CHN110012345678"},
		{KindForeigner, "12", "ident.foreigner.malformed"},
		{KindMainland, "11010519491231002x", "11010519491231002X"},
		{"driving", "1", "ident.document.kind"},
	}
	for _, tt := range tests {
		if got := answer(Document(tt.kind, tt.in, day("2020-02-10"))); got != tt.want {
			t.Errorf("Document(%s, %q) = %s, want %s", tt.kind, tt.in, got, tt.want)
		}
	}
}

func TestMasks(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{MaskNumber("330203199001011234"), "3302**********1234"},
		{MaskNumber("E12345678"), "E1******8"},
		{MaskNumber("12345"), "*****"},
		{MaskNumber(""), ""},
		{MaskPhone("13812345678"), "138****5678"},
		{MaskPhone("1381234567"), "13*******7"},
		{MaskName("李晓娜"), "李*娜"},
		{MaskName("王芳"), "王*"},
		{MaskName("李"), "李"},
		{MaskName("欧阳晓娜"), "欧**娜"},
		{MaskName("John  Smith"), "J*** S***"},
		{MaskName(""), ""},
	} {
		if tt.got != tt.want {
			t.Errorf("got %s, want %s", tt.got, tt.want)
		}
	}
}

func TestAloudCatchesSlips(t *testing.T) {
	for _, n := range []uint64{0, 1, 22, 23, 123456789, AloudCount - 1, AloudCount + 5, 1 << 63} {
		code := NewAloud(n)
		if got := answer(CheckAloud(code)); got != code || len(code) != 9 {
			t.Fatalf("NewAloud(%d) = %s, read back as %s", n, code, got)
		}
		loose := strings.ToLower(strings.ReplaceAll(code, "-", " "))
		loose = strings.NewReplacer("2", "z", "5", "ｓ", "8", "B").Replace(loose)
		if got := answer(CheckAloud(loose)); got != code {
			t.Errorf("CheckAloud(%q) = %s", loose, got)
		}
		bare := strings.ReplaceAll(code, "-", "")
		for i := range 8 {
			for _, c := range aloudAlphabet {
				bad := bare[:i] + string(c) + bare[i+1:]
				if _, err := CheckAloud(bad); bad != bare && !fault.Is(err, "ident.aloud.check") {
					t.Errorf("%s for %s: %v", bad, bare, err)
				}
			}
			for j := range i {
				b := []byte(bare)
				b[i], b[j] = b[j], b[i]
				if _, err := CheckAloud(string(b)); string(b) != bare && err == nil {
					t.Errorf("%s for %s passed", b, bare)
				}
			}
		}
	}
	for _, s := range []string{"", "K7M2", "K7M2-9QX0", "K7M2-9QXDD", "复工复产复工复产"} {
		if got := answer(CheckAloud(s)); got != "ident.aloud.malformed" {
			t.Errorf("CheckAloud(%q) = %s", s, got)
		}
	}
}

// FuzzIdent: no text panics any reader, what passes is a fixed point, and
// masks keep the length of numbers.
func FuzzIdent(f *testing.F) {
	for _, s := range []string{"", "11010519491231002X", "91350100M000100Y43", "+86 13812345678", "K7M2-9QXD", "李晓娜", "\xff\xfe", "Ａ　ｂ", "ſı"} {
		f.Add(s)
	}
	today := day("2020-02-10")
	f.Fuzz(func(t *testing.T, s string) {
		for name, read := range map[string]func(string) (string, error){
			"credit":   CreditCode,
			"phone":    Phone,
			"aloud":    CheckAloud,
			"mainland": func(s string) (string, error) { return Document(KindMainland, s, today) },
			"passport": func(s string) (string, error) { return Document(KindPassport, s, today) },
			"foreign":  func(s string) (string, error) { return Document(KindForeigner, s, today) },
			"hk":       func(s string) (string, error) { return Document(KindHKMacau, s, today) },
			"fold":     func(s string) (string, error) { return Fold(s), nil },
		} {
			once, err := read(s)
			if err != nil {
				continue
			}
			if again, err := read(once); err != nil || again != once {
				t.Errorf("%s: %q became %q, then %q (%v)", name, s, once, again, err)
			}
		}
		if utf8.ValidString(s) && utf8.RuneCountInString(MaskNumber(s)) != utf8.RuneCountInString(s) {
			t.Errorf("mask changed the length of %q", s)
		}
		_ = MaskName(s)
		_ = MaskPhone(s)
	})
}

func BenchmarkMainlandID(b *testing.B) {
	today := day("2020-02-10")
	for b.Loop() {
		_, _ = MainlandID("11010519491231002X", today)
	}
}
