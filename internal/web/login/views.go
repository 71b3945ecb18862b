package login

import (
	"net/url"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/web/ui"
)

// claimQuestions are the fields carried from the first step to the second.
var claimQuestions = [...]string{"credit_code", "firm_name", "contact", "phone"}

// answers are what was typed in the first step, to be checked.
func answers(p *ui.Page, f *ui.Form) []ui.Fact {
	labels := [len(claimQuestions)]string{"login.credit_code", "login.firm_name", "login.contact", "login.office_phone"}
	var list []ui.Fact
	for i, name := range claimQuestions {
		if v := f.Value(name); v != "" {
			list = append(list, ui.Fact{Term: p.T(labels[i]), Text: v})
		}
	}
	return list
}

func withNext(path string, f *ui.Form) string {
	if next := f.Value("next"); next != "" {
		return path + "?next=" + url.QueryEscape(next)
	}
	return path
}

func nextPage(after string) string {
	if after == "" {
		return ""
	}
	return "/desk/claims?after=" + url.QueryEscape(after)
}

func claimColumns(p *ui.Page) []ui.Column {
	return []ui.Column{
		{Label: p.T("login.firm"), Title: true},
		{Label: p.T("login.code_short")},
		{Label: p.T("login.contact_short")},
		{Label: p.T("login.claimed_reference")},
		{Label: p.T("login.received"), Minor: true},
	}
}

func (d claimData) facts(p *ui.Page) []ui.Fact {
	c := d.Claim
	state := map[string]ui.State{auth.Waiting: ui.Wait, auth.Released: ui.Valid, auth.Refused: ui.Stop}[c.State]
	name, phone := c.Contact, c.Phone
	if d.Phone != "" {
		name, phone = d.Name, d.Phone
	}
	list := []ui.Fact{
		{Term: p.T("login.state"), Text: p.T("auth.state." + c.State), State: state},
		{Term: p.T("login.claimed_reference"), Text: c.Reference},
		{Term: p.T("login.firm"), Text: c.FirmName},
		{Term: p.T("login.credit_code"), Text: c.CreditCode},
		{Term: p.T("login.contact_short"), Text: name},
		{Term: p.T("login.office_phone"), Text: phone},
		{Term: p.T("login.received"), Text: p.DateTime(c.Created)},
	}
	if !c.Decided.IsZero() {
		list = append(list, ui.Fact{Term: p.T("login.decided_by"), Text: p.DateTime(c.Decided)})
	}
	if c.Reason != "" {
		list = append(list, ui.Fact{Term: p.T("login.reason"), Text: c.Reason})
	}
	if c.Firm == "" {
		list = append(list, ui.Fact{Term: p.T("login.firm_known"), Text: p.T("login.unknown_firm"), State: ui.Warn})
	}
	return list
}

// form is f for the form that came back, and a blank one for its neighbours.
func (d claimData) form(act string, f *ui.Form) *ui.Form {
	if d.Act == act {
		return f
	}
	return &ui.Form{Key: f.Key}
}
