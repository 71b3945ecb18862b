package workresumeweb

import (
	"strconv"
	"strings"

	"breakwater/internal/kernel/party"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web/ui"
)

// paperColumns are the boxes of a sheet, in the order of the figures they are typed
// with. Each is said in both languages, whoever prints.
func paperColumns() []string {
	out := []string{"paperpages.box_well"}
	for _, s := range workresume.Symptoms() {
		out = append(out, "paperpages.box_"+string(s))
	}
	return append(out, "paperpages.box_contact")
}

// told is what tells two people of one masked name apart: the end of a phone, else of
// a document, as the mask leaves it.
func told(m party.MaskedPerson) string {
	for _, text := range []string{m.Phone, m.IDNumber} {
		if i := strings.LastIndex(text, "*"); i >= 0 && i+1 < len(text) {
			return "…" + text[i+1:]
		}
	}
	return ""
}

// paperOf is whom a sheet is for.
func paperOf(p *ui.Page, x workresume.Sheet, streets []Park) string {
	if x.Firm != "" {
		return x.FirmName
	}
	for _, s := range streets {
		if s.ID == x.Street {
			return p.T("paperpages.of_street", "street", s.Name)
		}
	}
	if x.Street != "" { // taken off the district's streets since
		return p.T("paperpages.who_street")
	}
	return p.T("paperpages.of_office")
}

func paperSpan(p *ui.Page, x workresume.Sheet) string {
	if x.First == x.Last {
		return x.First
	}
	return p.T("travelpages.from_until", "from", x.First, "until", x.Last)
}

func paperListColumns(p *ui.Page) []ui.Column {
	return []ui.Column{
		{Label: p.T("paperpages.number"), Title: true},
		{Label: p.T("paperpages.of")},
		{Label: p.T("paperpages.days")},
		{Label: p.T("paperpages.page")},
		{Label: p.T("paperpages.typed")},
		{Label: p.T("paperpages.again")},
	}
}

func paperTypeColumns(p *ui.Page) []ui.Column {
	return []ui.Column{
		{Label: p.T("paperpages.person"), Title: true},
		{Label: p.T("paperpages.day")},
		{Label: p.T("paperpages.marks")},
		{Label: p.T("healthpages.temperature")},
		{Label: p.T("paperpages.stands")},
	}
}

// paperRow is one row of a sheet as the page shows it.
type paperRow struct {
	workresume.SheetLine
	workresume.SheetDay
	ID                 string // of its fields
	Marks, Temperature string // as typed, where the row came back
	Wrong              string // the code of what is wrong with it
	First              bool   // the row one begins with
}

// rows is the sheet row by row, up to today. What was taken is not shown again: it
// stands.
func (d paperTypePage) rows() []paperRow {
	var out []paperRow
	begun := false
	for _, l := range d.Lines {
		for _, day := range l.Days {
			if day.Closed == "workresume.paper_future" {
				continue
			}
			x := paperRow{SheetLine: l, SheetDay: day, ID: strconv.FormatInt(l.Line, 10) + "-" + day.Day}
			x.Wrong = d.wrong(l.Line, day.Day)
			if x.Wrong != "" || d.Result == nil {
				x.Marks, x.Temperature = d.typed(l.Line, day.Day)
			}
			if !begun && day.Open() && (day.Way == "" || x.Wrong != "") {
				x.First, begun = true, true
			}
			out = append(out, x)
		}
	}
	return out
}

func (d paperTypePage) wrong(line int64, day string) string {
	if d.Result == nil {
		return ""
	}
	for _, x := range d.Result.Faults {
		if x.Line == line && x.Day == day {
			return x.Code
		}
	}
	return ""
}

func (d paperTypePage) typed(line int64, day string) (marks, temperature string) {
	for i := range d.In.Row {
		if nth(d.In.Row, i) == strconv.FormatInt(line, 10)+" "+day {
			return nth(d.In.Marks, i), nth(d.In.Temperature, i)
		}
	}
	return "", ""
}

func (d paperTypePage) state() ui.State {
	if len(d.Result.Faults)+len(d.Result.Standing) > 0 {
		return ui.Warn
	}
	return ui.Valid
}

// name is a line's person, for a list of what was wrong.
func (d paperTypePage) name(line int64) string {
	for _, l := range d.Lines {
		if l.Line == line {
			return l.Name
		}
	}
	return "–"
}

// todo is how many rows may still be typed in.
func (d paperTypePage) todo() (n int) {
	for _, l := range d.Lines {
		for _, day := range l.Days {
			if day.Open() && day.Way == "" {
				n++
			}
		}
	}
	return n
}

// later is how many rows are of days to come, and not shown.
func (d paperTypePage) later() (n int) {
	for _, l := range d.Lines {
		for _, day := range l.Days {
			if day.Closed == "workresume.paper_future" {
				n++
			}
		}
	}
	return n
}
