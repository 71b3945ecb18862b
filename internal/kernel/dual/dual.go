// Package dual is for acts that one person must not do alone: somebody asks for
// the act with a reason, and it takes effect only when a second person who may do
// the same has looked at it and said yes. It is one mechanism for every service,
// so that the list of what waits, the facts and the races are the same everywhere.
//
// Two people are two people: a second account, a second device or a program's
// token of the same person does not count, and neither does the machine's
// operator, who is nobody in particular.
//
// It refuses to know what an act does (the caller's own function does it, in the
// same transaction as the yes), to let anybody change what was asked once it
// waits, to let an act wait for ever, and to confirm by silence.
package dual

import (
	"embed"
	"encoding/json"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/storage"
)

//go:embed schema/*.sql
var schema embed.FS

// Module is the package's schema.
func Module() storage.Module { return storage.Module{Name: "dual", Files: schema} }

// Kind is one sort of act. Whoever asks and whoever confirms both hold May under
// Grants at the act's scope. The message "dual.kind.<Name>" is what people call it.
type Kind struct {
	Name   string // "workresume.restrict"
	May    auth.Permission
	Grants auth.Grants
	Life   time.Duration // how long an act waits at most; 0 is DayLong
}

// DayLong is how long an act waits where its kind says nothing: what nobody
// confirms within a day is asked again with the facts of that day.
const DayLong = 24 * time.Hour

// The states of an act. Only a proposed act changes.
const (
	Proposed  = "proposed"
	Confirmed = "confirmed"
	Refused   = "refused"   // a second person said no
	Withdrawn = "withdrawn" // the proposer took it back
	Expired   = "expired"
)

// Proposal is what somebody asks for. Subject is what it is done to: one act of a
// kind waits for a subject at a time. Person, if it concerns one, seals the facts.
type Proposal struct {
	Kind    string
	Subject string
	Person  string
	Scope   []auth.Scope // narrow to wide, as for auth.Permit
	Body    any          // JSON, for whoever does the act
	Reason  string
	Expires time.Time // zero: the kind's Life from now; never later
}

// Act is a proposal and what became of it.
type Act struct {
	ID      string
	Kind    string
	Subject string
	Person  string
	Scope   []auth.Scope
	Body    json.RawMessage
	Reason  string
	Answer  string // why it was refused
	State   string

	Proposer, ProposerName string // account, and as staff are shown
	Second, SecondName     string // "" while nobody has answered
	Proposed, Expires      time.Time
	Ended                  time.Time // zero while it waits

	person string // of the proposer
}

// Recorder is the event log.
type Recorder interface {
	Append(tx *storage.Tx, f eventlog.Fact) (string, error)
}

// Ring seals what was asked and why; *keyring.Ring is the real one.
type Ring interface {
	Seal(plain, aad []byte) ([]byte, error)
	Open(sealed, aad []byte) ([]byte, error)
}

// Deps is what the store of acts stands on.
type Deps struct {
	Log  Recorder
	Ring Ring
	Now  clock.Clock
}

// Store keeps the acts of one district. It is safe for concurrent use.
type Store struct {
	Deps
	kinds map[string]Kind
}

// New returns the store for the kinds that the services declare.
func New(d Deps, kinds ...Kind) *Store {
	s := &Store{Deps: d, kinds: make(map[string]Kind, len(kinds))}
	for _, k := range kinds {
		if k.Life <= 0 {
			k.Life = DayLong
		}
		s.kinds[k.Name] = k
	}
	return s
}

// permit asks whether by may ask for, or answer, an act of this kind here.
func (s *Store) permit(by auth.Principal, kind string, scope []auth.Scope) error {
	k, ok := s.kinds[kind]
	if !ok {
		return fault.New(fault.Internal, "dual.kind_unknown", "kind", kind)
	}
	return by.Permit(k.May, k.Grants, scope...)
}

// The facts of this package, in the stream "act:" and the id.
const (
	FactProposed  = "dual.proposed"
	FactConfirmed = "dual.confirmed"
	FactRefused   = "dual.refused"
	FactWithdrawn = "dual.withdrawn"
	FactExpired   = "dual.expired"
)

// FactBody is the body of each. Reason is the proposer's, or why it was refused.
type FactBody struct {
	Kind     string `json:"kind"`
	Subject  string `json:"subject"`
	Proposer string `json:"proposer"`
	Reason   string `json:"reason,omitempty"`
}

func (s *Store) record(tx *storage.Tx, name, actor, reason string, a Act) error {
	_, err := s.Log.Append(tx, eventlog.Fact{
		Stream: "act:" + a.ID, Name: name, Actor: actor, Subject: a.Person, At: s.Now(),
		Body: FactBody{Kind: a.Kind, Subject: a.Subject, Proposer: a.Proposer, Reason: reason},
	})
	return err
}
