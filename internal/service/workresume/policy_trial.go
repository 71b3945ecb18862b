package workresume

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/storage"
)

// Trial is what a policy would change in the whole district, before anybody
// activates it. Nothing is stored.
type Trial struct {
	Policy  Policy   `json:"policy"`
	Firms   int64    `json:"firms"`   // that filed, and were asked
	Kept    int64    `json:"kept"`    // of them under an officer's word, which stands over any rules
	Moves   []Move   `json:"moves"`   // how many go from what to what, the same to the same included
	Turning []Turned `json:"turning"` // the firms whose state would change, by name's order in the store
	Broken  []Broken `json:"broken"`  // rules that could not be worked out for some firm
}

// Broken is a rule that could not be worked out for so many firms, and why for the first.
type Broken struct {
	Rule   string    `json:"rule"`
	Firms  int64     `json:"firms"`
	Reason rule.Text `json:"reason"`
}

// broke counts what could not be worked out for a firm.
func (t *Trial) broke(found []rule.Finding) {
	for _, f := range found {
		if f.Failed == "" {
			continue
		}
		i := slices.IndexFunc(t.Broken, func(b Broken) bool { return b.Rule == f.Rule })
		if i < 0 {
			i, t.Broken = len(t.Broken), append(t.Broken, Broken{Rule: f.Rule, Reason: f.Reason})
		}
		t.Broken[i].Firms++
	}
}

// Move counts the firms that go from one state to another.
type Move struct {
	From  State `json:"from"`
	To    State `json:"to"`
	Firms int64 `json:"firms"`
}

// Turned is one firm whose state would change, with the gravest rule that speaks
// under the policy tried; empty where none does.
type Turned struct {
	Firm       string    `json:"firm"`
	Name       string    `json:"name"`
	CreditCode string    `json:"credit_code"`
	Park       string    `json:"park"`
	From       State     `json:"from"`
	To         State     `json:"to"`
	Rule       string    `json:"rule"`
	Reason     rule.Text `json:"reason"`
}

// WhatIf asks a policy about every firm that filed, as they stand in one snapshot.
//
// Faults: Denied, NotFound.
func (s *Service) WhatIf(ctx context.Context, by auth.Principal, policy string) (t Trial, err error) {
	if err := by.Permit(MaySeePolicy, Grants, auth.District(s.District)); err != nil {
		return Trial{}, err
	}
	err = s.Store.Export(ctx, func(r storage.Reader) error {
		t = Trial{}
		if t.Policy, err = s.policy(r, policy); err != nil {
			return err
		}
		now, err := s.inForceLike(r, t.Policy.Pack)
		if err != nil {
			return err
		}
		if t.Policy.InForce = policy == now.ID; s.isPromise(t.Policy.Pack) {
			s.tryPromise(&t)
			return nil
		}
		return s.try(r, &t)
	})
	return t, err
}

func (s *Service) try(r storage.Reader, t *Trial) error {
	stated, err := attestations(r, t.Policy.Pack, nil)
	if err != nil {
		return err
	}
	rows, err := r.Query(`select firm, name, credit_code, park, state, roster, filing, override from workresume_firm where filing <> '' order by firm`)
	if err != nil {
		return err
	}
	defer rows.Close()
	moves, at := map[[2]State]int64{}, s.Clock()
	for rows.Next() {
		var one Turned
		var roster int64
		var filing, override string
		if err := rows.Scan(&one.Firm, &one.Name, &one.CreditCode, &one.Park, &one.From, &roster, &filing, &override); err != nil {
			return err
		}
		t.Firms++
		one.To = one.From
		if override != "" {
			t.Kept++
		} else {
			var f Filing
			if err := json.Unmarshal([]byte(filing), &f); err != nil {
				return err
			}
			facts := f.facts(roster, at)
			for name, yes := range stated[one.Firm] {
				facts[name] = yes
			}
			d := t.Policy.Pack.Decide(facts)
			t.broke(d.Findings)
			now := row{Firm: Firm{State: one.From}}
			if one.To = now.stateAfter(d); one.To != one.From {
				if len(d.Findings) > 0 {
					one.Rule, one.Reason = d.Findings[0].Rule, d.Findings[0].Reason
				}
				t.Turning = append(t.Turning, one)
			}
		}
		moves[[2]State{one.From, one.To}]++
	}
	if err := rows.Err(); err != nil {
		return err
	}
	t.Moves = movesOf(moves)
	return nil
}

// TrialCut is one page of the firms whose state would change. Empty states are any.
type TrialCut struct {
	From, To State
	After    string // where the last page ended
	Limit    int
}

// Page lists the firms of a cut in the store's order; next is "" at the end. The
// place is a firm's id, so that a trial taken anew for the next page neither skips
// a firm nor says one twice.
func (t Trial) Page(c TrialCut) (list []Turned, next string) {
	for _, one := range t.Turning {
		switch {
		case one.Firm <= c.After, c.From != "" && one.From != c.From, c.To != "" && one.To != c.To:
		case len(list) == c.Limit:
			return list, list[c.Limit-1].Firm
		default:
			list = append(list, one)
		}
	}
	return list, ""
}

// movesOf lists the moves, those that change something first, the largest first.
func movesOf(count map[[2]State]int64) []Move {
	out := make([]Move, 0, len(count))
	for m, n := range count {
		out = append(out, Move{m[0], m[1], n})
	}
	same := func(m Move) int {
		if m.From == m.To {
			return 1
		}
		return 0
	}
	slices.SortFunc(out, func(a, b Move) int {
		return cmp.Or(cmp.Compare(same(a), same(b)), cmp.Compare(b.Firms, a.Firms), cmp.Compare(a.From+a.To, b.From+b.To))
	})
	return out
}

// attestations are what officers stated of firms, of all if nil, as far as a policy asks.
func attestations(r storage.Reader, p *rule.Pack, firms []string) (map[string]map[string]bool, error) {
	out := map[string]map[string]bool{}
	if !slices.ContainsFunc(Attested[:], func(name string) bool { _, ok := p.Fact(name); return ok }) {
		return out, nil
	}
	where, args := among("firm", firms)
	rows, err := r.Query(`select firm, fact, value from workresume_attested`+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var firm, name string
		var value int64
		if err := rows.Scan(&firm, &name, &value); err != nil {
			return nil, err
		}
		if out[firm] == nil {
			out[firm] = map[string]bool{}
		}
		out[firm][name] = value == 1
	}
	return out, rows.Err()
}
