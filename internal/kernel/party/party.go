// Package party knows people and organisations, and keeps what identifies a
// person sealed: the store holds ciphertext and keyed hashes, the key lives
// outside it. People are found by exact ID number, phone or full name; they
// are shown masked; opening one for a human to read needs a reason, and leaves
// a fact behind.
//
// It refuses partial-name search across the whole district (only within a set
// of ids the caller may see, opened in memory), to change a known person
// silently when somebody files them again, and to judge whether a person may
// do anything.
package party

import (
	"embed"
	"hash/maphash"
	"sync/atomic"

	"breakwater/internal/ident"
	"breakwater/internal/storage"
)

// Schema is the package's tables.
//
//go:embed schema/*.sql
var Schema embed.FS

// Module names the schema for storage.Migrate.
func Module() storage.Module { return storage.Module{Name: "party", Files: Schema} }

// ID is the id of a person, "per_…", or of an organisation, "fir_…".
type ID = string

// Person is a person in the open. It lives in memory only: never log it, never
// store it in an answer or a public fact, never send it to a screen without
// Reveal.
type Person struct {
	ID       ID
	Name     string
	IDKind   string // ident.KindMainland, KindPassport, …
	IDNumber string
	Phone    string // mainland mobile, or + and country; may be empty
	Address  string // may be empty
	Native   string // native place, 籍贯; may be empty
}

// MaskedPerson is what lists and screens show of a person. All but ID are
// empty when the person was erased.
type MaskedPerson struct {
	ID       ID     `json:"id"`
	Name     string `json:"name"`      // 李*娜
	IDNumber string `json:"id_number"` // 3302**********1234
	Phone    string `json:"phone"`     // 138****1234
	Erased   bool   `json:"erased"`
}

// Mask returns p as screens show it.
func (p Person) Mask() MaskedPerson {
	return MaskedPerson{ID: p.ID, Name: ident.MaskName(p.Name), IDNumber: ident.MaskNumber(p.IDNumber), Phone: ident.MaskPhone(p.Phone)}
}

// Ring seals, opens and hashes; *keyring.Ring is the real one.
type Ring interface {
	Seal(plain, aad []byte) ([]byte, error)
	Open(sealed, aad []byte) ([]byte, error)
	Hash(domain, text string) []byte
}

// Store reads and writes parties. It is safe for concurrent use.
type Store struct {
	ring     Ring
	runs     runs
	alikes   alikes
	joinings atomic.Uint64
}

// New returns a store that seals with ring.
func New(ring Ring) *Store { return &Store{ring: ring, alikes: alikes{seed: maphash.MakeSeed()}} }
