package workresumeweb

import (
	"context"
	"encoding/json"
	"sort"
	"time"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web/second"
	"breakwater/internal/web/ui"
)

// TellPolicy puts a change of policy into words for the second person.
func TellPolicy(s *workresume.Service) second.Teller {
	return func(ctx context.Context, p *ui.Page, by auth.Principal, a dual.Act) (second.Told, error) {
		var want workresume.PolicyAct
		if err := json.Unmarshal(a.Body, &want); err != nil {
			return second.Told{}, err
		}
		of, err := s.PolicyByID(ctx, by, want.Policy)
		if err != nil {
			return second.Told{}, err
		}
		told := second.Told{Href: policyBase + "/" + of.ID + "/what-if", Facts: []ui.Fact{
			{Term: p.T("policypages.policy"), Text: of.Pack.Title.In(string(p.Lang()))},
			{Term: p.T("policypages.version"), Text: of.Pack.Version},
			{Term: p.T("policypages.begins"), Text: begins(p, want.Begins)},
		}}
		if !s.OnItsDay(of.Pack, want.Begins) { // as whoever asked was told
			told.Facts = append(told.Facts, ui.Fact{Term: p.T("policypages.dated"), Text: p.T("policypages.dated_second", "dates", validity(p, of.Pack), "from", p.Date(of.Pack.ValidFrom)), State: ui.Warn})
		}
		return told, nil
	}
}

func begins(p *ui.Page, at time.Time) string {
	if at.IsZero() {
		return p.T("policypages.at_once")
	}
	return p.DateTime(at)
}

func policyColumns(p *ui.Page) []ui.Column {
	return []ui.Column{
		{Label: p.T("policypages.policy"), Title: true},
		{Label: p.T("policypages.version")},
		{Label: p.T("policypages.valid"), Minor: true},
		{Label: p.T("policypages.origin"), Minor: true},
		{Label: p.T("firmpages.state")},
	}
}

// validity is a pack's own dates.
func validity(p *ui.Page, k *rule.Pack) string {
	if k.ValidUntil.IsZero() {
		return p.T("policypages.valid_from", "from", p.Date(k.ValidFrom))
	}
	return p.T("policypages.valid_between", "from", p.Date(k.ValidFrom), "until", p.Date(k.ValidUntil))
}

func origin(p *ui.Page, of workresume.Policy) string {
	if of.Added.IsZero() {
		return p.T("policypages.origin_program")
	}
	return p.T("policypages.origin_own", "at", of.Added)
}

func policyFacts(p *ui.Page, d policyPage) []ui.Fact {
	return []ui.Fact{
		{Term: p.T("policypages.version"), Text: d.Pack.Version},
		{Term: p.T("policypages.valid"), Text: validity(p, d.Pack)},
		{Term: p.T("policypages.origin"), Text: origin(p, d.Policy)},
		{Term: p.T("policypages.digest"), Text: d.Pack.Digest[:24]},
	}
}

func outcomeState(o rule.Outcome) ui.State {
	switch o {
	case rule.Refuse:
		return ui.Stop
	case rule.Return:
		return ui.Warn
	case rule.Warn:
	}
	return ui.Wait
}

func changeState(s workresume.ActivationState) ui.State {
	switch s {
	case workresume.ActivationDone:
		return ui.Valid
	case workresume.ActivationOvertaken:
		return ui.Warn
	case workresume.ActivationWaiting, workresume.ActivationRunning:
	}
	return ui.Wait
}

// changeWork is a change of policy as a bar.
func changeWork(p *ui.Page, a workresume.Activation, of workresume.Policy, now time.Time) ui.Work {
	w := ui.Work{
		Title: of.Pack.Title.In(string(p.Lang())), State: changeState(a.State), Word: p.T("policypages.change_" + string(a.State)),
		Done: a.Done, Total: a.Total, Running: a.State == workresume.ActivationRunning, Poll: changeBase + "/" + a.ID,
	}
	if spent := now.Sub(a.Begins).Seconds(); w.Running && spent > 0.5 && a.Done > 0 {
		w.PerSecond = float64(a.Done) / spent
		w.Left = time.Duration(float64(max(a.Total-a.Done, 0)) / w.PerSecond * float64(time.Second))
	}
	return w
}

// moveState is the colour of where a firm is led: by its file, or by its promise.
func moveState(s workresume.State) ui.State {
	switch s {
	case "kept":
		return ui.Valid
	case workresume.State(workresume.Warned):
		return ui.Warn
	case workresume.State(workresume.Suspended):
		return ui.Stop
	}
	return firmState(s)
}

