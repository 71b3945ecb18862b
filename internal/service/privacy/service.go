// Package privacy is what people can learn and ask about their own details: who
// opened them and why, that a detail be corrected, that a record which is not theirs be
// taken from theirs, that all of them be erased. An
// officer of the whole district settles what is asked.
//
// Invariants: nobody reads another's looks or requests; whoever settles says why;
// an erased person's facts stand in the log without their content, and the log
// verifies as before.
//
// It refuses to show who looked by name (the office counts, and staff have a
// private life too), to erase somebody whom a firm's roster still holds (the gate
// would turn them away with nobody knowing why), and to keep what was wished once
// it is settled.
package privacy

import (
	"context"
	"embed"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/party"
	"breakwater/internal/keyring"
	"breakwater/internal/storage"
)

// Schema is the service's tables.
//
//go:embed schema/*.sql
var Schema embed.FS

// Module names the schema for storage.Migrate.
func Module() storage.Module { return storage.Module{Name: "privacy", Files: Schema} }

// The permissions of this service.
const (
	MayAsk    auth.Permission = "privacy.ask"    // about one's own details
	MaySettle auth.Permission = "privacy.settle" // what others ask
)

// Grants says which roles have them.
var Grants = auth.Grants{
	MayAsk:    {auth.Worker, auth.Resident},
	MaySettle: {auth.Officer},
}

// Actors is asked what an account is: its role, and its place for a person to read.
type Actors interface {
	Actor(ctx context.Context, id string) (role auth.Role, place string, err error)
}

// Holder is a room that keeps something about people beside party.
type Holder interface {
	// Holds says why a person cannot be forgotten now, as a fault, or nil.
	Holds(r storage.Reader, person string) error
	// Forget removes what the room keeps about a person, in the caller's transaction.
	Forget(tx *storage.Tx, person string) error
}

// Teller is a room that can say what it keeps about a person. lang is the reader's.
type Teller interface {
	Tell(r storage.Reader, person, lang string) ([]party.Told, error)
}

// FullTeller is a Teller that can say more, at length, for the file somebody takes along.
type FullTeller interface {
	TellAll(r storage.Reader, person, lang string) ([]party.Told, error)
}

// Deps is what the service stands on. District is where an officer must sit to
// settle.
type Deps struct {
	Store    *storage.DB
	Log      *eventlog.Log
	Parties  *party.Store
	Ring     *keyring.Ring
	Clock    clock.Clock
	District string
	Actors   Actors
	Holders  []Holder
	Tellers  []Teller
	Records  Parter
}

// Service is privacy.
type Service struct{ Deps }

// New returns the service.
func New(d Deps) *Service { return &Service{d} }

// own permits a person's own affairs and names the person.
func own(by auth.Principal) (string, error) {
	if err := by.Permit(MayAsk, Grants, auth.Person(by.Person)); err != nil {
		return "", err
	}
	return by.Person, nil
}

func (s *Service) maySettle(by auth.Principal) error {
	return by.Permit(MaySettle, Grants, auth.District(s.District))
}

func noRequest() error { return fault.New(fault.NotFound, "privacy.no_request") }
