package casework

import (
	"embed"
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
func Module() storage.Module { return storage.Module{Name: "casework", Files: schema} }

// Kind is one sort of case. Who works it holds Work under Grants at the case's
// scope. The message "casework.kind.<Name>" is what people call it.
type Kind struct {
	Name   string
	Work   auth.Permission
	Grants auth.Grants
	Days   int // working days to decide
}

// The states of a case.
const (
	Open    = "open"    // the clock runs: somebody of the district has to act
	Waiting = "waiting" // the clock stands: the applicant has to answer
	Closed  = "closed"
)

// Point is one line of the list of what is missing. Rule is the rule that found
// it, "" for what an officer added in Text.
type Point struct {
	Rule string `json:"rule,omitempty"`
	Text string `json:"text,omitempty"`
}

// Check is a look at the place.
type Check struct {
	How    string    `json:"how"` // OnSite or ByVideo
	Passed bool      `json:"passed"`
	Note   string    `json:"note"`
	By     string    `json:"by"` // as staff are shown
	At     time.Time `json:"at"`
}

// How a place is looked at.
const (
	OnSite  = "site"
	ByVideo = "video"
)

// Decider is who decided something, as far as another must not be the same person.
type Decider struct {
	Account string `json:"account"`
	Person  string `json:"person,omitempty"`
	Name    string `json:"name,omitempty"`
}

// DeciderOf is a principal as one who decides.
func DeciderOf(p auth.Principal) Decider { return Decider{p.ID, p.Person, p.Name} }

// Case is one matter on its way.
type Case struct {
	ID      string
	Kind    string
	Subject string // what it is about, "fir_…"
	Person  string // whose key seals the facts, "" for none
	Title   string
	Scope   []auth.Scope
	State   string
	Clock   Clock
	Opened  time.Time
	Note    string // what was asked for, in the applicant's words

	Assignee, AssigneeName string // "" while nobody has it
	Handed                 Handed // how the last assignment came about; zero once something else happened

	Asked   time.Time // when the list was told; it is told once
	Missing []Point
	Checks  []Check

	Escalated time.Time // when it was late; zero while it never was
	Before    []Decider // of an appeal: who decided, and may not decide again
	About     string    // of an appeal: what it is against

	Outcome string // of a closed case, the service's word
	Reason  string
	Decider Decider
	Also    []Decider // who decided with them, where two had to
	Closed  time.Time
}

// Recorder is the event log.
type Recorder interface {
	Append(tx *storage.Tx, f eventlog.Fact) (string, error)
}

// Ring seals what was written about a case; *keyring.Ring is the real one.
type Ring interface {
	Seal(plain, aad []byte) ([]byte, error)
	Open(sealed, aad []byte) ([]byte, error)
}

// Deps is what the store of cases stands on. District is the scope of the calendar.
type Deps struct {
	Log      Recorder
	Ring     Ring
	Now      clock.Clock
	Zone     *time.Location
	District string
}

// Store keeps the cases of one district. It is safe for concurrent use.
type Store struct {
	Deps
	kinds     map[string]Kind
	published []Year
	drawing   chan struct{} // one photo at a time: each takes a hundred megabytes for a moment
}

// New returns the store for the kinds that the services declare.
//
// Faults: Invalid when a year's file that the program brings along does not read.
func New(d Deps, kinds ...Kind) (*Store, error) {
	years, err := Published()
	if err != nil {
		return nil, err
	}
	s := &Store{Deps: d, kinds: make(map[string]Kind, len(kinds)), published: years, drawing: make(chan struct{}, 1)}
	for _, k := range kinds {
		s.kinds[k.Name] = k
	}
	return s, nil
}

func (s *Store) permit(by auth.Principal, kind string, scope []auth.Scope) error {
	k, ok := s.kinds[kind]
	if !ok {
		return fault.New(fault.Internal, "casework.kind_unknown", "kind", kind)
	}
	return by.Permit(k.Work, k.Grants, scope...)
}

// The facts of this package, in the stream "case:" and the id.
const (
	FactOpened    = "casework.opened"
	FactTaken     = "casework.taken"
	FactGiven     = "casework.given"
	FactReleased  = "casework.released"
	FactUndone    = "casework.assignment_undone" // the last of these three was taken back
	FactAsked     = "casework.asked"
	FactAnswered  = "casework.answered"
	FactChecked   = "casework.checked"
	FactRestated  = "casework.restated" // what was asked for, in other words
	FactEscalated = "casework.escalated"
	FactChief     = "casework.escalated_chief" // late still, a working day later
	FactSeen      = "casework.notice_seen"
	FactPhoto     = "casework.photo_added"
	FactClosed    = "casework.closed"
	FactDueMoved  = "casework.due_moved"    // another calendar
	FactCalendar  = "casework.calendar_set" // in the stream "calendar:<year>"
)

// FactBody is the body of the facts about a case; each fills in what it changes.
type FactBody struct {
	Kind     string     `json:"kind"`
	Subject  string     `json:"subject"`
	Due      *time.Time `json:"due,omitempty"`
	Assignee string     `json:"assignee,omitempty"`
	Missing  []Point    `json:"missing,omitempty"`
	Check    *Check     `json:"check,omitempty"`
	Photo    string     `json:"photo,omitempty"` // SHA-256 of the picture as kept
	Outcome  string     `json:"outcome,omitempty"`
	Reason   string     `json:"reason,omitempty"`
}

func (s *Store) record(tx *storage.Tx, name, actor string, c Case, b FactBody) error {
	b.Kind, b.Subject = c.Kind, c.Subject
	_, err := s.Log.Append(tx, eventlog.Fact{Stream: "case:" + c.ID, Name: name, Actor: actor, Subject: c.Person, At: s.Now(), Body: b})
	return err
}
