package roster

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"breakwater/internal/i18n"
)

func printers(t testing.TB) map[i18n.Lang]*i18n.Printer {
	t.Helper()
	b, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	out := map[i18n.Lang]*i18n.Printer{}
	for _, l := range i18n.Langs() {
		out[l] = b.Printer(l)
	}
	return out
}

// markedCopy reads a file and writes the marked copy of what was refused.
func markedCopy(t *testing.T, data []byte, say *i18n.Printer) []byte {
	t.Helper()
	f, err := Open(bytes.NewReader(data), int64(len(data)), "a", Options{Today: today})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b bytes.Buffer
	err = Marked(&b, f.Header(), func(yield func(RefusedRow, error) bool) {
		for {
			row, err := f.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if len(row.Faults) > 0 && !yield(RefusedRow{row.Line, row.Raw, row.Faults}, err) {
				return
			}
		}
	}, say)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestMarkedCopyComesBack: the copy holds the bad rows alone, as they were; it
// is refused again as it is, and accepted once mended in Excel.
func TestMarkedCopyComesBack(t *testing.T) {
	data := csvBytes([]string{"本公司名册"}, []string{"序号", "姓名", "身份证号", "手机", "备注", "返甬日期"},
		[]string{"1", "王芳", person(1), mobile(1), "好", "2020-02-10"},
		[]string{"2", "=HYPERLINK(1)", "1.23457E+17", "12", "=1+1", "2020年2月9日"},
		[]string{"3", "李四", person(2), "+86 199-0000-0002", "", "昨天"})
	for lang, say := range printers(t) {
		copied := markedCopy(t, data, say)
		got, err := readAll(t, "copy.xlsx", copied)
		want := []string{
			"2 return=2020-02-09 !B2:roster.formula !C2:roster.id.rounded !D2:roster.phone.malformed",
			"3 李四 mainland " + person(2) + " phone=19900000002 !F3:roster.date.malformed",
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Fatal(lang, err, diff)
		}

		book, err := excelize.OpenReader(bytes.NewReader(copied))
		if err != nil {
			t.Fatal(err)
		}
		sheet := book.GetSheetName(0)
		rows, err := book.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		if rows[1][1] != "=HYPERLINK(1)" || rows[1][4] != "=1+1" || rows[1][6] != "4" || !strings.Contains(rows[1][7], "\n") || !strings.Contains(rows[2][7], "F") {
			t.Errorf("%s: %q", lang, rows)
		}
		for _, cell := range []string{"B2", "E2"} {
			if formula, _ := book.GetCellFormula(sheet, cell); formula != "" {
				t.Errorf("%s runs %q", cell, formula)
			}
		}
		bad, _ := book.GetCellStyle(sheet, "C2")
		fine, _ := book.GetCellStyle(sheet, "C3")
		if bad == fine {
			t.Error("the bad cell looks like a good one")
		}
		for cell, text := range map[string]string{"B2": "陈新", "C2": person(3), "D2": mobile(3), "F3": "2020-02-11"} {
			if err := book.SetCellStr(sheet, cell, text); err != nil {
				t.Fatal(err)
			}
		}
		var mended bytes.Buffer
		if err := book.Write(&mended); err != nil {
			t.Fatal(err)
		}
		got, err = readAll(t, "copy.xlsx", mended.Bytes())
		want = []string{
			"2 陈新 mainland " + person(3) + " phone=" + mobile(3) + " return=2020-02-09",
			"3 李四 mainland " + person(2) + " phone=19900000002 return=2020-02-11",
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Error(lang, err, diff)
		}
	}
}

// TestMarkedCopyStops: a failing source of rows is not taken for its end.
func TestMarkedCopyStops(t *testing.T) {
	broken := errors.New("broken")
	err := Marked(io.Discard, []string{"姓名"}, func(yield func(RefusedRow, error) bool) { yield(RefusedRow{}, broken) }, printers(t)[i18n.English])
	if !errors.Is(err, broken) {
		t.Error(err)
	}
}

// TestTemplate: as it is it holds nobody; filled in, all of it is read.
func TestTemplate(t *testing.T) {
	for lang, say := range printers(t) {
		data, err := Template(say)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := readAll(t, "t.xlsx", data); code(err) != "roster.no_people" {
			t.Errorf("%s: an unfilled template: %v", lang, err)
		}
		book, err := excelize.OpenReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		row := []any{}
		for _, f := range titles {
			row = append(row, example(f.field))
		}
		put(t, book, templateSheet, 2, row)
		for i, kind := range templateKinds[1:] {
			put(t, book, templateSheet, 3+i, []any{"试", kind, []string{"E1234567", "H12345678", "12345678", "CHN110012345678"}[i]})
		}
		var filled bytes.Buffer
		if err := book.Write(&filled); err != nil {
			t.Fatal(err)
		}
		got, err := readAll(t, "t.xlsx", filled.Bytes())
		want := []string{
			"2 张示例 mainland " + example(FieldIDNumber) + " phone=19900000000 number=A0001 dept=示例车间 post=操作工 native=浙江省宁波市 address=示例路 1 号 2 室 return=2020-02-10 origin=安徽省合肥市 places=安徽省合肥市、浙江省宁波市 code=" + example(FieldCreditCode),
			"3 试 passport E1234567", "4 试 hk_macau H12345678", "5 试 taiwan 12345678", "6 试 foreigner CHN110012345678",
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Error(lang, err, diff)
		}
	}
}

// TestEveryCodeHasText: each code in this package's and ident's sources is in
// both languages, and nothing there is of no use.
func TestEveryCodeHasText(t *testing.T) {
	quoted := regexp.MustCompile(`"(roster\.[a-z_0-9.]*[a-z0-9])"`)
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, f := range files {
		if strings.HasSuffix(f.Name(), "_test.go") || !strings.HasSuffix(f.Name(), ".go") {
			continue
		}
		text, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range quoted.FindAllStringSubmatch(string(text), -1) {
			used[m[1]] = true
		}
	}
	// Codes put together from ident's.
	var idents map[string]any
	if _, err := toml.DecodeFile("../../i18n/text/ident.en.toml", &idents); err != nil {
		t.Fatal(err)
	}
	for key := range idents {
		area, what, _ := strings.Cut(strings.TrimPrefix(key, "ident."), ".")
		switch area {
		case "mainland":
			used["roster.id."+what] = true
		case "credit_code", "passport", "hk_macau", "taiwan", "foreigner":
			used["roster."+area+"."+what] = true
		}
	}
	for _, h := range headings {
		used["roster.field."+string(h.field)] = true
	}
	for _, h := range titles {
		used["roster.template."+string(h.field)] = true
	}
	for _, lang := range i18n.Langs() {
		var texts map[string]any
		if _, err := toml.DecodeFile(fmt.Sprintf("../../i18n/text/roster.%s.toml", lang), &texts); err != nil {
			t.Fatal(err)
		}
		for key := range used {
			if _, ok := texts[key]; !ok {
				t.Errorf("%s has no text for %s", lang, key)
			}
		}
		for key := range texts {
			if !used[key] {
				t.Errorf("%s has a text nobody uses: %s", lang, key)
			}
		}
	}
}
