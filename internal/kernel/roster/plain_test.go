package roster

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"breakwater/internal/fault"
)

// meters are the columns of the tests: a code, a moment, an amount, and one that may
// be left out.
var meters = []Column{
	{Title: "信用代码 Code", Needed: true, Carried: true, Headings: []string{"code", "信用代码"}},
	{Title: "时间 Time", Needed: true, Headings: []string{"time", "抄表时间"}},
	{Title: "用电量 kWh", Needed: true, Headings: []string{"kwh", "用电量"}},
	{Title: "Normal", Headings: []string{"normal kwh", "正常日用电量"}},
}

// tableRows prints what a table says: line, cells, R where digits are lost, ! and why a
// cell cannot be used.
func tableRows(t testing.TB, name string, data []byte, limits Limits) ([]string, error) {
	t.Helper()
	in, err := OpenTable(bytes.NewReader(data), int64(len(data)), name, meters, limits)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	var out []string
	for {
		line, cells, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("Next after a sound OpenTable: %v", err)
		}
		text := fmt.Sprint(line)
		for i, c := range cells {
			text += "|" + c.Text
			if c.Rounded {
				text += " R"
			}
			if c.Fault != "" {
				_, where := in.Place(i)
				text += fmt.Sprintf(" !%s%d:%s", where, line, c.Fault)
			}
		}
		out = append(out, text)
	}
	if len(out) != in.Expected() {
		t.Errorf("expected %d rows, got %d", in.Expected(), len(out))
	}
	return out, nil
}

// TestTableOfAWorkbook reads what excelize wrote: days and hours as Excel keeps them,
// merged cells, formulas, errors, other columns, a total.
func TestTableOfAWorkbook(t *testing.T) {
	book := excelize.NewFile()
	defer book.Close()
	set := func(ref string, v any) {
		t.Helper()
		if err := book.SetCellValue("Sheet1", ref, v); err != nil {
			t.Fatal(err)
		}
	}
	style := func(format, from, to string) {
		t.Helper()
		id, err := book.NewStyle(&excelize.Style{CustomNumFmt: &format})
		if err == nil {
			err = book.SetCellStyle("Sheet1", from, to, id)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	set("A1", "某园区二月用电量")
	for i, text := range []string{"备注", "用电量（kWh）", "抄表时间", "*信用代码 Code", "正常日用电量(kWh)"} {
		set(string(rune('A'+i))+"3", text)
	}
	midnight := time.Date(2020, 2, 17, 0, 0, 0, 0, time.UTC)
	set("B4", 120.5)
	set("C4", midnight)
	set("D4", "91A")
	style("yyyy-mm-dd", "C4", "C4")
	set("B5", 7)
	set("C5", midnight)
	style(`yyyy\-mm\-dd\ hh:mm`, "C5", "C7")
	set("B6", "1,200")
	set("C6", midnight.Add(9*time.Hour))
	set("C7", midnight.Add(23*time.Hour+59*time.Minute+30*time.Second))
	if err := book.SetCellFormula("Sheet1", "B7", "B5+B6"); err != nil {
		t.Fatal(err)
	}
	if err := book.MergeCell("Sheet1", "D4", "D7"); err != nil {
		t.Fatal(err)
	}
	set("B8", -1)
	set("C8", midnight.Add(9*time.Hour))
	style("yyyy/m/d", "C8", "C8")
	set("D8", 913300000000000000.0)
	set("E8", strings.Repeat("9", 101))
	set("A9", "合计")
	set("B9", 1327)
	buf, err := book.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	got, err := tableRows(t, "meters.xlsx", buf.Bytes(), Limits{})
	want := []string{
		"4|91A|2020-02-17|120.5|",
		"5|91A|2020-02-17 00:00|7|",
		"6|91A|2020-02-17 09:00|1,200|",
		"7|91A|2020-02-17 23:59:30| !B7:roster.formula|",
		"8|913300000000000000 R|2020-02-17 !C8:roster.table.hour_hidden|-1|" + strings.Repeat("9", 101) + " !E8:roster.table.too_long",
	}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Error(err, d)
	}
}

// TestTableOfLibreOffice reads a workbook LibreOffice 7.4 made of a text of readings by
// day and by hour.
func TestTableOfLibreOffice(t *testing.T) {
	data, err := os.ReadFile("testdata/meters.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	got, err := tableRows(t, "meters.xlsx", data, Limits{})
	want := []string{
		"2|91330299MA2AAAAA1X|2020-02-17|300|1000.5",
		"3|91330299MA2AAAAA1X|2020-02-18 00:00|12.25|",
		"4|91330299MA2AAAAA1X|2020-02-18 09:30|40|",
		"5|91330299MA2AAAAA1X|yesterday|#N/A|",
	}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Error(err, d)
	}
}

// TestTableOfText: what the separator is and which encoding, the headings show.
func TestTableOfText(t *testing.T) {
	want := []string{"2|91A|2020-02-17|1,000|", "4|123|2020-02-17|1|"}
	for name, text := range map[string]string{
		"commas":     "Code,Time,kWh\n91A,2020-02-17,\"1,000\"\n,,\n123,2020-02-17,1\n",
		"with mark":  "\ufeff信用代码;抄表时间;用电量（kWh）\r\n91A;2020-02-17;1,000\r\n;;\r\n123;2020-02-17;1",
		"tabs":       "抄表时间\t信用代码\t用电量\tnote\n2020-02-17\t91A\t1,000\tx\n\n2020-02-17\t123\t1\n",
		"UTF-16":     utf16Text("信用代码\t抄表时间\t用电量\n91A\t2020-02-17\t1,000\n\n123\t2020-02-17\t1\n"),
		"UTF-32":     utf32Text(binary.LittleEndian, "信用代码\t抄表时间\t用电量\n91A\t2020-02-17\t1,000\n\n123\t2020-02-17\t1\n"),
		"UTF-32 BE":  utf32Text(binary.BigEndian, "code,time,kwh\n91A,2020-02-17,\"1,000\"\n\n123,2020-02-17,1\n"),
		"two alike":  "code|time|kwh|kwh\n91A|2020-02-17|1,000|9\n|||8\n123|2020-02-17|1|9\n",
		"other case": "CODE,TIME,KWH,normal_kWh\n91A,2020-02-17,\"1,000\",\n,,,\n123,2020-02-17,1,\nTotal,,1001,\n",
	} {
		got, err := tableRows(t, "m.csv", []byte(text), Limits{})
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%s: %v %s", name, err, d)
		}
	}
}

