package roster

import (
	"strings"
	"unicode"

	"breakwater/internal/ident"
)

// headings are the names firms give their columns, the plainest first: where
// two columns of a file mean the same field, the one named earlier here is
// read. Names are in the spelling of plainHeading. What is not listed is not
// read: an emergency contact's phone must never become the worker's.
var headings = []struct {
	field Field
	names string
}{
	{FieldName, "姓名 员工姓名 职工姓名 人员姓名 名字 姓名中文 中文姓名 返岗人员姓名 返甬人员姓名 复工人员姓名 人员名称 员工 name fullname employeename staffname workername chinesename"},
	{FieldIDNumber, "身份证号码 身份证号 身份证 证件号码 证件号 身份证件号码 身份证件号 居民身份证号码 居民身份证号 公民身份号码 公民身份证号码 有效证件号码 有效证件号 证件编号 身份证号码护照号 身份证护照号 身份证号码护照号码 身份证护照号码 身份证号护照号 身份证号护照号码 身份证或护照号码 身份证号码或护照号码 居民身份证 本人身份证号 本人身份证号码 身份证或护照号 员工身份证号 员工身份证号码 " +
		"idnumber idno idpassportnumber idpassportno idorpassportnumber idnumberpassportnumber idcardnumber idcardno idcard identitynumber identitycardnumber documentnumber documentno nationalid nationalidnumber residentid"},
	{FieldPassport, "护照号码 护照号 护照 passportnumber passportno passport"},
	{FieldIDKind, "证件类型 证件种类 身份证件类型 有效证件类型 证件类别 证件名称 idtype idkind documenttype typeofid documentkind iddocumenttype"},
	{FieldPhone, "手机号码 手机号 手机 移动电话 本人手机号 本人手机号码 员工手机号 联系手机 手机联系方式 联系电话 电话号码 联系方式 电话 本人电话 联系号码 mobile mobilephone mobilephonenumber mobilephoneno cellphonenumber mobilenumber mobileno cellphone phonenumber phone phoneno telephone contactnumber tel"},
	{FieldNumber, "工号 员工编号 职工编号 员工工号 人员编号 职工号 编号 employeenumber employeeno employeeid staffnumber staffno staffid workernumber number"},
	{FieldDepartment, "部门 所属部门 所在部门 部门名称 科室 车间 班组 部门车间 车间班组 department dept division team workshop"},
	{FieldPost, "岗位 职务 岗位名称 工种 职位 岗位职务 职务岗位 工作岗位 岗位工种 post position jobtitle title job"},
	{FieldNativePlace, "籍贯 户籍 户籍地 户籍所在地 户籍地址 户口所在地 籍贯地 nativeplace hometown placeoforigin registeredresidence"},
	{FieldAddress, "现住址 现居住地址 现居住地 居住地址 居住地 现住地址 在甬住址 在甬居住地址 在甬居住地 在甬地址 宁波住址 住址 地址 家庭住址 住宿地址 目前住址 目前居住地 address currentaddress homeaddress residence lodging presentaddress"},
	{FieldReturnDate, "返甬日期 返甬时间 返岗日期 返岗时间 返回日期 返回时间 返程日期 返程时间 返工日期 返工时间 复工日期 到甬日期 到甬时间 抵甬日期 抵甬时间 来甬日期 来甬时间 拟返甬日期 拟返甬时间 预计返甬日期 预计返甬时间 计划返甬日期 到岗日期 到岗时间 returndate dateofreturn returnedon arrivaldate dateofarrival"},
	{FieldOrigin, "来源地 出发地 来自何地 从何地返甬 从何处返甬 返甬出发地 来甬出发地 返程出发地 出发地点 来自 何地返回 返回前所在地 origin departedfrom comingfrom placeofdeparture from travelledfrom"},
	{FieldPlaces14, "14天内到过 14天内到过的地方 14天行程 14天内行程 14天内去过 14天内去过的地方 14天旅居史 14天内旅居史 14天轨迹 14天内轨迹 14天活动轨迹 14天内停留地 14天内居住地 14天内途经 旅居史 行程 行程轨迹 places14 placesin14days placesinlast14days placesinthelast14days placesvisited14days 14dayplaces 14dayhistory placesvisitedinlast14days travelhistory 14daytravelhistory"},
	{FieldCreditCode, "统一社会信用代码 社会信用代码 信用代码 企业信用代码 单位信用代码 企业统一社会信用代码 单位统一社会信用代码 统一信用代码 统一代码 creditcode unifiedsocialcreditcode socialcreditcode uscc unifiedcreditcode"},
}

// headingIndex maps every name to its field and rank, lower ranks winning.
func headingIndex() map[string]heading {
	index := make(map[string]heading, 300)
	for _, h := range headings {
		for i, name := range strings.Fields(h.names) {
			index[plainHeading(name)] = heading{h.field, i}
		}
	}
	return index
}

type heading struct {
	field Field
	rank  int
}

// recognise returns the field a heading names.
func recognise(index map[string]heading, text string) (heading, bool) {
	for _, name := range spellings(text) {
		if h, ok := index[name]; ok {
			return h, true
		}
	}
	return heading{}, false
}

// spellings are the plain forms of a heading to look up: the whole, then
// without what brackets say, then what they say, then its Chinese words, then
// the others, so that "姓名 Name*", "身份证号（18位）" and "Phone/手机" are found.
func spellings(text string) []string {
	text = strings.ToLower(ident.Fold(text))
	if text == "" || len(text) > 200 {
		return nil
	}
	outer, inner := brackets(text)
	var han, other strings.Builder
	for _, word := range strings.FieldsFunc(outer, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("/|、\\", r) }) {
		if strings.ContainsFunc(word, isHan) {
			han.WriteString(word)
		} else {
			other.WriteString(word)
		}
	}
	glued := strings.Map(func(r rune) rune {
		if isHan(r) {
			return r
		}
		return -1
	}, outer)
	out := []string{plainHeading(text), plainHeading(outer), plainHeading(inner), plainHeading(han.String()), plainHeading(other.String()), glued}
	for i, s := range out {
		for _, prefix := range []string{"过去", "最近", "返甬前", "来甬前", "近", "前"} {
			if rest, ok := strings.CutPrefix(s, prefix); ok && strings.HasPrefix(rest, "14") {
				out[i] = rest
			}
		}
	}
	return out
}

// brackets parts what stands outside brackets from what stands inside.
func brackets(text string) (outer, inner string) {
	var o, i strings.Builder
	depth := 0
	for _, r := range text {
		switch {
		case strings.ContainsRune("([{【〔《", r):
			depth++
		case strings.ContainsRune(")]}】〕》", r):
			depth = max(0, depth-1)
		case depth > 0:
			i.WriteRune(r)
		default:
			o.WriteRune(r)
		}
	}
	return o.String(), i.String()
}

// plainHeading keeps letters and digits, and writes 十四 and 日内 in one way.
func plainHeading(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
	if strings.ContainsFunc(s, isHan) {
		s = strings.NewReplacer("十四日内", "14天", "十四日", "14天", "14日内", "14天", "14日", "14天", "十四", "14", "天之内", "天", "天以内", "天", "天内", "天", "必填", "").Replace(s)
	}
	return s
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }
