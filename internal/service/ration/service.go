package ration

import (
	"context"
	"embed"
	"sync"
	"sync/atomic"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/kernel/party"
	"breakwater/internal/keyring"
	"breakwater/internal/storage"
)

//go:embed schema/*.sql
var schema embed.FS

// Module is the service's schema.
func Module() storage.Module { return storage.Module{Name: "ration", Files: schema} }

// Store is what the service needs of a database.
type Store interface {
	storage.Store
	WriteLow(ctx context.Context, fn storage.WriteFunc) error
}

// Ledger is what is scarce; *ledger.Books is the real one.
type Ledger interface {
	OpenBook(tx *storage.Tx) (ledger.BookID, error)
	OpenAccount(tx *storage.Tx, a ledger.Account) (ledger.Account, error)
	OpenQuota(tx *storage.Tx, q ledger.Quota) (ledger.Quota, error)
	Admit(ctx context.Context, book ledger.BookID, want []ledger.Transfer, then ledger.Then) (ledger.Receipt, error)
	AdmitAt(ctx context.Context, book ledger.BookID, want []ledger.Transfer, then func(tx *storage.Tx, at time.Time) error) (ledger.Receipt, error)
}

// Applicants is asked what the district knows of who asks: the house's facts by name,
// as Entitled takes them. What is not known is left out.
type Applicants interface {
	PersonFacts(r storage.Reader, person string) (map[string]any, error)
	FirmFacts(r storage.Reader, firm string) (map[string]any, error)
	// Speaks is whether somebody can speak for themself: by an account of their own, or as
	// one of a firm's roster.
	Speaks(r storage.Reader, person string) (bool, error)
	// Returned lists the people of a firm who are back at work.
	Returned(r storage.Reader, firm string) ([]string, error)
}

// Deps is what the service stands on. District is the place id every officer's scope
// ends in.
type Deps struct {
	Store      Store
	Log        *eventlog.Log
	Ledger     Ledger
	Parties    *party.Store
	Ring       *keyring.Ring
	Acts       *dual.Store // acts that need two people; has ActKinds
	Applicants Applicants
	Beacon     Beacon // nil: seeds are witnesses' alone

	// Audit proves the ledger from its first transfer and tells how far it has come; nil
	// where nobody may ask for it.
	Audit func(ctx context.Context, tell func(done, total int64)) (ledger.Report, error)

	Messages Messages // nil: nobody is sent any

	// Waited is how long work waits for a processor; nil where nobody measures. A
	// waiting room lets in fewer while it is long.
	Waited func() time.Duration

	Clock    clock.Clock
	District string
	Zone     *time.Location // the district's
}

// Service is rationed supplies.
type Service struct {
	Deps
	campaigns sync.Map      // id → *opened; what is open never changes
	offers    sync.Map      // id → *Offer; likewise
	owed      chan struct{} // something is owed to the ledger
	runs      runs
	fed       feed
	audited   audits
	shown     sync.Map // id → *shown
	rooms     sync.Map // roomKey → *room
	several   several
	calm      sync.Map // roomKey → time.Time: a round that is over needs no sweeping until then
	glances   glances
	shut      shut
	roomsDue  atomic.Pointer[roomsDue]

	unguarded bool // for tests only: claims as if there were no turn
}

// New returns the service; call Run to let it work in the background.
func New(d Deps) *Service { return &Service{Deps: d, owed: make(chan struct{}, 1)} }

func (s *Service) today() Day { return DayOf(s.Clock().In(s.Zone)) }

func noCampaign() error  { return fault.New(fault.NotFound, "ration.no_campaign") }
func noPoint() error     { return fault.New(fault.NotFound, "ration.no_point") }
func noOffer() error     { return fault.New(fault.NotFound, "ration.no_offer") }
func noAllotment() error { return fault.New(fault.NotFound, "ration.no_allotment") }