// utf32Text is a text with its mark, four bytes a character.
func utf32Text(order binary.AppendByteOrder, s string) string {
	out := order.AppendUint32(nil, 0xfeff)
	for _, r := range s {
		out = order.AppendUint32(out, uint32(r))
	}
	return string(out)
}

// TestTableRefusals: a whole file is refused before a row is given, in words of a table.
func TestTableRefusals(t *testing.T) {
	const head = "code,time,kwh\n"
	for name, x := range map[string]struct {
		text   string
		limits Limits
		code   string
	}{
		"nothing":     {"", Limits{}, "roster.table.empty"},
		"blank":       {"\n\n", Limits{}, "roster.table.empty"},
		"no rows":     {head, Limits{}, "roster.table.empty"},
		"columns":     {"code,kwh\n1,2\n", Limits{}, "roster.table.columns"},
		"no headings": {"1,2,3\n", Limits{}, "roster.table.columns"},
		"rows":        {head + "a,b,1\na,b,2\n", Limits{Rows: 1}, "roster.table.too_many"},
		"bytes":       {head + "a,b,1\n", Limits{Bytes: 5}, "roster.table.too_large"},
		"binary":      {head + "a\x00,b,1\n", Limits{}, "roster.table.binary"},
		"torn":        {head + "a,b,1\na,\"b,1\n", Limits{}, "roster.quote"},
		"torn Excel":  {"PK\x03\x04 and no more", Limits{}, "roster.damaged"},
		"a page":      {"<html>", Limits{}, "roster.page"},
	} {
		if _, err := tableRows(t, "m.csv", []byte(x.text), x.limits); !fault.Is(err, x.code) {
			t.Errorf("%s: %v, want %s", name, err, x.code)
		}
	}
	_, err := tableRows(t, "m.csv", []byte("code,Normal\n1,2\n"), Limits{})
	if args := fault.As(err).Args["columns"]; args != "“时间 Time” “用电量 kWh”" {
		t.Errorf("missing: %v", args)
	}
}

// TestShown: a list of faults shows what was typed, and no number of a person.
func TestShown(t *testing.T) {
	for text, want := range map[string]string{
		"2020-02-17 09:00:00": "2020-02-17 09:00:00", "yesterday": "yesterday", "1,200.5": "1,200.5",
	} {
		if got := Shown(text); got != want {
			t.Errorf("%q is shown as %q", text, got)
		}
	}
	if got := Shown(person(1)); strings.Contains(got, person(1)[6:14]) {
		t.Errorf("a birth date is shown: %q", got)
	}
}

// FuzzTable takes any bytes as a table: it is refused or read to its end.
func FuzzTable(f *testing.F) {
	f.Add([]byte("code,time,kwh\n91A,2020-02-17,1\n"))
	f.Add([]byte("sep=;\ncode;time;kwh\n\"9;\"\"1\";2020;1\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _ = tableRows(t, "m.csv", data, Limits{Bytes: 1 << 20, Inflated: 1 << 20, Rows: 1000})
	})
}
