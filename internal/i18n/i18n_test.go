package i18n

import (
	"errors"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/fault"
)

// halfWidth finds a Chinese character beside punctuation of the wrong width.
var halfWidth = regexp.MustCompile(`\p{Han}[,;!?]|\p{Han}:(?:\s|\p{Han}|$)|\(\p{Han}|\p{Han}\)|\p{Han}\.(?:\s|$)`)

func loaded(t testing.TB) *Bundle {
	t.Helper()
	b, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// faults lists what is wrong with the texts of a bundle.
func faults(b *Bundle) []string {
	var out []string
	keys := map[string]bool{}
	for _, l := range Langs() {
		for _, k := range b.Keys(l) {
			keys[k] = true
		}
	}
	for key := range keys {
		first := b.Printer(English).text[key].names()
		for _, l := range Langs() {
			m, ok := b.Printer(l).text[key]
			if !ok {
				out = append(out, string(l)+" "+key+": no text")
				continue
			}
			// {n} may be left out where the form itself says the number.
			names := m.names()
			delete(names, "n")
			delete(first, "n")
			if d := cmp.Diff(first, names); d != "" && b.Has(English, key) {
				out = append(out, string(l)+" "+key+": other placeholders than English")
			}
			for _, p := range m {
				switch {
				case p == nil:
				case strings.TrimSpace(p.whole) == "":
					out = append(out, string(l)+" "+key+": empty")
				case strings.ContainsRune(p.whole, '\uFFFD'):
					out = append(out, string(l)+" "+key+": a broken character")
				case l == Chinese && halfWidth.MatchString(p.whole):
					out = append(out, string(l)+" "+key+": half-width punctuation: "+p.whole)
				case strings.Contains(p.whole, "{{"):
					out = append(out, string(l)+" "+key+": placeholders are {name}")
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

func TestEveryTextIsThereInEveryLanguage(t *testing.T) {
	for _, f := range faults(loaded(t)) {
		t.Error(f)
	}
}

func TestFaultsAreFound(t *testing.T) {
	read := func(name string) *fstest.MapFile {
		data, err := fs.ReadFile(texts, name)
		if err != nil {
			t.Fatal(err)
		}
		return &fstest.MapFile{Data: data}
	}
	b, err := load(fstest.MapFS{
		"text/format.en.toml":      read("text/format.en.toml"),
		"text/format.zh-Hans.toml": read("text/format.zh-Hans.toml"),
		"text/a.en.toml":           {Data: []byte("\"a.b\" = \"Hello {name}\"\n\"a.c\" = \" \"\n\"a.d\" = \"Only here\"")},
		"text/a.zh-Hans.toml":      {Data: []byte("\"a.b\" = \"你好,{title}\"\n\"a.c\" = \"\uFFFD\"")},
	}, "text/*.toml")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"en a.c: empty",
		"zh-Hans a.b: half-width punctuation: 你好,{title}",
		"zh-Hans a.b: other placeholders than English",
		"zh-Hans a.c: a broken character",
		"zh-Hans a.d: no text",
	}
	if d := cmp.Diff(want, faults(b)); d != "" {
		t.Error(d)
	}
}

func TestWords(t *testing.T) {
	b := loaded(t)
	en, zh := b.Printer(English), b.Printer(Chinese)
	at := time.Date(2020, 2, 10, 6, 2, 0, 0, time.UTC)
	for _, c := range []struct{ got, want string }{
		{en.Date(at), "10 February 2020"},
		{zh.Date(at), "2020年2月10日"},
		{en.DateTime(at), "10 February 2020, 14:02"},
		{zh.DateTime(at), "2020年2月10日 14:02"},
		{zh.Day(at), "2月10日"},
		{zh.Time(at), "14:02"},
		{en.DateTime(time.Date(2020, 2, 10, 23, 0, 0, 0, time.UTC)), "11 February 2020, 07:00"},
		{b.In(time.UTC).Printer(English).Time(at), "06:02"},
		{en.Date(time.Time{}), "—"},
		{en.Number(1234567), "1,234,567"},
		{en.Number(-999), "−999"},
		{en.Number(-13000), "−13,000"},
		{en.Percent(0.98349), "98.3%"},
		{en.Percent(1), "100%"},
		{en.Share(1, 3), "33.3%"},
		{en.Share(0, 0), "—"},
		{en.Decimal(-0.5, 1), "−0.5"},
		{en.Decimal(-1234.5, 1), "−1,234.5"},
		{en.Bytes(1536 << 10), "1.5 MB"},
		{en.Span(time.Second), "1 second"},
		{en.Span(40 * time.Second), "40 seconds"},
		{zh.Span(3 * time.Minute), "3 分钟"},
		{en.T("format.days", "n", 1), "1 day"},
		{en.T("format.days", "n", "2"), "2 days"},
		{en.T("format.days", "n", 21000), "21,000 days"},
		{zh.T("format.days", "n", 1), "1 天"},
		{en.T("fault.too_long", "max", 200), "This is too long. At most 200 characters fit."},
		{en.T("fault.too_long"), "This is too long. At most {max} characters fit."},
		{zh.List([]string{"甲", "乙"}), "甲、乙"},
		{en.Fault(errors.New("sql: no such table")), en.T("fault.internal")},
		{en.Fault(fault.New(fault.Denied, "fault.denied")), "Your account may not do this."},
		{en.Field(fault.Field{Code: "fault.too_long", Args: fault.Args{"max": int64(7)}}), "This is too long. At most 7 characters fit."},
		{en.T("no.such.key"), "no.such.key"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
	if d := cmp.Diff([]string{"en no.such.key"}, b.Missing()); d != "" {
		t.Error(d)
	}
}

func TestMatch(t *testing.T) {
	for accept, want := range map[string]Lang{
		"": English, "zh-CN,zh;q=0.9,en;q=0.8": Chinese, "en-US,en;q=0.5": English, "fr-FR, zh-TW;q=0.5": Chinese,
		"de": English, "en;q=0.1, zh;q=0.9": Chinese, "zh-Hant-HK": Chinese, "\xff;;;q=": English, "*": English,
		strings.Repeat("zh,", 400): English,
	} {
		if got := Match(accept); got != want {
			t.Errorf("Match(%.40q) = %s, want %s", accept, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	for in, want := range map[string][]string{
		"plain": nil, "{a}": {"", "a", ""}, "x {a} {b_2}.": {"x ", "a", " ", "b_2", "."},
		"{Not} a {name}": {"{Not} a ", "name", ""}, "open { only": nil, "{": nil,
	} {
		if d := cmp.Diff(want, cut(in).cut); d != "" {
			t.Errorf("%q: %s", in, d)
		}
	}
}

func BenchmarkT(b *testing.B) {
	p := loaded(b).Printer(Chinese)
	b.Run("plain", func(b *testing.B) {
		for b.Loop() {
			p.T("fault.busy")
		}
	})
	b.Run("filled", func(b *testing.B) {
		for b.Loop() {
			p.T("format.days", "n", 3)
		}
	})
}
