package workresumeweb

import (
	"strings"

	"breakwater/internal/service/workresume"
	"breakwater/internal/web/ui"
)

func peoplePairs(people []string) []string {
	var out []string
	for _, id := range people {
		out = append(out, "people", id)
	}
	return out
}

// memberName is the masked name; a person whose particulars were erased has none.
func memberName(p *ui.Page, m workresume.Member) string {
	if m.Erased {
		return p.T("firmpages.erased")
	}
	return m.Name
}

func memberWork(m workresume.Member) string {
	return strings.Trim(m.Department+" · "+m.Post, " ·")
}

func rosterHidden(d rosterPage) []ui.Option {
	if d.Filter.Left {
		return []ui.Option{{Value: "left", Text: "1"}}
	}
	return nil
}

func rosterAct(d rosterPage) string {
	if d.Filter.Left {
		return d.to("/roster/return")
	}
	return d.to("/roster/leave")
}

func rosterShown(p *ui.Page, d rosterPage) string {
	return p.T("firmpages.shown", "n", len(d.Members))
}

func rosterFirst(d rosterPage) string {
	f := d.Filter
	if f.After == "" {
		return ""
	}
	f.After = ""
	return d.list(f)
}

func rosterNext(d rosterPage) string {
	if d.Next == "" {
		return ""
	}
	f := d.Filter
	f.After = d.Next
	return d.list(f)
}
