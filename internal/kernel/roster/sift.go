package roster

import (
	"strings"

	"breakwater/internal/ident"
)

// totalWords begin a row that sums up the others; closing words begin the line
// of signatures under a table. Both are in lower case without spaces.
var (
	totalWords   = []string{"合计", "总计", "小计", "共计", "总人数", "人数合计", "合计人数", "总数", "本页合计", "本页小计"}
	totalExact   = []string{"total", "totals", "subtotal", "grandtotal", "sum", "totalemployees", "totalpeople", "totalstaff", "headcount"}
	closingWords = []string{"制表", "填表", "填报", "审核", "审批", "复核", "负责人", "经办人", "联系人", "单位盖章", "(盖章)", "单位(盖章)", "备注:", "说明:", "注:", "填写说明", "preparedby", "approvedby", "checkedby", "note:", "notes:"}
)

// somebody reports that a row below the headings holds a person: it says
// anything in a column we read, is no total, no signature and no heading again.
func (f *File) somebody(line int, cells []cell) bool {
	if line <= f.head.line {
		return false
	}
	filled := false
	for _, b := range f.head.bound {
		if b.col < len(cells) && cells[b.col].kind != blank && ident.Fold(cells[b.col].text) != "" {
			filled = true
			break
		}
	}
	return filled && !f.summary(cells) && !f.headingAgain(cells)
}

// summary reports a totals row or a closing line. Whoever has a number is a
// person whatever the name.
func (f *File) summary(cells []cell) bool {
	for _, field := range []Field{FieldIDNumber, FieldPassport} {
		if col := f.head.col(field); col >= 0 && col < len(cells) && numberLike(cells[col].text) {
			return false
		}
	}
	if col := f.head.col(FieldName); col >= 0 && col < len(cells) && startsSummary(ident.Fold(cells[col].text)) {
		return true
	}
	for _, c := range cells { // the first text of the row, past a serial number
		text := ident.Fold(c.text)
		if text != "" && strings.Trim(text, "0123456789.") != "" {
			return startsSummary(text)
		}
	}
	return false
}

func startsSummary(text string) bool {
	if len(text) > 200 {
		return false
	}
	word := strings.ToLower(strings.ReplaceAll(text, " ", ""))
	for _, w := range totalWords {
		if strings.HasPrefix(word, w) {
			return true
		}
	}
	bare := plainHeading(strings.TrimRight(word, "0123456789"))
	for _, w := range totalExact {
		if bare == w {
			return true
		}
	}
	for _, w := range closingWords {
		if rest, ok := strings.CutPrefix(word, w); ok && (strings.HasSuffix(w, ":") || rest == "" || strings.ContainsAny(rest, ":()")) {
			return true
		}
	}
	return false
}

// numberLike reports a text without Chinese that has five digits or more.
func numberLike(text string) bool {
	n := 0
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9', r >= '０' && r <= '９':
			n++
		case isHan(r):
			return false
		}
	}
	return n >= 5
}

// headingAgain reports the headings repeated further down, as printing does on
// every page and as people do who paste two lists together.
func (f *File) headingAgain(cells []cell) bool {
	same := 0
	for _, b := range f.head.bound {
		if b.col >= len(cells) || cells[b.col].kind != written {
			continue
		}
		if (b.field == FieldIDNumber || b.field == FieldPassport) && numberLike(cells[b.col].text) {
			return false
		}
	}
	for _, b := range f.head.bound {
		if b.col >= len(cells) || cells[b.col].kind != written {
			continue
		}
		if h, ok := recognise(f.index, cells[b.col].text); ok && h.field == b.field {
			same++
		}
	}
	return same >= 2
}
