package roster

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"breakwater/internal/ident"
)

// TestMended: everything the office's list may look like and still be right.
func TestMended(t *testing.T) {
	id, other := person(1), person(2)
	firm := ident.MakeCreditCode("91330201MA2AFK7T0")
	head := []string{"姓名", "身份证号", "手机", "返甬日期"}
	tests := map[string]struct {
		row  []string
		want string
	}{
		"plain":            {[]string{"张三", id, mobile(1), "2020-02-10"}, "张三 mainland " + id + " phone=" + mobile(1) + " return=2020-02-10"},
		"full width":       {[]string{"张　三", wide(id), wide(mobile(1)), wide("2020/2/10")}, "张三 mainland " + id + " phone=" + mobile(1) + " return=2020-02-10"},
		"country code":     {[]string{"张三", id, "+86 199-0000-0001", "2020.2.10"}, "张三 mainland " + id + " phone=19900000001 return=2020-02-10"},
		"0086":             {[]string{"张三", id, "008619900000001", "20200210"}, "张三 mainland " + id + " phone=19900000001 return=2020-02-10"},
		"apostrophe":       {[]string{"'张三", "'" + id, "'19900000001", "'2020-02-10"}, "张三 mainland " + id + " phone=19900000001 return=2020-02-10"},
		"tab as text mark": {[]string{"张三", "\t" + id, "19900000001\t", "\t2020-02-10"}, "张三 mainland " + id + " phone=19900000001 return=2020-02-10"},
		"spaces":           {[]string{" 张 三 ", id[:6] + " " + id[6:14] + " " + id[14:], "199 0000 0001", "2020年2月10日"}, "张三 mainland " + id + " phone=19900000001 return=2020-02-10"},
		"serial":           {[]string{"张三", id, "", "43871"}, "张三 mainland " + id + " return=2020-02-10"},
		"date and time":    {[]string{"张三", id, "", "2020-02-10 08:30:00"}, "张三 mainland " + id + " return=2020-02-10"},
		"nothing to say":   {[]string{"张三", id, "-", "无"}, "张三 mainland " + id},
		"latin name":       {[]string{"Ａnna  Lee-Smith", other, "", "2020/02/10"}, "Anna Lee-Smith mainland " + other + " return=2020-02-10"},
		"dotted name":      {[]string{"艾力·买买提", other, "", ""}, "艾力·买买提 mainland " + other},
	}
	for name, tt := range tests {
		got, err := readAll(t, "a.csv", csvBytes(head, tt.row))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff([]string{"2 " + tt.want}, got); diff != "" {
			t.Errorf("%s %s", name, diff)
		}
	}

	x := ""
	for n := 0; !strings.HasSuffix(x, "X"); n++ {
		x = person(n)
	}
	got, err := readAll(t, "a.csv", csvBytes(
		[]string{"Full name", "ID type", "ID number", "Staff no.", "Department", "Post", "Native place", "Address", "Origin", "Places in the last 14 days", "Credit code"},
		[]string{"Wang Fang", "ID card", strings.ToLower(x), "007", "Sales", "Clerk", "Anhui", "1 Yangfan Road", "Hefei", "Hefei; Ningbo", strings.ToLower(firm)},
		[]string{"Ivan", "护照", "e 1234567", "-5", "", "", "", "", "", "", ""},
		[]string{"陈大文", "港澳居民来往内地通行证", "h12345678", "", "", "", "", "", "", "", ""},
		[]string{"林小姐", "台胞证", "01234567", "", "", "", "", "", "", "", ""},
	))
	want := []string{
		"2 Wang Fang mainland " + x + " number=007 dept=Sales post=Clerk native=Anhui address=1 Yangfan Road origin=Hefei places=Hefei; Ningbo code=" + firm,
		"3 Ivan passport E1234567 number=-5",
		"4 陈大文 hk_macau H12345678",
		"5 林小姐 taiwan 01234567",
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
}

func wide(s string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f {
			return r + 0xfee0
		}
		return r
	}, s)
}

