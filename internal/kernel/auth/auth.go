package auth

import (
	"context"
	"embed"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
)

// Schema is this package's tables.
//
//go:embed schema/*.sql
var Schema embed.FS

// Module is the schema as storage applies it.
func Module() storage.Module { return storage.Module{Name: "auth", Files: Schema} }

// Firms is asked which organisations the district knows. party answers, wired
// by app.
type Firms interface {
	// ByCode finds an organisation by its unified social credit code.
	ByCode(ctx context.Context, code string) (FirmFile, bool, error)
	// Register adds one the district did not know, in the caller's transaction;
	// one it knows is answered as it is, named if only its code was known, and put
	// into park if it lies in none. Park is "" for a building in no park.
	Register(tx *storage.Tx, code, name, park string, now time.Time) (FirmFile, error)
	// IsPark reports whether id is a park of the district.
	IsPark(ctx context.Context, id string) (bool, error)
}

// FirmFile is what a claim needs to know of an organisation.
type FirmFile struct{ ID, Name string }

// Residents is asked whose phone this is. It must do like work for a phone
// nobody has as for one on a roster.
type Residents interface {
	ByPhone(ctx context.Context, phone string) ([]Candidate, error)
}

// Candidate is a person a phone may belong to; families share phones. Role is
// Worker for who is on a roster and Resident for others. The number is open, in
// memory only.
type Candidate struct {
	Person, IDNumber string
	Role             Role
}

// Scopes is asked in what a scope lies: the scope itself first, then wider ones
// up to the district.
type Scopes interface {
	Chain(ctx context.Context, s Scope) ([]Scope, error)
}

// Seats is asked who may hold an account of a role and has none yet, when
// tokens for many are wanted: at most n, in a stable order, all inside at
// unless at is zero.
type Seats interface {
	Seats(ctx context.Context, role Role, at Scope, n int) ([]Seat, error)
}

// Seat is someone who may hold an account: a person for a worker, else the
// scope and a public name.
type Seat struct {
	Role   Role
	Scope  Scope
	Person string
	Name   string
}

// Ring seals what must not be read from the store alone; *keyring.Ring is the
// real one.
type Ring interface {
	Seal(plain, aad []byte) ([]byte, error)
	Open(sealed, aad []byte) ([]byte, error)
	Hash(domain, text string) []byte
}

// Recorder is the event log.
type Recorder interface {
	Append(tx *storage.Tx, f eventlog.Fact) (string, error)
}

// Names shows people masked.
type Names interface {
	Masked(r storage.Reader, ids ...party.ID) (map[party.ID]party.MaskedPerson, error)
}

// Deps is what auth stands on. Firms, Residents, Scopes and Seats may be nil:
// then nobody claims, no worker signs in, a scope lies in nothing wider, and
// tokens are for accounts that exist.
type Deps struct {
	Alone bool // no other process writes to the store

	DB        storage.Store
	Ring      Ring
	Log       Recorder
	Names     Names
	Now       clock.Clock
	Firms     Firms
	Residents Residents
	Scopes    Scopes
	Seats     Seats

	Identities Identities // nil: the district has no provider

	Sender    Sender // nil: no codes are sent
	CodesOnly bool   // a phone's six characters open nothing any more
}

// Service is the accounts of one district. It is safe for concurrent use.
type Service struct {
	db        storage.Store
	ring      Ring
	log       Recorder
	masks     Names
	now       clock.Clock
	firms     Firms
	residents Residents
	scopes    Scopes
	seats     Seats
	sender    Sender
	codesOnly bool

	identities Identities

	passwords *hasher
	names     tries    // wrong passwords
	phones    tries    // wrong tries at a phone's six characters
	byChange  *limiter // wrong present passwords, per account
	byNetwork *limiter // either, per client network
	byClaims  *limiter // claims filed, right or wrong, per client network
	byBegins  *limiter // sign-ins begun and not finished, per client network
	byLooks   *limiter // codes of something public that were wrong, per client network
	byCodes   *limiter // codes sent, per client network
	allCodes  *limiter // codes sent in the district
	outbox    chan Message
	notes     chan Message // less pressing than a code
	cache     *cache
}

// Tries. A password is guessed at 1,440 a day from one network, and at 2,880 a
// day by all strangers together. The last six characters of an ID number are
// worth about 31,000 tries (day, sequence, check character), so a phone allows
// 144 a day after five; a factory of thousands behind one address may still
// mistype 200 times at shift start.
const (
	nameBurst, nameEvery       = 8, time.Minute
	farBurst, farEvery         = 60, 30 * time.Second
	phoneBurst, phoneEvery     = 5, 10 * time.Minute
	networkBurst, networkEvery = 200, 30 * time.Second
	claimBurst, claimEvery     = 20, time.Minute
)

// Passwords hashed at once, and callers waiting behind them: two cost 38 MiB,
// and sixty-four are through in one to two seconds on two cores.
const hashesAtOnce, hashQueue = 2, 64

// New returns the service. It starts nothing; see Run.
func New(d Deps) *Service {
	return &Service{
		db: d.DB, ring: d.Ring, log: d.Log, masks: d.Names, now: d.Now,
		firms: d.Firms, residents: d.Residents, scopes: d.Scopes, seats: d.Seats, sender: d.Sender, codesOnly: d.CodesOnly, identities: d.Identities,
		passwords: newHasher(hashesAtOnce, hashQueue, owasp),
		names:     tries{newLimiter(d.Now, nameBurst, nameEvery), newLimiter(d.Now, farBurst, farEvery)},
		phones:    tries{newLimiter(d.Now, phoneBurst, phoneEvery), newLimiter(d.Now, phoneBurst, phoneEvery)},
		byChange:  newLimiter(d.Now, nameBurst, nameEvery),
		byNetwork: newLimiter(d.Now, networkBurst, networkEvery),
		byClaims:  newLimiter(d.Now, claimBurst, claimEvery),
		byBegins:  newLimiter(d.Now, networkBurst, networkEvery),
		byLooks:   newLimiter(d.Now, lookBurst, lookEvery),
		byCodes:   newLimiter(d.Now, codeNetBurst, codeNetEvery),
		allCodes:  newLimiter(d.Now, codesOfDistrict, 24*time.Hour/codesOfDistrict),
		outbox:    make(chan Message, outboxMost),
		notes:     make(chan Message, outboxMost),
		cache:     newCache(!d.Alone),
	}
}

// chain is the scopes a scope lies in, itself first.
func (s *Service) chain(ctx context.Context, at Scope) ([]Scope, error) {
	if s.scopes == nil {
		return []Scope{at}, nil
	}
	return s.scopes.Chain(ctx, at)
}
