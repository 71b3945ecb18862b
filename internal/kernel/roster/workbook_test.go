package roster

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// TestLayouts: titles and headings merged, departments merged over people,
// sheets hidden or beside the point, years counted from 1904.
func TestLayouts(t *testing.T) {
	day := time.Date(2020, 2, 10, 0, 0, 0, 0, time.UTC)
	data := bookBytes(t, func(f *excelize.File) {
		yes := true
		if err := firstError(
			f.SetSheetName("Sheet1", "封面"), f.SetCellStr("封面", "A1", "复工材料"),
			f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &yes}),
		); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"旧名册", "名册", "二分厂"} {
			if _, err := f.NewSheet(name); err != nil {
				t.Fatal(err)
			}
			put(t, f, name, 4, []any{"序号", "部门", "姓名", "身份证号", "返甬日期", "籍贯"}, []any{"", "", "", "", "", "省"})
			put(t, f, name, 6, []any{1, "一车间", "张三", person(1), day}, []any{2, nil, "李四", person(2), "2020/2/11"}, []any{3, nil, "王五", person(3)}, []any{4, nil, "赵六", person(4)})
		}
		if err := firstError(
			f.SetSheetVisible("旧名册", false), f.SetCellStr("名册", "A1", "宁波某某有限公司\n人员名册"),
			f.MergeCell("名册", "A1", "F2"), f.MergeCell("名册", "C4", "C5"), f.MergeCell("名册", "D4", "D5"), f.MergeCell("名册", "B6", "B8"),
		); err != nil {
			t.Fatal(err)
		}
	})
	got, err := readAll(t, "a.xlsx", data)
	want := []string{
		"6 张三 mainland " + person(1) + " dept=一车间 return=2020-02-10", "7 李四 mainland " + person(2) + " dept=一车间 return=2020-02-11",
		"8 王五 mainland " + person(3) + " dept=一车间", "9 赵六 mainland " + person(4),
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
	f, err := Open(strings.NewReader(string(data)), int64(len(data)), "a.xlsx", Options{Today: today})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Sheet != "名册" || cmp.Diff([]string{"二分厂"}, f.Unread) != "" {
		t.Errorf("read %s, left %v", f.Sheet, f.Unread)
	}
}

