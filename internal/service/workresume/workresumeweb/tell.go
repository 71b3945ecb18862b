package workresumeweb

import (
	"context"
	"encoding/json"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web/second"
	"breakwater/internal/web/ui"
)

// Tellers put this service's acts into words for the desk of acts.
func Tellers() map[string]second.Teller {
	return map[string]second.Teller{workresume.ActMany: tellMany, workresume.ActRisks: tellRisks}
}

// namedMost is how many firms are named; the whole list is in the act's body.
const namedMost = 20

func tellMany(_ context.Context, p *ui.Page, _ auth.Principal, a dual.Act) (second.Told, error) {
	var b workresume.ManyBody
	if err := json.Unmarshal(a.Body, &b); err != nil {
		return second.Told{}, err
	}
	to := ui.Fact{Term: p.T("firmpages.decide_to"), Text: p.T("firmpages.hand_back"), State: ui.Wait}
	if b.State != "" {
		to.Text, to.State = p.T("workresume.state."+string(b.State)), firmState(b.State)
	}
	out := second.Told{Facts: []ui.Fact{to, {Term: p.T("casepages.firms"), Text: p.Number(int64(len(b.Firms)))}}}
	for i, f := range b.Firms {
		if i == namedMost {
			out.Facts = append(out.Facts, ui.Fact{Text: p.T("casepages.more_firms", "n", len(b.Firms)-namedMost)})
			break
		}
		out.Facts = append(out.Facts, ui.Fact{Term: f.Name, Text: p.T("workresume.state." + string(f.State)), State: firmState(f.State)})
	}
	return out, nil
}
