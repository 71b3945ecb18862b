package workresume

import (
	"context"
	"encoding/json"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/storage"
)

// ActPolicy is the act of bringing a policy into force. Two people do it, since it
// changes the answer of every firm at once.
const ActPolicy = "workresume.policy"

// PolicyKind is the act for the desk of two.
func PolicyKind() dual.Kind {
	return dual.Kind{Name: ActPolicy, May: MayGovern, Grants: Grants, Life: 7 * 24 * time.Hour}
}

// ActivationState is how far a policy has come into force.
type ActivationState string

// The states. A later policy overtakes one that is still being applied.
const (
	ActivationWaiting   ActivationState = "waiting" // for its day
	ActivationRunning   ActivationState = "running" // in force; the district is being asked again
	ActivationDone      ActivationState = "done"
	ActivationOvertaken ActivationState = "overtaken"
)

// Activation is a policy's coming into force.
type Activation struct {
	ID        string          `json:"id"`
	Policy    string          `json:"policy"`
	Act       string          `json:"act"` // of the two people
	State     ActivationState `json:"state"`
	Begins    time.Time       `json:"begins"`
	Confirmed time.Time       `json:"confirmed"`
	Total     int64           `json:"total"` // firms to ask again
	Done      int64           `json:"done"`
	Turned    int64           `json:"turned"` // of them with another state than before
	Broken    int64           `json:"broken"` // of them for whom some rule could not be worked out
	Moves     []Move          `json:"moves"`
	Ended     time.Time       `json:"ended,omitzero"`
	reached   string
}

// ActivateInput asks for a policy. Begins is the moment from which it decides; zero
// is as soon as a second person has confirmed.
type ActivateInput struct {
	Policy string
	Begins time.Time
	Dated  bool // whoever asks knows that it begins on another day than the first it names
	Reason string
	Key    once.Key
}

// PolicyAct is what a second person is asked to confirm.
type PolicyAct struct {
	Policy  string    `json:"policy"`
	Pack    string    `json:"pack"`
	Version string    `json:"version"`
	Begins  time.Time `json:"begins,omitzero"`
}

// Activate asks for a policy to come into force. It does once a second person has
// confirmed the act; one waits at a time.
//
// Faults: Denied, NotFound; Invalid for the reason, a day too far, or "dated" where it
// would begin on another day than its own; Conflict when
// the policy is in force already, another waits, or another begins at that moment.
func (s *Service) Activate(ctx context.Context, by auth.Principal, in ActivateInput) (act dual.Act, err error) {
	if err := by.Permit(MayGovern, Grants, auth.District(s.District)); err != nil {
		return act, err
	}
	now := s.Clock()
	if in.Begins.After(now.AddDate(1, 0, 0)) {
		return act, fault.New(fault.Invalid, "fault.fields").With("begins", "workresume.policy_begins_far")
	}
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		id, err := once.Do(tx, in.Key, now, func() (string, error) {
			p, err := s.policy(tx, in.Policy)
			if err != nil {
				return "", err
			}
			if !in.Dated && !s.OnItsDay(p.Pack, in.Begins) {
				return "", fault.New(fault.Invalid, "fault.fields").With("dated", "workresume.policy_dated")
			}
			was, err := s.inForceLike(tx, p.Pack)
			if err != nil {
				return "", err
			}
			if was.ID == p.ID && !in.Begins.After(now) {
				return "", fault.New(fault.Conflict, "workresume.policy_in_force")
			}
			if err := s.dayFree(tx, p, in.Begins); err != nil {
				return "", err
			}
			a, err := s.Acts.Propose(tx, by, dual.Proposal{
				Kind: ActPolicy, Subject: "policy", Scope: []auth.Scope{auth.District(s.District)}, Reason: in.Reason,
				Body: PolicyAct{Policy: p.ID, Pack: p.Pack.ID, Version: p.Pack.Version, Begins: in.Begins},
			})
			return a.ID, err
		})
		if err != nil {
			return err
		}
		act, err = s.Acts.Get(tx, by, id)
		return err
	})
	return act, err
}