// TestRefused: every bad cell of a row is named, with its column and line.
func TestRefused(t *testing.T) {
	id := person(1)
	swapped := id[:16] + string(id[17]) + string(id[16])
	future := ident.MakeMainlandID("330299", today.AddDate(0, 0, 1), 1)
	impossible := "33029919901301" + id[14:]
	tests := map[string]struct{ row, want string }{
		"wrong check character":  {"张三," + swapped + ",,,", " 张三 !B2:roster.id.check"},
		"birth in the future":    {"张三," + future + ",,,", " 张三 !B2:roster.id.birth_future"},
		"birth impossible":       {"张三," + impossible + ",,,", " 张三 !B2:roster.id.birth_impossible"},
		"scientific":             {"张三,1.23457E+17,,,", " 张三 !B2:roster.id.rounded"},
		"scientific, no sign":    {"张三,3.30203e17,,,", " 张三 !B2:roster.id.rounded"},
		"first generation":       {"张三,330299600101001,,,", " 张三 !B2:roster.id.fifteen"},
		"short":                  {"张三," + id[:17] + ",,,", " 张三 !B2:roster.id.length"},
		"letters":                {"张三,A" + id[1:] + ",,,", " 张三 !B2:roster.id.digits"},
		"no such province":       {"张三,99" + id[2:] + ",,,", " 张三 !B2:roster.id.region"},
		"missing number":         {"张三,,,,", " 张三 !B2:roster.id.missing"},
		"missing name":           {"," + id + ",,,", " mainland " + id + " !A2:roster.name.missing"},
		"name of digits":         {"12345," + id + ",,,", " mainland " + id + " !A2:roster.name.malformed"},
		"passport without type":  {"Ivan,E12345678,,,", " Ivan !B2:roster.id_kind.missing"},
		"malformed phone":        {"张三," + id + ",1381234567,,", " 张三 mainland " + id + " !C2:roster.phone.malformed"},
		"land line":              {"张三," + id + ",0574-87654321,,", " 张三 mainland " + id + " !C2:roster.phone.malformed"},
		"foreign phone":          {"张三," + id + ",+1 415 555 2671,,", " 张三 mainland " + id + " !C2:roster.phone.malformed"},
		"rounded phone":          {"张三," + id + ",1.38E+10,,", " 张三 mainland " + id + " !C2:roster.phone.rounded"},
		"two readings of a date": {"张三," + id + ",,2/10/2020,", " 张三 mainland " + id + " !D2:roster.date.malformed"},
		"30 February":            {"张三," + id + ",,2020-02-30,", " 张三 mainland " + id + " !D2:roster.date.malformed"},
		"year of a slip":         {"张三," + id + ",,2202-02-10,", " 张三 mainland " + id + " !D2:roster.date.malformed"},
		"malformed credit code":  {"张三," + id + ",,,91330201MA2AFK7T00", " 张三 mainland " + id + " !E2:roster.credit_code.check"},
		"formula in name":        {"=cmd|' /C calc'!A0," + id + ",,,", " mainland " + id + " !A2:roster.formula"},
		"formula, full width":    {"＝1+1," + id + ",,,", " mainland " + id + " !A2:roster.formula"},
		"formula, apostrophe":    {"'@SUM(A1)," + id + ",,,", " mainland " + id + " !A2:roster.formula"},
		"formula, tab before":    {"\t-HYPERLINK(1)," + id + ",,,", " mainland " + id + " !A2:roster.formula"},
		"formula in number":      {"张三,=\"" + id + "\",,,", " 张三 !B2:roster.formula"},
		"formula in phone":       {"张三," + id + ",+SUM(1),,", " 张三 mainland " + id + " !C2:roster.formula"},
		"over-long":              {strings.Repeat("长", 101) + "," + id + ",,,", " mainland " + id + " !A2:roster.cell.too_long"},
		"huge":                   {strings.Repeat("长", 9000) + "," + id + ",,,", " mainland " + id + " !A2:roster.cell.too_long"},
		"all at once": {
			"@x,1.2E+17,123,yesterday,123",
			" !A2:roster.formula !B2:roster.id.rounded !C2:roster.phone.malformed !D2:roster.date.malformed !E2:roster.credit_code.length",
		},
	}
	for name, tt := range tests {
		got, err := readAll(t, "a.csv", []byte("姓名,身份证号,手机,返甬日期,信用代码\n"+tt.row+"\n"))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff([]string{"2" + tt.want}, got); diff != "" {
			t.Errorf("%s %s", name, diff)
		}
	}

	got, err := readAll(t, "a.csv", csvBytes([]string{"姓名", "证件类型", "证件号码"},
		[]string{"A", "驾驶证", "1234567890"}, []string{"B", "护照", "12"}, []string{"C", "回乡证", "X1"}, []string{"D", "=1", id}))
	want := []string{"2 A !B2:roster.id_kind.unknown", "3 B !C3:roster.passport.malformed", "4 C !C4:roster.hk_macau.malformed", "5 D !B5:roster.formula"}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
}

