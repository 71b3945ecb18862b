package login

import (
	"net/url"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/web/ui"
)

// claimQuestions are the fields carried from the first step to the second.
var claimQuestions = [...]string{"credit_code", "firm_name", "park", "contact", "phone"}

// answers are what was typed in the first step, to be checked.
func answers(p *ui.Page, parks []ui.Option, f *ui.Form) []ui.Fact {
	labels := [len(claimQuestions)]string{"login.credit_code", "login.firm_name", "login.park", "login.contact", "login.office_phone"}
	var list []ui.Fact
	for i, name := range claimQuestions {
		v := f.Value(name)
		if name == "park" {
			v = parkName(parks, v)
		}
		if v != "" {
			list = append(list, ui.Fact{Term: p.T(labels[i]), Text: v})
		}
	}
	return list
}

// parkName is what the answer to where a firm works is called; the id of a park that
// has gone since.
func parkName(parks []ui.Option, id string) string {
	for _, o := range parks {
		if o.Value == id {
			return o.Text
		}
	}
	return id
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
		{Term: p.T("login.park"), Text: d.park(p)},
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

// park is where the claimant says the firm works.
func (d claimData) park(p *ui.Page) string {
	if d.Claim.Park == "" {
		return p.T("login.park_unasked")
	}
	return parkName(d.Parks, d.Claim.Park)
}

// form is f for the form that came back, and a blank one for its neighbours.
func (d claimData) form(act string, f *ui.Form) *ui.Form {
	if d.Act == act {
		return f
	}
	return &ui.Form{Key: f.Key}
}
