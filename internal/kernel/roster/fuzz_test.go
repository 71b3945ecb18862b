package roster

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
)

// drain reads bytes to their end. Whatever they are: no panic, a fault and no
// other error, as many rows as were announced, and nothing accepted that a
// second look would refuse.
func drain(t *testing.T, name string, data []byte) {
	f, err := Open(bytes.NewReader(data), int64(len(data)), name, Options{Today: today})
	if err != nil {
		var fe *fault.Error
		if !errors.As(err, &fe) || !strings.HasPrefix(fe.Code, "roster.") {
			t.Fatalf("not a refusal: %v", err)
		}
		return
	}
	defer f.Close()
	n, line := 0, 0
	for {
		row, err := f.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("Next after a sound Open: %v", err)
		}
		n++
		if row.Line <= line {
			t.Fatalf("line %d after %d", row.Line, line)
		}
		line = row.Line
		for _, c := range row.Faults {
			if c.Letter == "" || c.Code == "" {
				t.Fatalf("a fault without place or reason: %+v", c)
			}
			if laidOpen.MatchString(c.Value) {
				t.Fatalf("a fault that shows what it should hide: %+v", c)
			}
		}
		if len(row.Faults) == 0 {
			checkAccepted(t, row.Person)
		}
	}
	if n != f.Expected() || n == 0 {
		t.Fatalf("announced %d, gave %d", f.Expected(), n)
	}
}

// laidOpen is a number long enough to be somebody's.
var laidOpen = regexp.MustCompile(`\d{10}`)

func checkAccepted(t *testing.T, p Person) {
	t.Helper()
	number, err := ident.Document(p.IDKind, p.IDNumber, today)
	if err != nil || number != p.IDNumber || p.Name == "" {
		t.Fatalf("accepted %+v: %v", p, err)
	}
	for _, s := range []string{p.Name, p.Number, p.Department, p.Post, p.NativePlace, p.Address, p.Origin, p.Places14} {
		if s != "" && strings.ContainsRune("=@\t\r", rune(s[0])) || !utf8.ValidString(s) || utf8.RuneCountInString(s) > 300 {
			t.Fatalf("accepted text %q", s)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add([]byte("姓名,身份证号,手机\n王芳," + person(1) + ",\n"))
	f.Add([]byte("\ufeffname;id number\n\"a\"\"\";\"1\n2\"\n"))
	f.Add([]byte("\xd0\xd5\xc3\xfb,\xc9\xed\xb7\xdd\xd6\xa4\xba\xc5\nx,1.2E+17"))
	f.Add([]byte("\xff\xfen\x00a\x00m\x00e\x00,\x00i\x00d\x00\n\x00"))
	f.Add([]byte("姓名,身份证号,手机,日期,返甬日期,信用代码,证件类型\n" + person(1) + "," + person(1) + "x," + person(1) + "," + person(1) + "," + person(1) + "," + person(1) + "," + person(1) + "\n"))
	f.Add([]byte("sep=|\nname|id\n=1|2\n合计|2\n"))
	f.Fuzz(func(t *testing.T, data []byte) { drain(t, "a.csv", data) })
}

func FuzzSheet(f *testing.F) {
	f.Add(dataSheet(needed + wangFang()))
	f.Add(`<worksheet><sheetData><row r="1"><c r="ZZZ9999999" t="s"><v>0</v></c></row></sheetData><mergeCells><mergeCell ref="A1:A9"/></mergeCells></worksheet>`)
	f.Add(`<!DOCTYPE a [<!ENTITY b "c">]><worksheet>&b;</worksheet>`)
	f.Add(dataSheet(needed + `<row r="2"><c r="A2" t="e"><v>#N/A</v></c><c r="B2"><f>1</f><v>1e17</v></c></row>`))
	f.Fuzz(func(t *testing.T, xml string) { drain(t, "a.xlsx", zipBytes(t, rawBook(xml))) })
}

func FuzzFile(f *testing.F) {
	f.Add([]byte("PK\x03\x04"))
	f.Add([]byte(oleMagic))
	f.Add([]byte("<html>"))
	f.Add(zipBytes(f, map[string]string{"xl/workbook.xml": "<a/>", "_rels/.rels": `<R><Relationship Id="a" Target="xl/workbook.xml"/></R>`}))
	f.Fuzz(func(t *testing.T, data []byte) { drain(t, "a.xls", data) })
}