// TestOtherMakers: legal XML no excelize writes. Prefixes on every element (the
// Open XML SDK), no references (POI), rich text and phonetic guides, CDATA,
// UTF-16, a dimension that is wrong (openpyxl), absolute targets, backslashes.
func TestOtherMakers(t *testing.T) {
	row := func(id string) string {
		return `<row><c t="inlineStr"><is><t>姓名</t></is></c><c t="inlineStr"><is><t>身份证号</t></is></c><c t="inlineStr"><is><t>手机</t></is></c></row>` + id
	}
	plain := func(name string) string {
		return `<row><c t="inlineStr"><is><t xml:space="preserve">` + name + `</t></is></c><c t="str"><v>` + person(1) + `</v></c><c><v>1.9900000001E10</v></c></row>`
	}
	sheets := map[string]string{
		"no references":    dataSheet(row(plain("王芳"))),
		"rich text":        dataSheet(row(`<row><c r="A2" t="inlineStr"><is><r><rPr><b/></rPr><t>王</t></r><r><t>芳</t></r><rPh sb="0" eb="1"><t>ワンファン</t></rPh></is></c><c r="B2" t="str"><v>` + person(1) + `</v></c><c r="C2"><v>19900000001</v></c></row>`)),
		"cdata, comments":  dataSheet(row(plain("<![CDATA[王]]><!-- <c> -->芳"))),
		"entities":         dataSheet(row(plain("&#29579;&#x82b3;"))),
		"escaped return":   dataSheet(row(plain("王芳_x000D_"))),
		"wrong dimension":  `<worksheet><dimension ref="A1"/><sheetData>` + row(plain("王芳")) + `</sheetData></worksheet>`,
		"prefixed":         strings.NewReplacer("</", "</x:", "<?", "<?", "<", "<x:").Replace(dataSheet(row(plain("王芳")))),
		"attributes odd":   strings.ReplaceAll(dataSheet(row(plain("王芳"))), `t="inlineStr"`, `a='>' t = "inlineStr" `),
		"spaced":           strings.ReplaceAll(dataSheet(row(plain("王芳"))), "><", ">\r\n\t<"),
		"values beyond":    dataSheet(row(plain("王芳")) + `<row><c r="XFD3"><v>1</v></c></row>`),
		"utf-16":           utf16Text(dataSheet(row(plain("王芳")))),
		"ISO dates exist":  dataSheet(row(plain("王芳")) + `<row><c r="Z3" t="d"><v>2020-02-10</v></c></row>`),
		"blank error cell": dataSheet(row(plain("王芳")) + `<row r="9"><c r="A9" t="e"></c></row>`),
	}
	for name, xml := range sheets {
		parts := rawBook(xml)
		if name == "prefixed" {
			parts = map[string]string{
				`XL\workbook.xml`:            `<x:workbook xmlns:x="x" xmlns:r="r"><x:sheets><x:sheet name="S" sheetId="1" r:id="rId1"/></x:sheets></x:workbook>`,
				`_rels/.rels`:                `<Relationships><Relationship Id="a" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument" Target="/xl/workbook.xml"/></Relationships>`,
				`xl/sheet.xml`:               xml,
				`xl/_rels/workbook.xml.rels`: `<Relationships><Relationship Id="rId1" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/worksheet" Target="/xl/sheet.xml"/></Relationships>`,
			}
		}
		got, err := readAll(t, "a.xlsx", zipBytes(t, parts))
		if diff := cmp.Diff([]string{"2 王芳 mainland " + person(1) + " phone=19900000001"}, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
	got, err := readAll(t, "a.xlsx", zipBytes(t, rawBook(dataSheet(row(`<row><c t="e"><v>#N/A</v></c><c t="inlineStr"><is><t>`+person(1)+`</t></is></c></row>`)))))
	if diff := cmp.Diff([]string{"2 mainland " + person(1) + " !A2:roster.cell.error"}, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
}

func utf16Text(s string) string {
	out := []byte{0xff, 0xfe}
	for _, r := range s {
		out = append(out, byte(r), byte(r>>8)) // no characters beyond the first plane here
	}
	return string(out)
}

// libreWant is what testdata/libreoffice.xlsx says, and what every conversion
// of source.csv must say.
func libreWant() []string {
	return []string{
		"4 张三 mainland " + person(1) + " phone=19900000001 number=0012 dept=一车间 return=2020-02-10",
		"5 李四 mainland " + person(2) + " phone=19900000002 number=13 return=2020-02-11 !C5:roster.id.check",
		"7 Anna Lee passport E1234567",
	}
}

// TestLibreOfficeFile reads a workbook LibreOffice 7.4 made of source.csv, with
// its ID column as text; it is remade by TestLibreOffice when asked to.
func TestLibreOfficeFile(t *testing.T) {
	data, err := os.ReadFile("testdata/libreoffice.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	got, err := readAll(t, "libreoffice.xlsx", data)
	checkLibre(t, "testdata/libreoffice.xlsx", got, err)
}

func checkLibre(t *testing.T, name string, got []string, err error) {
	t.Helper()
	want := libreWant()
	want[1] = strings.Replace(want[1], " mainland "+person(2), "", 1)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%s: %v %s", name, err, diff)
	}
}

// TestLibreOffice lets the program itself convert: CSV to workbook and
// workbook back to CSV, in UTF-8 and in GB18030.
func TestLibreOffice(t *testing.T) {
	soffice, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("SKIPPED LOUDLY: LibreOffice is not installed, its files are read from testdata only")
	}
	if testing.Short() {
		t.Skip("starting LibreOffice takes seconds")
	}
	dir := t.TempDir()
	id := person(2)
	swapped := id[:16] + string(id[17]) + string(id[16])
	source := strings.Join([]string{
		"某某有限公司人员名册", "", "序号,姓名,身份证号,手机号码,工号,部门,返甬日期,证件类型",
		"1,张三," + person(1) + ",19900000001,0012,一车间,2020-02-10,", "2,李四," + swapped + ",+86 199-0000-0002,13,,2020年2月11日,", ",,,,,,,",
		"3,Anna Lee,E1234567,,,,,护照", "合计,3,,,,,,", "",
	}, "\n")
	if err := os.WriteFile(filepath.Join(dir, "source.csv"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	convert := func(from, to, infilter string) []byte {
		args := []string{"-env:UserInstallation=file://" + dir + "/profile", "--headless", "--convert-to", to, "--outdir", filepath.Join(dir, "out")}
		if infilter != "" {
			args = append(args, "--infilter="+infilter)
		}
		if out, err := exec.Command(soffice, append(args, filepath.Join(dir, from))...).CombinedOutput(); err != nil {
			t.Fatalf("%v %s", err, out)
		}
		ext, _, _ := strings.Cut(to, ":")
		data, err := os.ReadFile(filepath.Join(dir, "out", strings.TrimSuffix(from, filepath.Ext(from))+"."+ext))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	// Token 5 of the filter: columns 3 and 5 (ID and staff number) are text.
	book := convert("source.csv", "xlsx", "CSV:44,34,76,1,3/2/5/2")
	got, err := readAll(t, "libreoffice.xlsx", book)
	checkLibre(t, "xlsx", got, err)
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile("testdata/libreoffice.xlsx", book, 0o644); err != nil {
			t.Fatal(err)
		}
	}

	// Without the text format the program rounds, and the file says so.
	got, err = readAll(t, "rounded.xlsx", convert("source.csv", "xlsx", "CSV:44,34,76,1"))
	if err != nil || len(got) != 3 || !strings.Contains(got[0], "!C4:roster.id.rounded") {
		t.Error(got, err)
	}

	if err := os.WriteFile(filepath.Join(dir, "book.xlsx"), book, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]string{"UTF-8": "76", "GB18030": "85"} {
		text := convert("book.xlsx", "csv:Text - txt - csv (StarCalc):44,34,"+token+",1", "")
		if _, err := simplifiedchinese.GB18030.NewDecoder().Bytes(text); err != nil {
			t.Error(err)
		}
		got, err := readAll(t, "book.csv", text)
		checkLibre(t, name, got, err)
	}
}