// TestDuplicate: the first acceptable row is kept, and the others say where it is.
func TestDuplicate(t *testing.T) {
	got, err := readAll(t, "a.csv", csvBytes([]string{"姓名", "身份证号", "手机"},
		[]string{"张三", person(1), "12"}, []string{"张三", person(1), mobile(1)}, []string{"张三", wide(person(1)), mobile(1)}, []string{"李四", person(2), ""}))
	want := []string{
		"2 张三 mainland " + person(1) + " !C2:roster.phone.malformed",
		"3 张三 mainland " + person(1) + " phone=" + mobile(1),
		"4 张三 mainland " + person(1) + " phone=" + mobile(1) + " !B4:roster.duplicate",
		"5 李四 mainland " + person(2),
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
}

// TestWhereHeadingsAre: titles, notes and blank lines above; totals,
// signatures, headings again and blank rows below are no people.
func TestWhereHeadingsAre(t *testing.T) {
	data := csvBytes(
		[]string{"宁波某某有限公司复工人员花名册"}, []string{""}, []string{"填报单位：某某", "", "2020年2月"}, []string{"", ""},
		[]string{"序号", "*姓名（必填）", "身份证号码(18位)", "联系电话", "手机号", "紧急联系人电话", "备注"},
		[]string{"1", "张三", person(1), "0574-87654321", mobile(1), "12", ""},
		[]string{"", "", "", "", "", "", ""}, []string{"2", "", "", "", "", "", ""}, []string{""},
		[]string{"2", "李四", person(2), "", "", "", "=1+1"},
		[]string{"小 计", "", "2人", "", "", "", ""},
		[]string{"序号", "*姓名（必填）", "身份证号码(18位)", "联系电话", "手机号", "", ""},
		[]string{"3", "王五", person(3), "", "", "", ""},
		[]string{"", "总计：", "3", "", "", "", ""}, []string{"Total", "3", "", "", "", "", ""},
		[]string{"制表人：张三", "", "审核人：李四", "", "", "", ""})
	got, err := readAll(t, "a.csv", data)
	want := []string{"6 张三 mainland " + person(1) + " phone=" + mobile(1), "10 李四 mainland " + person(2), "13 王五 mainland " + person(3)}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(err, diff)
	}

	twoLines := csvBytes([]string{"姓名", "证件", "", "联系方式"}, []string{"", "类型", "证件号码", "手机"}, []string{"张三", "身份证", person(1), mobile(1)})
	got, err = readAll(t, "a.csv", twoLines)
	if diff := cmp.Diff([]string{"3 张三 mainland " + person(1) + " phone=" + mobile(1)}, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
}

// TestTextFiles: encodings and separators of the programs firms use.
func TestTextFiles(t *testing.T) {
	body := "姓名;身份证号;部门\r\n\"张三\";" + person(1) + ";\"生产部;\"\"一\"\"线\nB班\"\r\n李四;" + person(2) + ";\r\n"
	want := []string{"2 张三 mainland " + person(1) + " dept=生产部;\"一\"线 B班", "3 李四 mainland " + person(2)}
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(strings.ReplaceAll(body, "张三", "张㐂")) // four bytes in GB18030
	if err != nil {
		t.Fatal(err)
	}
	u16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(body)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{
		"utf-8":         body,
		"utf-8 marked":  "\ufeff" + body,
		"gb18030":       gb,
		"utf-16":        u16,
		"comma":         strings.NewReplacer(";", ",").Replace(strings.Replace(body, "部;", "部；", 1)),
		"tab":           strings.NewReplacer(";", "\t").Replace(strings.Replace(body, "部;", "部；", 1)),
		"old mac":       strings.ReplaceAll(body, "\r\n", "\r"),
		"no end":        strings.TrimSuffix(body, "\r\n"),
		"lines, no end": strings.ReplaceAll(strings.TrimSuffix(body, "\r\n"), "\r\n", "\n"),
	} {
		got, err := readAll(t, "名册.csv", []byte(data))
		for i := range got {
			got[i] = strings.NewReplacer("；", ";", "张㐂", "张三").Replace(got[i])
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
	got, err := readAll(t, "a.csv", []byte("sep=;\n"+body))
	if len(got) != 2 || err != nil {
		t.Error(got, err)
	}
}

// TestNumericCells: what only a workbook can say of a cell.
func TestNumericCells(t *testing.T) {
	data := bookBytes(t, func(f *excelize.File) {
		put(t, f, "Sheet1", 1,
			[]any{"姓名", "身份证号", "手机", "工号", "返甬日期", "部门", "年龄"},
			[]any{"张三", person(1), 19900000001, 1001, 43871, 12.5, 30},
			[]any{"李四", 330299196001010010, 1.99e10, nil, 20200210},
			[]any{"王五", person(3)},
			[]any{"赵六", person(4)},
			[]any{"钱七", person(5)},
		)
		for cell, formula := range map[string]string{"F4": "A1", "G5": "1+1", "B6": `"` + person(5) + `"`} {
			if err := f.SetCellFormula("Sheet1", cell, formula); err != nil {
				t.Fatal(err)
			}
		}
		style, err := f.NewStyle(&excelize.Style{NumFmt: 14})
		if err != nil {
			t.Fatal(err)
		}
		if err := f.SetCellStyle("Sheet1", "E2", "E2", style); err != nil {
			t.Fatal(err)
		}
	})
	got, err := readAll(t, "a.xlsx", data)
	want := []string{
		"2 张三 mainland " + person(1) + " phone=19900000001 number=1001 dept=12.5 return=2020-02-10",
		"3 李四 phone=19900000000 return=2020-02-10 !B3:roster.id.rounded",
		"4 王五 mainland " + person(3) + " !F4:roster.formula",
		"5 赵六 mainland " + person(4), // a formula in a column we do not read harms nobody
		"6 钱七 !B6:roster.formula",
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
}
