package workresume

import (
	"context"
	"embed"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/credential"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/party"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/kernel/statuslist"
	"breakwater/internal/keyring"
	"breakwater/internal/storage"

	"golang.org/x/sync/semaphore"
)

//go:embed schema/*.sql
var schema embed.FS

// Module is the service's schema.
func Module() storage.Module { return storage.Module{Name: "workresume", Files: schema} }

//go:embed pack/four-classes.toml pack/file-and-promise.toml pack/lifted.toml pack/dynamic.toml pack/colour.toml pack/people.toml
var packs embed.FS

// Pack is the rules a new store begins with: file, negative list and promise.
func Pack() (*rule.Pack, error) { return rule.LoadFile(packs, "pack/file-and-promise.toml") }

// PromisePack is what a firm's promise is held against while it works.
func PromisePack() (*rule.Pack, error) { return rule.LoadFile(packs, "pack/dynamic.toml") }

// Regimes are the three the district had in 2020, each with its dates.
func Regimes() (*rule.Library, error) {
	names := [...]string{"pack/four-classes.toml", "pack/file-and-promise.toml", "pack/lifted.toml"}
	list := make([]*rule.Pack, len(names))
	for i, n := range names {
		var err error
		if list[i], err = rule.LoadFile(packs, n); err != nil {
			return nil, fmt.Errorf("%s: %w", n, err)
		}
	}
	return rule.NewLibrary(list...)
}

// Store is what the service needs of a database: imports write at low
// priority, exports read beside the hot pool.
type Store interface {
	storage.Store
	WriteLow(ctx context.Context, fn storage.WriteFunc) error
	Export(ctx context.Context, fn storage.ReadFunc) error
}

// Places is asked where parks and gates are.
type Places interface {
	// Gate returns the place a gate opens (a park or a firm's site), the firm
	// whose site it is ("" for a park), and the gate's scopes, narrow to wide.
	Gate(r storage.Reader, id string) (Gate, error)
	// IsPark reports whether id is a park of the district.
	IsPark(r storage.Reader, id string) (bool, error)
}

// Gate is a door and what lies behind it.
type Gate struct {
	ID, Name string
	Place    string // counted together: all gates of one place
	Park     string
	Firm     string // "" when every firm of the park goes in here
}

// Signer signs credentials; it is called outside transactions only.
type Signer interface {
	Sign(c credential.Claims) (string, error)
}

// Uploads keeps the bytes of a roster file until its import has ended.
type Uploads interface {
	Put(id string, r io.Reader) (size int64, err error)
	Open(id string) (Upload, error) // fault NotFound when the bytes are gone
	Drop(id string)
}

// Upload is one kept file.
type Upload interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// Deps is what the service stands on. District is the place id every officer's
// scope ends in; PublicURL starts the address in a certificate's small QR.
type Deps struct {
	Store    Store
	Log      *eventlog.Log
	Parties  *party.Store
	Ring     *keyring.Ring
	Places   Places
	Uploads  Uploads
	Signer   Signer
	Trust    *credential.Trust
	Status   *statuslist.Store
	Pack     *rule.Pack    // decides until another policy is activated
	Regimes  *rule.Library // policies that come with the program; nil for none
	Promise  *rule.Pack    // what facts are held against; nil: nothing is watched
	Cases    *casework.Store
	Acts     *dual.Store // acts that need two people; has ActKinds
	Staff    Staff       // nil: a case cannot be given away
	Accounts Accounts    // nil: nobody signs in by themself
	Streets  Streets     // nil: no streets are known

	// Waited is how long work waits for a processor just now; nil: nobody knows.
	Waited func() time.Duration

	Clock     clock.Clock
	District  string
	Issuer    string // the district's name, in every credential
	PublicURL string
	Zone      *time.Location // the district's
}

// Service is work resumption.
type Service struct {
	Deps
	policies   policies
	running    sync.Map            // import id → *progress of this process
	reading    *semaphore.Weighted // bytes of the files being read
	closing    atomic.Bool
	board      board
	figures    figures
	openly     openly
	roll       *roll
	desk       gathering[*passOrder]
	turnstile  gathering[*tap]
	gates      sync.Map // id → knownGate
	colours    func() (*rule.Pack, error)
	riskWake   chan struct{}
	peoplePack func() (*rule.Pack, error)
	closed     string // the last day whose figures are kept
	watch      *watcher
}

// New returns the service; call Run to let it work in the background.
func New(d Deps) *Service {
	s := &Service{Deps: d, roll: newRoll(), reading: semaphore.NewWeighted(readingMost), turnstile: gathering[*tap]{pace: tapPace}, watch: newWatcher(), policies: policies{regimes: d.Regimes, wake: make(chan struct{}, 1)}}
	s.colours = sync.OnceValues(ColourPack)
	s.riskWake = make(chan struct{}, 1)
	s.peoplePack = sync.OnceValues(PeoplePack)
	s.roll.others = d.Log.Shared()
	return s
}

func noFirm() error { return fault.New(fault.NotFound, "workresume.firm_unknown") }

// append records a public fact about a firm.
func (s *Service) record(tx *storage.Tx, by auth.Principal, name, firm string, body any) error {
	s.marked(tx, firm, name)
	s.recount(tx, firm)
	_, err := s.Log.Append(tx, eventlog.Fact{Stream: "firm:" + firm, Name: "workresume." + name, Actor: by.ID, At: s.Clock(), Body: body})
	return err
}

// recordPerson records a fact about a person, sealed under that person's key.
func (s *Service) recordPerson(tx *storage.Tx, by auth.Principal, name, stream, person string, body any) error {
	s.sightedHealth(tx, name, person, body)
	_, err := s.Log.Append(tx, eventlog.Fact{Stream: stream, Name: "workresume." + name, Actor: by.ID, Subject: person, At: s.Clock(), Body: body})
	return err
}
