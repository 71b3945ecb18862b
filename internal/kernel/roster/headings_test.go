package roster

import "testing"

// TestHeadings: the ways firms write headings, and the look-alikes that must
// not be read.
func TestHeadings(t *testing.T) {
	index := headingIndex()
	for text, want := range map[string]Field{
		"姓  名": FieldName, "*姓名": FieldName, "姓名（必填）": FieldName, "姓名Name": FieldName, "Name（姓名）": FieldName, "FULL NAME": FieldName,
		"Employee_Name": FieldName, "員工": "", "姓名/Name": FieldName, "Name *": FieldName, "Worker name": FieldName,
		"身份证号码(18位)": FieldIDNumber, "身份证号\n（必填）": FieldIDNumber, "ID No.": FieldIDNumber, "ID Card No": FieldIDNumber, "I.D. number": FieldIDNumber,
		"证件号码 ID number *": FieldIDNumber, "身份证号码/护照号码": FieldIDNumber, "身份证号（护照号）": FieldIDNumber, "ID / Passport number": FieldIDNumber, "身份证号：": FieldIDNumber,
		"Passport No.": FieldPassport, "证件类型": FieldIDKind, "ID Type": FieldIDKind, "证件类型（身份证/护照）": FieldIDKind,
		"手机号码*": FieldPhone, "联系电话（手机）": FieldPhone, "Mobile Phone No.": FieldPhone, "Phone Number": FieldPhone, "手机 号": FieldPhone,
		"工号": FieldNumber, "Employee ID": FieldNumber, "Staff no.": FieldNumber, "部 门": FieldDepartment, "Dept.": FieldDepartment, "部门/车间": FieldDepartment,
		"岗位": FieldPost, "Job Title": FieldPost, "籍贯（省、市）": FieldNativePlace, "户籍所在地": FieldNativePlace, "现住址": FieldAddress, "在甬居住地址": FieldAddress,
		"返甬日期（年/月/日）": FieldReturnDate, "返甬时间": FieldReturnDate, "Return Date": FieldReturnDate, "Date of return": FieldReturnDate,
		"来源地": FieldOrigin, "出发地": FieldOrigin, "14天内到过的地方": FieldPlaces14, "近14天内到过的地方（省市）": FieldPlaces14, "近十四天旅居史": FieldPlaces14,
		"过去14日内行程": FieldPlaces14, "Places in the last 14 days": FieldPlaces14, "14-day travel history": FieldPlaces14,
		"统一社会信用代码": FieldCreditCode, "Unified Social Credit Code": FieldCreditCode,
		"紧急联系人姓名": "", "紧急联系人电话": "", "联系人": "", "公司名称": "", "Company name": "", "序号": "", "No.": "", "近14天内是否到过湖北": "", "14天内是否发热": "",
		"返甬交通方式": "", "备注": "", "性别": "", "年龄": "", "": "", "姓名电话": "", "身份证复印件": "",
	} {
		h, ok := recognise(index, text)
		if h.field != want || ok != (want != "") {
			t.Errorf("%q is read as %q, want %q", text, h.field, want)
		}
	}
}
