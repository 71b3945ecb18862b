package roster

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
)

var today = time.Date(2020, 2, 20, 0, 0, 0, 0, time.UTC)

// person makes an ID number nobody was given: region 330299 does not exist.
func person(n int) string {
	born := time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n/900)
	return ident.MakeMainlandID("330299", born, n%900)
}

// mobile makes a phone number.
func mobile(n int) string { return fmt.Sprintf("1990000%04d", n%10000) }

// readAll opens bytes and prints every row: line, the fields that are filled,
// the faults.
func readAll(t testing.TB, name string, data []byte) ([]string, error) {
	t.Helper()
	f, err := Open(bytes.NewReader(data), int64(len(data)), name, Options{Today: today})
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []string
	n := 0
	for {
		row, err := f.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("Next after a sound Open: %v", err)
		}
		n++
		out = append(out, printed(row))
	}
	if n != f.Expected() {
		t.Errorf("expected %d rows, got %d", f.Expected(), n)
	}
	return out, nil
}

func printed(row Row) string {
	p := row.Person
	s := fmt.Sprintf("%d", row.Line)
	for _, v := range []struct{ name, value string }{
		{"", p.Name},
		{"", p.IDKind},
		{"", p.IDNumber},
		{"phone=", p.Phone},
		{"number=", p.Number},
		{"dept=", p.Department},
		{"post=", p.Post},
		{"native=", p.NativePlace},
		{"address=", p.Address},
		{"return=", p.ReturnDate},
		{"origin=", p.Origin},
		{"places=", p.Places14},
		{"code=", p.CreditCode},
	} {
		if v.value != "" {
			s += " " + v.name + v.value
		}
	}
	for _, f := range row.Faults {
		s += fmt.Sprintf(" !%s%d:%s", f.Letter, row.Line, f.Code)
	}
	return s
}

// code is the refusal of a whole file.
func code(err error) string {
	if err == nil {
		return ""
	}
	return fault.As(err).Code
}

// csvBytes joins cells with commas, without any quoting.
func csvBytes(rows ...[]string) []byte {
	var b bytes.Buffer
	for _, r := range rows {
		b.WriteString(strings.Join(r, ",") + "\r\n")
	}
	return b.Bytes()
}

// bookBytes lets excelize write a workbook.
func bookBytes(t testing.TB, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// put writes rows from a cell on.
func put(t testing.TB, f *excelize.File, sheet string, line int, rows ...[]any) {
	t.Helper()
	for i, r := range rows {
		if err := f.SetSheetRow(sheet, fmt.Sprintf("A%d", line+i), &r); err != nil {
			t.Fatal(err)
		}
	}
}

// zipBytes packs parts as they are: for workbooks no program would write.
func zipBytes(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(parts)) { // the same bytes every time, or fuzzing wanders
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, parts[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// rawBook is the smallest workbook around one sheet's XML.
func rawBook(sheet string) map[string]string {
	return map[string]string{
		"xl/workbook.xml":            `<workbook xmlns:r="r"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml":   sheet,
	}
}

// bigBook is a roster of n people and 12 columns, as excelize streams it.
func bigBook(t testing.TB, n int) []byte {
	t.Helper()
	return bookBytes(t, func(f *excelize.File) {
		w, err := f.NewStreamWriter("Sheet1")
		if err != nil {
			t.Fatal(err)
		}
		rows := [][]any{{"序号", "姓名", "身份证号", "手机号", "工号", "部门", "岗位", "籍贯", "现住址", "返甬日期", "来源地", "14天内到过"}}
		for i := range n {
			rows = append(rows[:0], rows[len(rows)-1:]...)
			if i == 0 {
				if err := w.SetRow("A1", rows[0]); err != nil {
					t.Fatal(err)
				}
			}
			row := []any{
				i + 1, "试" + string(rune(0x4e00+i%5000)) + string(rune(0x4e00+i/7%5000)), person(i), mobile(i), fmt.Sprintf("G%06d", i), fmt.Sprintf("第%d车间", i%40),
				"操作工", "浙江省宁波市", fmt.Sprintf("宁波市高新区扬帆路%d号%d室", i%999, i%77), 43860 + i%30, "安徽省合肥市", "安徽省合肥市、浙江省宁波市",
			}
			if err := w.SetRow(fmt.Sprintf("A%d", i+2), row); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
	})
}
