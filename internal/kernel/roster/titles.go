package roster

// titles are the headings of the template: one text in both languages, because
// the sheet passes between people who read one and people who read the other.
var titles = []struct {
	field  Field
	title  string
	needed bool
	text   bool // the column is formatted as text, so that Excel keeps every digit
	width  float64
}{
	{FieldName, "姓名 Name", true, true, 14},
	{FieldIDKind, "证件类型 ID type", false, true, 22},
	{FieldIDNumber, "证件号码 ID number", true, true, 24},
	{FieldPhone, "手机号码 Mobile phone", false, true, 18},
	{FieldNumber, "工号 Staff number", false, true, 14},
	{FieldDepartment, "部门 Department", false, true, 18},
	{FieldPost, "岗位 Post", false, true, 18},
	{FieldNativePlace, "籍贯 Native place", false, true, 20},
	{FieldAddress, "现住址 Address", false, true, 34},
	{FieldReturnDate, "返甬日期 Return date", false, true, 18},
	{FieldOrigin, "来源地 Origin", false, true, 20},
	{FieldPlaces14, "14天内到过的地方 Places in 14 days", false, true, 30},
	{FieldCreditCode, "统一社会信用代码 Credit code", false, true, 26},
}

func title(f Field) string {
	for _, t := range titles {
		if t.field == f {
			return t.title
		}
	}
	return string(f)
}
