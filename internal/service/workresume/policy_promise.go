package workresume

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/storage"
)

// The promise is a policy like the one that decides on filings: a district's own
// version is uploaded, tried, and brought into force by two people. What it is for
// shows by its id, which is that of the program's own.

// What a trial of a promise says a firm comes to if its facts last as they are.
const (
	trialKept      State = "kept"
	trialWarned    State = "warned"
	trialSuspended State = "suspended"
)

// promised is every fact that a promise can be told of a firm.
var promised = map[string]rule.Type{
	"state": rule.String, "days_in_state": rule.Int, "declared_headcount": rule.Int, "roster_count": rule.Int,
	"people_inside": rule.Int, "people_today": rule.Int, "strangers_today": rule.Int, "turned_today": rule.Int,
	"asked_today": rule.Int, "red_inside": rule.Int, "reported_today": rule.Int, "reports_due": rule.Bool,
	"masks": rule.Int, "stock_days": rule.Int, "load_percent": rule.Int, "load_days_old": rule.Int,
}

// isPromise is whether a pack is one that facts are held against.
func (s *Service) isPromise(p *rule.Pack) bool { return s.Promise != nil && p.ID == s.Promise.ID }

// IsPromise is whether a policy is one that firms' facts are held against, rather
// than one that decides on filings.
func (s *Service) IsPromise(p Policy) bool { return s.isPromise(p.Pack) }

// promise is what firms are held against now, as last read.
func (s *Service) promise() *rule.Pack {
	if p := s.policies.promise.Load(); p != nil {
		return p
	}
	return s.Promise
}

// inForceLike is the policy in force of the pack's own kind.
func (s *Service) inForceLike(r storage.Reader, p *rule.Pack) (Policy, error) {
	if s.isPromise(p) {
		return s.promiseInForce(r)
	}
	return s.inForce(r)
}

func (s *Service) promiseInForce(r storage.Reader) (Policy, error) {
	var id string
	err := r.Row(`select policy from workresume_promise where one = 1`).Scan(&id)
	if storage.NoRows(err) {
		return Policy{ID: policyID(s.Promise), Pack: s.Promise, InForce: true}, nil
	}
	if err != nil {
		return Policy{}, err
	}
	p, err := s.policy(r, id)
	p.InForce = err == nil
	return p, err
}

// paceLimits bound what a district may set: minutes, and an hour of the day.
var paceLimits = [...]struct {
	name string
	most int64
}{{"warn_minutes", 1440}, {"suspend_minutes", 43_200}, {"withdraw_minutes", 129_600}, {"lift_minutes", 1440}, {"reports_hour", 23}}

// readPromise takes the promise in force from the snapshot that is being read, and
// the change that put it in force while that is not done with.
func (s *Service) readPromise(r storage.Reader) error {
	p, err := s.promiseInForce(r)
	if err != nil {
		return err
	}
	s.policies.promise.Store(p.Pack)
	running, err := storage.All(r, scanActivation, activationColumns+` where state = 'running' and policy = $1 order by activation`, p.ID)
	s.watch.enacted = ""
	for _, a := range running {
		s.watch.enacted = a.ID
	}
	return err
}

// promiseEnacted ends a change of the promise: every firm has been held against it.
// What it set going comes later, step by step; the tally is what moved at once.
func (s *Service) promiseEnacted(ctx context.Context, firms int, moved map[[2]State]int64) error {
	id := s.watch.enacted
	if id == "" {
		return nil
	}
	turned := int64(0)
	for m, n := range moved {
		if m[0] != m[1] {
			turned += n
		}
	}
	tally, err := json.Marshal(movesOf(moved))
	if err != nil {
		return err
	}
	err = s.Store.WriteLow(ctx, func(tx *storage.Tx) error {
		_, err := tx.Exec(`update workresume_activation set state = 'done', total = $1, done = $1, turned = $2, tally = $3, ended = $4 where activation = $5 and state = 'running'`,
			int64(firms), turned, string(tally), clock.Micros(s.Clock()), id)
		return err
	})
	if err == nil {
		s.watch.enacted = ""
	}
	return err
}

// tryPromise says where firms are led by a promise as their facts stand in memory,
// beside where the one in force leads them.
func (s *Service) tryPromise(t *Trial) {
	now := s.Clock()
	type one struct {
		id string
		measured
	}
	var all []one
	s.watch.mu.Lock()
	for id, f := range s.watch.watched.firms {
		all = append(all, one{id, f.measured})
	}
	s.watch.mu.Unlock()
	slices.SortFunc(all, func(a, b one) int { return cmp.Compare(a.id, b.id) })
	moves, day, old := map[[2]State]int64{}, dayOf(now, s.Zone), s.promise()
	for _, f := range all {
		t.Firms++
		if f.spoken {
			t.Kept++
		}
		found := t.Policy.Pack.Decide(f.facts(now, reportsDue(t.Policy.Pack, day))).Findings
		t.broke(found)
		from, _ := f.leads(old.Decide(f.facts(now, reportsDue(old, day))).Findings)
		to, why := f.leads(found)
		moves[[2]State{from, to}]++
		if from != to {
			t.Turning = append(t.Turning, Turned{Firm: f.id, Name: f.name, CreditCode: f.usc, Park: f.park, From: from, To: to, Rule: why.Rule, Reason: why.Reason})
		}
	}
	t.Moves = movesOf(moves)
}

// leads is pure: what a promise leads a firm to if what it found stays, and the gravest
// rule that does.
func (m *measured) leads(found []rule.Finding) (State, rule.Finding) {
	for _, f := range found { // gravest first
		switch {
		case len(f.Missing) > 0 || f.Failed != "":
		case f.Outcome == rule.Warn, m.spoken, m.state != Certified:
			return trialWarned, f
		default:
			return trialSuspended, f
		}
	}
	return trialKept, rule.Finding{}
}
