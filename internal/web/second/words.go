package second

import (
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/web/ui"
)

type listPage struct {
	Acts   []dual.Act
	Filter dual.Filter
	Next   string
	By     auth.Principal
}

type actPage struct {
	Act  dual.Act
	Told Told
	By   auth.Principal
}

// mine is whether the reader asked for the act, and so must not answer it.
func (d actPage) mine() bool { return d.Act.Proposer == d.By.ID }

func (d listPage) chips(p *ui.Page) []ui.Link {
	var out []ui.Link
	for _, s := range views {
		href := base
		if s != dual.Proposed {
			href += "?state=" + s
		}
		out = append(out, ui.Link{Href: href, Text: p.T("dual.state." + s), Now: s == d.Filter.State})
	}
	return out
}

// stateOf is a state's shape and colour.
func stateOf(s string) ui.State {
	switch s {
	case dual.Confirmed:
		return ui.Valid
	case dual.Refused:
		return ui.Stop
	case dual.Expired:
		return ui.Warn
	}
	return ui.Wait
}

func columns(p *ui.Page) []ui.Column {
	return []ui.Column{
		{Label: p.T("second.what"), Title: true},
		{Label: p.T("second.reason")},
		{Label: p.T("second.by")},
		{Label: p.T("second.asked")},
		{Label: p.T("second.until")},
	}
}

// facts are who asked, when and why, and what became of it.
func (d actPage) facts(p *ui.Page) []ui.Fact {
	a := d.Act
	out := []ui.Fact{
		{Term: p.T("second.state"), Text: p.T("dual.state." + a.State), State: stateOf(a.State)},
		{Term: p.T("second.by"), Text: who(p, a.ProposerName)},
		{Term: p.T("second.asked"), Text: p.DateTime(a.Proposed)},
		{Term: p.T("second.reason"), Text: a.Reason},
	}
	if a.State == dual.Proposed {
		out = append(out, ui.Fact{Term: p.T("second.until"), Text: p.DateTime(a.Expires)})
	}
	if a.Second != "" {
		out = append(out, ui.Fact{Term: p.T("second.second"), Text: who(p, a.SecondName)})
	}
	if a.Answer != "" {
		out = append(out, ui.Fact{Term: p.T("second.answer"), Text: a.Answer})
	}
	if !a.Ended.IsZero() {
		out = append(out, ui.Fact{Term: p.T("second.ended"), Text: p.DateTime(a.Ended)})
	}
	return out
}

func who(p *ui.Page, name string) string {
	if name == "" {
		return p.T("second.nameless")
	}
	return name
}