// OnItsDay is whether a policy that begins at a moment, at once if that is zero or has
// passed, does so on the first day it names, by the district's calendar.
func (s *Service) OnItsDay(p *rule.Pack, begins time.Time) bool {
	if now := s.Clock(); begins.Before(now) { // nothing decides backwards
		begins = now
	}
	return dayOf(begins, s.Zone).Equal(dayOf(p.ValidFrom, s.Zone))
}

// dayFree refuses a moment at which another policy of the kind begins: which of two
// would decide from then on, nobody could say.
func (s *Service) dayFree(r storage.Reader, p Policy, begins time.Time) error {
	if begins.IsZero() {
		return nil
	}
	waiting, err := storage.All(r, scanActivation, activationColumns+` where state = 'waiting' and begins = $1 order by activation`, clock.Micros(begins))
	if err != nil {
		return err
	}
	for _, a := range waiting {
		other, err := s.policy(r, a.Policy)
		if err != nil {
			return err
		}
		if s.isPromise(other.Pack) == s.isPromise(p.Pack) {
			return fault.New(fault.Conflict, "fault.fields").With("from", "workresume.policy_day_taken", "version", other.Pack.Version)
		}
	}
	return nil
}

// ConfirmPolicy is the second person's yes: the policy decides from its moment on,
// and every firm is asked again in the background.
//
// Faults: as dual.Store.Confirm; NotFound for a policy that is not there.
func (s *Service) ConfirmPolicy(ctx context.Context, by auth.Principal, act string, key once.Key) error {
	now := s.Clock()
	err := s.Store.Write(ctx, func(tx *storage.Tx) error {
		_, err := once.Do(tx, key, now, func() (string, error) {
			a := Activation{ID: ident.New("atn", now), Act: act, State: ActivationWaiting, Confirmed: now}
			_, err := s.Acts.Confirm(tx, by, ActPolicy, act, func(d dual.Act) error {
				var want PolicyAct
				if err := json.Unmarshal(d.Body, &want); err != nil {
					return err
				}
				p, err := s.policy(tx, want.Policy)
				if err != nil {
					return err
				}
				a.Policy, a.Begins = p.ID, want.Begins
				if a.Begins.Before(now) {
					a.Begins = now
				}
				if _, err := tx.Exec(`insert into workresume_activation
					(activation, policy, act, state, begins, confirmed, total, done, turned, reached, tally, ended)
					values ($1, $2, $3, 'waiting', $4, $5, 0, 0, 0, '', '[]', 0)`,
					a.ID, a.Policy, act, clock.Micros(a.Begins), clock.Micros(now)); err != nil {
					return err
				}
				if err := s.recordPolicy(tx, by.ID, factPolicyConfirmed, p.ID, policyBody{
					Pack: p.Pack.ID, Version: p.Pack.Version, Digest: p.Pack.Digest, Activation: a.ID, Begins: a.Begins,
				}); err != nil {
					return err
				}
				if a.Begins.After(now) {
					return nil
				}
				return s.begin(tx, by.ID, a)
			})
			return a.ID, err
		})
		return err
	})
	if err == nil {
		s.wakePolicy()
	}
	return err
}

