package roster

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"breakwater/internal/fault"
)

const needed = `<row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c><c r="B1" t="inlineStr"><is><t>身份证号</t></is></c></row>`

func wangFang() string {
	return `<row r="2"><c r="A2" t="inlineStr"><is><t>王芳</t></is></c><c r="B2" t="inlineStr"><is><t>` + person(1) + `</t></is></c></row>`
}

func dataSheet(rows string) string {
	return `<?xml version="1.0"?><worksheet><sheetData>` + rows + `</sheetData></worksheet>`
}

// TestWholeFileRefused: each way a file can be no use, and nothing of it read.
func TestWholeFileRefused(t *testing.T) {
	good := zipBytes(t, rawBook(dataSheet(needed+wangFang())))
	if got, err := readAll(t, "a.xlsx", good); err != nil || len(got) != 1 {
		t.Fatalf("the control is refused: %v %v", got, err)
	}
	with := func(part, text string) []byte {
		parts := rawBook(dataSheet(needed + wangFang()))
		parts[part] = text
		return zipBytes(t, parts)
	}
	sheetOf := func(xml string) []byte { return zipBytes(t, rawBook(xml)) }
	tests := map[string]struct {
		name string
		data []byte
		want string
	}{
		"nothing":             {"a.xlsx", nil, "roster.empty"},
		"password":            {"a.xlsx", lockedBook(t), "roster.encrypted"},
		"locked zip":          {"a.xlsx", flagged(good), "roster.encrypted"},
		"xls":                 {"a.xls", []byte(oleMagic + strings.Repeat("x", 4096)), "roster.xls"},
		"xls named xlsx":      {"a.xlsx", []byte(oleMagic + strings.Repeat("x", 4096)), "roster.xls"},
		"et":                  {"名册.ET", []byte(oleMagic + strings.Repeat("x", 4096)), "roster.et"},
		"xls of plain text":   {"a.xls", csvBytes([]string{"姓名", "身份证号"}, []string{"王芳", person(1)}), "roster.xls"},
		"page named xls":      {"a.xls", []byte("<html><table><tr><td>姓名"), "roster.page"},
		"xml spreadsheet":     {"a.xls", []byte("\ufeff<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?>"), "roster.page"},
		"ods":                 {"a.ods", zipBytes(t, map[string]string{"mimetype": "x", "content.xml": "<a/>"}), "roster.ods"},
		"xlsb":                {"a.xlsb", zipBytes(t, map[string]string{"xl/workbook.bin": "x"}), "roster.xlsb"},
		"another zip":         {"a.zip", zipBytes(t, map[string]string{"a.txt": "x"}), "roster.not_a_roster"},
		"a word document":     {"a.docx", zipBytes(t, map[string]string{"word/document.xml": "<a/>"}), "roster.not_a_roster"},
		"cut short":           {"a.xlsx", good[:len(good)/2], "roster.damaged"},
		"no zip at all":       {"a.xlsx", []byte("hello"), "roster.damaged"},
		"flipped byte":        {"a.xlsx", flipped(t), "roster.damaged"},
		"no sheet":            {"a.xlsx", with("xl/workbook.xml", `<workbook><sheets/></workbook>`), "roster.no_sheet"},
		"only a hidden sheet": {"a.xlsx", with("xl/workbook.xml", `<workbook xmlns:r="r"><sheets><sheet name="S" state="veryHidden" r:id="rId1"/></sheets></workbook>`), "roster.no_sheet"},
		"empty sheet":         {"a.xlsx", sheetOf(dataSheet("")), "roster.empty"},
		"closed sheet":        {"a.xlsx", sheetOf(`<worksheet><sheetData/></worksheet>`), "roster.empty"},
		"headings alone":      {"a.xlsx", sheetOf(dataSheet(needed)), "roster.no_people"},
		"no headings":         {"a.xlsx", sheetOf(dataSheet(wangFang())), "roster.not_a_roster"},
		"no ID column":        {"a.csv", []byte("姓名,部门\n王芳,一\n"), "roster.columns_missing"},
		"no name column":      {"a.csv", []byte("ID number;Department\n1;2\n"), "roster.columns_missing"},
		"shopping list":       {"a.csv", []byte("milk,2\nbread,1\n"), "roster.not_a_roster"},
		"NUL bytes":           {"a.csv", []byte("姓名,身份证号\n王\x00芳,1\n"), "roster.binary"},
		"NUL bytes, marked":   {"a.csv", []byte("\ufeff姓名,身份证号\n王\x00芳,1\n"), "roster.binary"},
		"neither encoding":    {"a.csv", []byte("\xff\xff\xff,\x80\x81"), "roster.encoding"},
		"marked, not UTF-8":   {"a.csv", []byte("\xef\xbb\xbf\xd0\xd5\xc3\xfb"), "roster.encoding"},
		"open quote":          {"a.csv", []byte("姓名,身份证号\n\"王芳,1\n李四,2\n"), "roster.quote"},
		"billion laughs":      {"a.xlsx", sheetOf(`<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><worksheet><sheetData><row><c t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>`), "roster.damaged"},
		"unknown entity":      {"a.xlsx", sheetOf(dataSheet(strings.Replace(needed, "姓名", "&b;", 1))), "roster.damaged"},
		"laughs among texts":  {"a.xlsx", sharedBook(t, `<!DOCTYPE a [<!ENTITY a "ha">]><sst><si><t>&a;</t></si></sst>`), "roster.damaged"},
		"column ZZZ9999999":   {"a.xlsx", sheetOf(dataSheet(`<row r="1"><c r="ZZZ9999999"><v>1</v></c></row>`)), "roster.damaged"},
		"row 9999999":         {"a.xlsx", sheetOf(dataSheet(`<row r="9999999"/>`)), "roster.damaged"},
		"rows backwards":      {"a.xlsx", sheetOf(dataSheet(needed + wangFang() + needed)), "roster.damaged"},
		"text that is not":    {"a.xlsx", sheetOf(dataSheet(`<row><c t="s"><v>5</v></c></row>`)), "roster.damaged"},
		"torn after headings": {"a.xlsx", sheetOf(`<worksheet><sheetData>` + needed + wangFang() + `<row r="3"><c r="A3"`), "roster.damaged"},
		"torn between rows":   {"a.xlsx", sheetOf(`<worksheet><sheetData>` + needed + wangFang()), "roster.damaged"},
		"endless tag":         {"a.xlsx", sheetOf(`<worksheet a="` + random(300<<10) + `">`), "roster.damaged"},
		"sheet is not there":  {"a.xlsx", with("xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="rId1" Type="/worksheet" Target="no.xml"/></Relationships>`), "roster.no_sheet"},
		"bomb":                {"a.xlsx", with("xl/media/a.bin", strings.Repeat("0", 8<<20)), "roster.inflates"},
		"bomb in the sheet":   {"a.xlsx", sheetOf(dataSheet(needed + strings.Repeat(" ", 8<<20))), "roster.inflates"},
		"bomb that lies":      {"a.xlsx", lyingBomb(t), "roster.inflates"},
		"a million names":     {"a.xlsx", manyParts(t, partsMax+1), "roster.damaged"},
	}
	for name, tt := range tests {
		got, err := readAll(t, tt.name, tt.data)
		if diff := cmp.Diff(tt.want, code(err)); diff != "" || got != nil {
			t.Errorf("%s: %v %v %s", name, got, err, diff)
		}
	}

	_, err := readAll(t, "a.csv", []byte("部门,岗位\n1,2\n"))
	if code(err) != "roster.columns_missing" && code(err) != "roster.not_a_roster" {
		t.Error(err)
	}
	_, err = readAll(t, "a.csv", []byte("姓名,部门\n王芳,一\n"))
	if f := fault.As(err); len(f.Fields) != 1 || f.Fields[0].Name != "id_number" || f.Args["columns"] != "证件号码 ID number" {
		t.Errorf("it does not say which column: %+v", f)
	}
}

// TestLimits: one byte or row too many, and the control that just fits.
func TestLimits(t *testing.T) {
	data := csvBytes([]string{"姓名", "身份证号"}, []string{"王芳", person(1)}, []string{"李四", person(2)})
	for want, limits := range map[string]Limits{
		"":                     {Bytes: int64(len(data)), Rows: 2},
		"roster.too_large":     {Bytes: int64(len(data)) - 1},
		"roster.too_many_rows": {Rows: 1},
	} {
		_, err := Open(bytes.NewReader(data), int64(len(data)), "a.csv", Options{Today: today, Limits: limits})
		if code(err) != want {
			t.Errorf("%+v: %v, want %q", limits, err, want)
		}
	}
	book := zipBytes(t, rawBook(dataSheet(needed+wangFang())))
	_, err := Open(bytes.NewReader(book), int64(len(book)), "a.xlsx", Options{Today: today, Limits: Limits{Inflated: 100}})
	if code(err) != "roster.inflates" {
		t.Error(err)
	}
	huge := io.NewSectionReader(zeros{}, 0, 64<<20+1)
	if _, err := Open(huge, huge.Size(), "a.xlsx", Options{Today: today}); code(err) != "roster.too_large" {
		t.Error(err)
	}
}

type zeros struct{}

func (zeros) ReadAt(p []byte, _ int64) (int, error) { clear(p); return len(p), nil }

func lockedBook(t *testing.T) []byte {
	f := excelize.NewFile()
	defer f.Close()
	var b bytes.Buffer
	if err := f.Write(&b, excelize.Options{Password: "secret"}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// flagged sets "encrypted" on every entry of a zip's directory.
func flagged(data []byte) []byte {
	out := bytes.Clone(data)
	for at := 0; ; at++ {
		k := bytes.Index(out[at:], []byte("PK\x01\x02"))
		if k < 0 {
			return out
		}
		at += k
		out[at+8] |= 1
	}
}

// flipped spoils a byte in the middle of the packed sheet: the check sum at
// its end shows it, after good rows.
func flipped(t *testing.T) []byte {
	t.Helper()
	rows := needed
	for n := range 2000 {
		rows += fmt.Sprintf(`<row r="%d"><c t="inlineStr"><is><t>试</t></is></c><c t="inlineStr"><is><t>%s</t></is></c></row>`, n+2, person(n))
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range rawBook(dataSheet(rows)) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(w, text) // into memory
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	out := b.Bytes()
	at := bytes.Index(out, []byte(person(1999)))
	out[at+17] = '7'
	return out
}

func sharedBook(t *testing.T, texts string) []byte {
	parts := rawBook(dataSheet(`<row><c t="s"><v>0</v></c></row>`))
	parts["xl/_rels/workbook.xml.rels"] = `<Relationships><Relationship Id="rId1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://x/sharedStrings" Target="sharedStrings.xml"/></Relationships>`
	parts["xl/sharedStrings.xml"] = texts
	return zipBytes(t, parts)
}

// lyingBomb declares its sheet as 1,000 bytes; 64 MB of spaces come out.
func lyingBomb(t *testing.T) []byte {
	t.Helper()
	var packed bytes.Buffer
	w, _ := flate.NewWriter(&packed, flate.BestCompression)
	_, _ = io.WriteString(w, "<worksheet><sheetData>"+needed) // into memory
	blanks := bytes.Repeat([]byte(" "), 1<<20)
	for range 64 {
		_, _ = w.Write(blanks)
	}
	_ = w.Close()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range rawBook("") {
		if strings.HasSuffix(name, "sheet1.xml") {
			raw, err := z.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, CompressedSize64: uint64(packed.Len()), UncompressedSize64: 1000})
			if err != nil {
				t.Fatal(err)
			}
			_, _ = raw.Write(packed.Bytes())
			continue
		}
		p, _ := z.Create(name)
		_, _ = io.WriteString(p, text)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func manyParts(t *testing.T, n int) []byte {
	parts := rawBook(dataSheet(needed + wangFang()))
	for i := range n {
		parts[fmt.Sprintf("a/%d", i)] = ""
	}
	return zipBytes(t, parts)
}

// random is text that does not pack well.
func random(n int) string {
	var b strings.Builder
	x := uint32(1)
	for range n {
		x = x*1664525 + 1013904223
		b.WriteByte('a' + byte(x>>24)%26)
	}
	return b.String()
}
