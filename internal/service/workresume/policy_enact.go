package workresume

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

// A transaction that asks firms again holds the only writer. What it reads and
// stores is bounded by how many firms it asks, what it decides by time: a
// district's own rules may be thirty times as dear as the program's.
const (
	enactTime  = 100 * time.Millisecond // of deciding; firms not reached go to the next transaction
	enactFirst = 8                      // firms taken by the first, before it is known how fast they are
	enactChunk = 500                    // at most, however fast they are
)

// firmUndecided is firmColumns without the decision, which is about to be replaced:
// reading it would be a fifth of the work.
const firmUndecided = `firm, name, credit_code, park, state, since, roster, refusals, reviews, filing, '', override, certificate, watch, watched`

// wakePolicy tells the worker that there is something to enact.
func (s *Service) wakePolicy() {
	select {
	case s.policies.wake <- struct{}{}:
	default:
	}
}

// enacting brings policies into force on their day and asks every firm again,
// until ctx ends. What stood half done when the program stopped goes on.
func (s *Service) enacting(ctx context.Context) {
	tick := time.NewTicker(30 * time.Second) // for a policy whose moment comes
	defer tick.Stop()
	for {
		if err := s.Enact(ctx); err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "a policy is not applied to every firm; it is tried again", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.policies.wake:
		case <-tick.C:
		}
	}
}

// Enact does what is due: it begins policies whose moment has come and asks every
// firm again under the one in force. It returns when nothing is left to do.
func (s *Service) Enact(ctx context.Context) error {
	for {
		var due []Activation
		err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
			all, err := storage.All(r, scanActivation, activationColumns+` where state = 'running' or (state = 'waiting' and begins <= $1) order by begins, activation`,
				clock.Micros(s.Clock()))
			due = nil
			for _, a := range all {
				p, err := s.policy(r, a.Policy)
				if err != nil {
					return err
				}
				if a.State == ActivationWaiting || !s.isPromise(p.Pack) { // a promise is applied by the watch
					due = append(due, a)
				}
			}
			return err
		})
		if err != nil || len(due) == 0 {
			return err
		}
		// Begin the latest of those that wait, since it overtakes the others anyway.
		for _, a := range due {
			if a.State == ActivationWaiting {
				if err := s.Store.Write(ctx, func(tx *storage.Tx) error { return s.begin(tx, auth.Operator().ID, a) }); err != nil {
					return err
				}
			}
		}
		last := due[len(due)-1].ID
		for more, chunk := true, enactFirst; more; {
			var asked int
			if more, asked, err = s.enactSome(ctx, last, chunk); err != nil {
				return err
			}
			chunk = max(enactFirst, min(4*asked, enactChunk)) // few are read that are not reached
		}
	}
}

// enactSome asks the next firms again, so many at most and until enactTime is over,
// and says how many it reached; more is false when the activation has ended.
func (s *Service) enactSome(ctx context.Context, id string, chunk int) (more bool, reached int, err error) {
	by := auth.Operator()
	err = s.Store.WriteLow(ctx, func(tx *storage.Tx) error {
		more, reached = false, 0
		found, err := storage.All(tx, scanActivation, activationColumns+` where activation = $1 and state = 'running'`, id)
		if err != nil || len(found) == 0 { // overtaken meanwhile
			return err
		}
		a := found[0]
		p, err := s.policy(tx, a.Policy)
		if err != nil {
			return err
		}
		firms, err := storage.All(tx, func(rows *storage.Rows) (row, error) { return scanFirm(rows) },
			`select `+firmUndecided+` from workresume_firm where firm > $1 and filing <> '' order by firm limit $2`, a.reached, int64(chunk))
		if err != nil {
			return err
		}
		moves := map[[2]State]int64{}
		for _, m := range a.Moves {
			moves[[2]State{m.From, m.To}] = m.Firms
		}
		all := len(firms) < chunk
		asked, from := make([]*row, len(firms)), make([]State, len(firms))
		for i := range firms {
			asked[i], from[i] = &firms[i], firms[i].State
		}
		start := s.Clock() // a clock set back meanwhile lets it run on to the chunk's end, no further
		reached, err = s.decideAll(tx, by, asked, p.Pack, a.ID, func() bool { return s.Clock().Sub(start) >= enactTime })
		if err != nil {
			return err
		}
		all, asked = all && reached == len(asked), asked[:reached]
		for i, f := range asked {
			if f.State != from[i] {
				a.Turned++
			}
			if f.Decision.Broken() {
				a.Broken++
			}
			moves[[2]State{from[i], f.State}]++
			a.reached = f.ID
		}
		a.Done += int64(reached)
		tally, err := json.Marshal(movesOf(moves))
		if err != nil {
			return err
		}
		state, ended := ActivationRunning, int64(0)
		if more = !all; !more {
			state, ended = ActivationDone, clock.Micros(s.Clock())
			a.Total = a.Done // firms that filed meanwhile were asked too
		}
		if _, err := tx.Exec(`update workresume_activation set state = $1, total = $2, done = $3, turned = $4, broken = $5, reached = $6, tally = $7, ended = $8 where activation = $9`,
			string(state), a.Total, a.Done, a.Turned, a.Broken, a.reached, string(tally), ended, a.ID); err != nil || more {
			return err
		}
		if a.Broken > 0 {
			tx.OnCommit(func() {
				slog.ErrorContext(ctx, "rules of a policy could not be worked out; mend them in a new version", "policy", a.Policy, "firms", a.Broken)
			})
		}
		return s.recordPolicy(tx, by.ID, factPolicyApplied, a.Policy, appliedBody{Activation: a.ID, Firms: a.Done, Turned: a.Turned, Broken: a.Broken})
	})
	return more, reached, err
}
