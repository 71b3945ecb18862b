package dual

import (
	"encoding/json"
	"strings"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

// The longest and shortest reason, in characters, and the most of a body, in bytes:
// a list of a thousand ids fits, and one of five hundred places with their sources.
const (
	reasonLeast, reasonMost = 2, 500
	bodyMost                = 1 << 20
)

// Propose asks for an act. Nothing happens yet but that it waits, and that this is
// a fact. What is wanted of the subject is checked by the caller, before this and
// again when the act is done: the world may have changed between.
//
// Faults: Unauthenticated, Denied; Invalid for the reason or an end that
// has passed; Conflict "dual.waiting" when such an act waits for the subject.
func (s *Store) Propose(tx *storage.Tx, by auth.Principal, p Proposal) (Act, error) {
	if err := s.permit(by, p.Kind, p.Scope); err != nil {
		return Act{}, err
	}
	now := s.Now()
	reason, err := reasoned(p.Reason)
	if err != nil {
		return Act{}, err
	}
	latest := now.Add(s.kinds[p.Kind].Life)
	if p.Expires.IsZero() || p.Expires.After(latest) {
		p.Expires = latest
	}
	if !p.Expires.After(now) {
		return Act{}, fault.New(fault.Invalid, "fault.fields").With("expires", "dual.expires_past")
	}
	body, err := json.Marshal(p.Body)
	if err != nil || len(body) > bodyMost {
		return Act{}, fault.Wrap(err, fault.Internal, "dual.body", "kind", p.Kind)
	}
	// One whose time is over must not stand in the way until somebody sweeps.
	if err := s.expire(tx, p.Kind, p.Subject); err != nil {
		return Act{}, err
	}
	a := Act{
		ID: ident.New("act", now), Kind: p.Kind, Subject: p.Subject, Person: p.Person, Scope: p.Scope, Body: body, Reason: reason,
		State: Proposed, Proposer: by.ID, ProposerName: by.Name, Proposed: now, Expires: p.Expires, person: by.Person,
	}
	added, err := s.insert(tx, a)
	if err != nil {
		return Act{}, err
	}
	if !added {
		return Act{}, fault.New(fault.Conflict, "dual.waiting")
	}
	return a, s.record(tx, FactProposed, by.ID, reason, a)
}

// reasoned is a reason without the space around it: the second person decides by it.
//
// Faults: Invalid, naming the field "reason".
func reasoned(text string) (string, error) {
	text = strings.TrimSpace(text)
	if !ident.Reasoned(text, reasonLeast, reasonMost) {
		return "", fault.New(fault.Invalid, "fault.fields").With("reason", "dual.reason_length", "least", reasonLeast, "most", reasonMost)
	}
	return text, nil
}

// content is what is sealed of an act.
type content struct {
	Body   json.RawMessage `json:"body,omitempty"`
	Reason string          `json:"reason"`
	Answer string          `json:"answer,omitempty"`
}

func (s *Store) seal(a Act) ([]byte, error) {
	plain, err := json.Marshal(content{a.Body, a.Reason, a.Answer})
	if err != nil {
		return nil, err
	}
	return s.Ring.Seal(plain, []byte(a.ID))
}

func (s *Store) insert(tx *storage.Tx, a Act) (bool, error) {
	chain, err := json.Marshal(a.Scope)
	if err != nil {
		return false, err
	}
	sealed, err := s.seal(a)
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(`insert into dual_act (id, kind, subject, person, chain, content, state, standing,
		proposer, proposer_person, proposer_name, second, second_name, proposed, expires, ended)
		values ($1, $2, $3, $4, $5, $6, 'proposed', '', $7, $8, $9, '', '', $10, $11, 0)
		on conflict (kind, subject, standing) do nothing`,
		a.ID, a.Kind, a.Subject, a.Person, string(chain), sealed,
		a.Proposer, a.person, a.ProposerName, clock.Micros(a.Proposed), clock.Micros(a.Expires))
	return n == 1, err
}