// begin brings a confirmed policy into force: from this transaction on it decides.
func (s *Service) begin(tx *storage.Tx, actor string, a Activation) error {
	now := s.Clock()
	p, err := s.policy(tx, a.Policy)
	if err != nil {
		return err
	}
	if err := s.overtake(tx, p); err != nil {
		return err
	}
	total := int64(0) // for the bar only; the last firms set it right
	if b := s.board.latest.Load(); b != nil {
		total = b.Total.Filed
	}
	n, err := tx.Exec(`update workresume_activation set state = 'running', total = $1 where activation = $2 and state = 'waiting'`, total, a.ID)
	if err != nil || n == 0 { // another process was quicker
		return err
	}
	table := `workresume_in_force`
	if s.isPromise(p.Pack) {
		table = `workresume_promise`
	}
	if _, err := tx.Exec(`insert into `+table+` (one, policy, activation, since) values (1, $1, $2, $3)
		on conflict (one) do update set policy = excluded.policy, activation = excluded.activation, since = excluded.since`,
		a.Policy, a.ID, clock.Micros(now)); err != nil {
		return err
	}
	tx.OnCommit(func() {
		if s.isPromise(p.Pack) {
			s.watch.mark("demo", true) // everybody is held against it, from the store
		} else {
			s.policies.latest.Store(p.Pack)
		}
	})
	return s.recordPolicy(tx, actor, factPolicyBegun, a.Policy, policyBody{Pack: p.Pack.ID, Version: p.Pack.Version, Digest: p.Pack.Digest, Activation: a.ID, Begins: a.Begins})
}

// overtake ends what is still being applied of the same kind.
func (s *Service) overtake(tx *storage.Tx, by Policy) error {
	running, err := storage.All(tx, scanActivation, activationColumns+` where state = 'running'`)
	if err != nil {
		return err
	}
	for _, a := range running {
		p, err := s.policy(tx, a.Policy)
		if err != nil {
			return err
		}
		if s.isPromise(p.Pack) != s.isPromise(by.Pack) {
			continue
		}
		if _, err := tx.Exec(`update workresume_activation set state = 'overtaken', ended = $1 where activation = $2`, clock.Micros(s.Clock()), a.ID); err != nil {
			return err
		}
	}
	return nil
}

// Activations are the policies' comings into force, newest first, at most 50.
//
// Faults: Denied.
func (s *Service) Activations(ctx context.Context, by auth.Principal) (list []Activation, err error) {
	if err := by.Permit(MaySeePolicy, Grants, auth.District(s.District)); err != nil {
		return nil, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) (err error) {
		list, err = storage.All(r, scanActivation, activationColumns+` order by activation desc limit 50`)
		return err
	})
	return list, err
}

// ActivationByID is one of them, while it runs and afterwards.
//
// Faults: Denied, NotFound.
func (s *Service) ActivationByID(ctx context.Context, by auth.Principal, id string) (a Activation, err error) {
	if err := by.Permit(MaySeePolicy, Grants, auth.District(s.District)); err != nil {
		return a, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		found, err := storage.All(r, scanActivation, activationColumns+` where activation = $1`, id)
		if err == nil && len(found) == 0 {
			err = fault.New(fault.NotFound, "workresume.activation_unknown")
		}
		if err == nil {
			a = found[0]
		}
		return err
	})
	return a, err
}

const activationColumns = `select activation, policy, act, state, begins, confirmed, total, done, turned, broken, reached, tally, ended from workresume_activation`

func scanActivation(rows *storage.Rows) (Activation, error) {
	var a Activation
	var begins, confirmed, ended int64
	var tally string
	if err := rows.Scan(&a.ID, &a.Policy, &a.Act, &a.State, &begins, &confirmed, &a.Total, &a.Done, &a.Turned, &a.Broken, &a.reached, &tally, &ended); err != nil {
		return a, err
	}
	a.Begins, a.Confirmed, a.Ended = clock.FromMicros(begins), clock.FromMicros(confirmed), instant(ended)
	return a, json.Unmarshal([]byte(tally), &a.Moves)
}

// recordPolicy records a fact of a policy's own stream.
func (s *Service) recordPolicy(tx *storage.Tx, actor, name, policy string, body any) error {
	_, err := s.Log.Append(tx, eventlog.Fact{Stream: "policy:" + policy, Name: "workresume." + name, Actor: actor, At: s.Clock(), Body: body})
	return err
}
