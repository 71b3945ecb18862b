package workresume

import (
	"strings"

	"breakwater/internal/ident"
)

// Places are compared by name: a line of the risk list touches every place whose name
// begins with its own. That works only where both begin with the province, so that
// both must; endings such as 省 and 市, spaces and commas do not count.

// provinces are the 34 of the country, by the names people write, and what lies abroad.
var provinces = [...][2]string{
	{"北京", "beijing"},
	{"天津", "tianjin"},
	{"河北", "hebei"},
	{"山西", "shanxi"},
	{"内蒙古", "innermongolia"},
	{"辽宁", "liaoning"},
	{"吉林", "jilin"},
	{"黑龙江", "heilongjiang"},
	{"上海", "shanghai"},
	{"江苏", "jiangsu"},
	{"浙江", "zhejiang"},
	{"安徽", "anhui"},
	{"福建", "fujian"},
	{"江西", "jiangxi"},
	{"山东", "shandong"},
	{"河南", "henan"},
	{"湖北", "hubei"},
	{"湖南", "hunan"},
	{"广东", "guangdong"},
	{"广西", "guangxi"},
	{"海南", "hainan"},
	{"重庆", "chongqing"},
	{"四川", "sichuan"},
	{"贵州", "guizhou"},
	{"云南", "yunnan"},
	{"西藏", "tibet"},
	{"陕西", "shaanxi"},
	{"甘肃", "gansu"},
	{"青海", "qinghai"},
	{"宁夏", "ningxia"},
	{"新疆", "xinjiang"},
	{"香港", "hongkong"},
	{"澳门", "macao"},
	{"台湾", "taiwan"},
	{"境外", "abroad"},
}

// plainPlace is a place's name as it is compared; ok is false where it does not begin
// with a province.
func plainPlace(text string) (plain string, ok bool) {
	plain = strings.ToLower(ident.Fold(text))
	plain = strings.NewReplacer(" ", "", ",", "", "，", "", "、", "", "·", "", "-", "", ":", "", "：", "").Replace(plain)
	for _, p := range provinces {
		rest, zh := strings.CutPrefix(plain, p[0])
		if !zh {
			if rest, ok = strings.CutPrefix(plain, p[1]); !ok {
				continue
			}
		}
		for _, end := range [...]string{"省", "特别行政区", "壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "市"} {
			if cut, found := strings.CutPrefix(rest, end); found {
				rest = cut
				break
			}
		}
		return p[0] + strings.ReplaceAll(rest, "市", ""), true
	}
	return "", false
}

// beginnings are all a place's name can be listed under, longest last.
func beginnings(plain string) []string {
	r := []rune(plain)
	out := make([]string, 0, len(r))
	for n := 2; n <= min(len(r), 40); n++ {
		out = append(out, string(r[:n]))
	}
	return out
}
