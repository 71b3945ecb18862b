package workresumeweb

import (
	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web/ui"
)

// deskClasses begin with every class.
func deskClasses(p *ui.Page) []ui.Option {
	out := []ui.Option{{Text: p.T("firmpages.all_classes")}}
	for _, c := range workresume.Classes {
		out = append(out, ui.Option{Value: string(c), Text: p.T("workresume.class." + string(c))})
	}
	return out
}

func deskNow(now bool) templ.Attributes {
	if now {
		return templ.Attributes{"aria-current": "true"}
	}
	return nil
}

// caseRosterFacts are the roster in numbers and its latest file.
func caseRosterFacts(p *ui.Page, d casePage) []ui.Fact {
	out := firmRosterFacts(p, d.Firm)
	if len(d.Imports) > 0 {
		im := d.Imports[0]
		out = append(out, ui.Fact{Term: p.T("firmpages.import_latest"), Text: importWord(p, im), State: importState(im)})
	}
	return out
}

func (d decidePage) confirmFacts(p *ui.Page) []ui.Fact {
	to := ui.Fact{Term: p.T("firmpages.decide_to"), Text: p.T("firmpages.hand_back"), State: ui.Wait}
	if s := workresume.State(d.In.State); d.In.State != handBack {
		to.Text, to.State = p.T("workresume.state."+d.In.State), firmState(s)
	}
	return []ui.Fact{
		{Term: p.T("firmpages.firm"), Text: d.Firm.Name},
		{Term: p.T("firmpages.decide_from"), Text: p.T("workresume.state." + string(d.Firm.State)), State: firmState(d.Firm.State)},
		to,
		{Term: p.T("firmpages.decide_reason"), Text: d.In.Reason},
	}
}

// follows is what an officer's word brings with it.
func (d decidePage) follows() string {
	switch {
	case d.In.State == handBack:
		return "firmpages.then_rules"
	case d.In.State == string(workresume.Certified):
		return "firmpages.then_certified"
	case d.Firm.State == workresume.Certified:
		return "firmpages.then_ended"
	}
	return "firmpages.then_told"
}

func badAnswer() error {
	return fault.New(fault.Invalid, "fault.fields").With("answer", "firmpages.answer_unknown")
}

func reviewColumns(p *ui.Page) []ui.Column {
	return []ui.Column{
		{Label: p.T("firmpages.name"), Title: true},
		{Label: p.T("firmpages.review_asks")},
		{Label: p.T("firmpages.review_has")},
		{Label: p.T("firmpages.review_found"), Minor: true},
	}
}

func reviewFacts(p *ui.Page, v workresume.Review) []ui.Fact {
	out := []ui.Fact{
		{Term: p.T("firmpages.id_number"), Text: v.Person.IDNumber},
		{Term: p.T("firmpages.phone"), Text: v.Person.Phone},
		{Term: p.T("firmpages.review_asks"), Text: v.FirmName},
		{Term: p.T("firmpages.review_has"), Text: v.OtherName},
		{Term: p.T("firmpages.review_found"), Text: p.DateTime(v.Found)},
	}
	return append(out, some(p, "firmpages.review_note", v.Note)...)
}

func reviewNow(now bool) templ.Attributes {
	if now {
		return templ.Attributes{"aria-selected": "true"}
	}
	return nil
}