// changing are the moves that change something.
func changing(moves []workresume.Move) (out []workresume.Move) {
	for _, m := range moves {
		if m.From != m.To {
			out = append(out, m)
		}
	}
	return out
}

// stepWords say one change: "Masks in stock: 240 → 300 (60 more)".
func stepWords(p *ui.Page, s rule.Step) string {
	lang := string(p.Lang())
	if s.From == nil {
		return p.T("policypages.step_fill", "fact", s.Title.In(lang), "to", s.ToText.In(lang))
	}
	from, isNumber := number(s.From)
	to, _ := number(s.To)
	if !isNumber {
		return p.T("policypages.step_to", "fact", s.Title.In(lang), "to", s.ToText.In(lang))
	}
	key, by := "policypages.step_more", to-from
	if by < 0 {
		key, by = "policypages.step_less", -by
	}
	places := 0
	if by != float64(int64(by)) {
		places = 1
	}
	return p.T(key, "fact", s.Title.In(lang), "from", s.FromText.In(lang), "to", s.ToText.In(lang), "by", p.Decimal(by, places))
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// decidedFacts are all facts a decision looked at, in the pack's order; by their
// names in the pack in force where their own is not at hand.
func decidedFacts(p *ui.Page, d rule.Decision, pack, now *rule.Pack) []ui.Fact {
	if pack == nil {
		pack = &rule.Pack{}
		for name, v := range d.Facts {
			kind := rule.String
			if _, ok := v.(float64); ok {
				kind = rule.Double
			}
			pack.Facts = append(pack.Facts, rule.Fact{Name: name, Type: kind, Title: titles(now, name)})
		}
		sort.Slice(pack.Facts, func(i, j int) bool { return pack.Facts[i].Name < pack.Facts[j].Name })
	}
	lang := string(p.Lang())
	var out []ui.Fact
	for i := range pack.Facts {
		f := &pack.Facts[i]
		if v, ok := d.Facts[f.Name]; ok {
			out = append(out, ui.Fact{Term: f.Title.In(lang), Text: f.Spell(v, lang)})
		} else {
			out = append(out, ui.Fact{Term: f.Title.In(lang), Text: p.T("policypages.not_known"), State: ui.Wait})
		}
	}
	return out
}

// titles are a fact's words in a pack; the name stands for them where it has none.
func titles(pack *rule.Pack, name string) rule.Text {
	if f, ok := pack.Fact(name); ok {
		return f.Title
	}
	return rule.Text{rule.English: name, rule.Chinese: name}
}

// basisOf is what a rule of a pack rests on, in words.
func basisOf(p *ui.Page, pack *rule.Pack, id string) string {
	for _, r := range pack.Rules {
		if r.ID == id {
			return r.Basis.In(string(p.Lang()))
		}
	}
	return p.T("policypages.rule_gone")
}

// ruleTitle is what a rule of a pack is called: the program's own promise has names, any
// other rule what it rests on.
func ruleTitle(p *ui.Page, pack *rule.Pack, id string) string {
	if id == "" {
		return ""
	}
	if name := ruleName(p, id); name != id {
		return name
	}
	return basisOf(p, pack, id)
}

// turnKey chooses the words: towards a certificate, or how far from losing it.
func turnKey(t *rule.Turn) string {
	if t.From == rule.Certified {
		return "edge"
	}
	return "to"
}

func packOr(pack, otherwise *rule.Pack) *rule.Pack {
	if pack == nil {
		return otherwise
	}
	return pack
}

func yesState(v bool) ui.State {
	if v {
		return ui.Valid
	}
	return ui.Stop
}

func yesWord(p *ui.Page, v bool) string {
	if v {
		return p.T("firmpages.yes")
	}
	return p.T("firmpages.no")
}

func factTitle(p *ui.Page, pack *rule.Pack, name string) string {
	if f, ok := pack.Fact(name); ok {
		return f.Title.In(string(p.Lang()))
	}
	return name
}

func attestChoices(p *ui.Page, d explainPage, now *rule.Pack) []ui.Option {
	var out []ui.Option
	for _, name := range d.Asked {
		out = append(out, ui.Option{Value: name, Text: factTitle(p, now, name)})
	}
	return out
}

func trialColumns(p *ui.Page) []ui.Column {
	return []ui.Column{
		{Label: p.T("firmpages.firm"), Title: true},
		{Label: p.T("policypages.from")},
		{Label: p.T("policypages.to")},
		{Label: p.T("policypages.reason")},
	}
}
