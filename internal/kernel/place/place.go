// Package place knows the district's places: anything with an address or a
// door, in one tree from the district down to a gate or a room. Names are
// public and plain. A place's chain, from itself up to the district, is what
// permissions at a scope are checked against.
//
// It refuses to know who is inside a place, what it may do or how it is drawn
// on a map; to move a place; and to hold anything about a person.
package place

import (
	"embed"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"breakwater/internal/fault"
	"breakwater/internal/storage"
)

// Schema is the package's tables.
//
//go:embed schema/*.sql
var Schema embed.FS

// Module names the schema for storage.Migrate.
func Module() storage.Module { return storage.Module{Name: "place", Files: Schema} }

// ID is a place's id, "pla_…".
type ID = string

// Kind says what sort of place it is.
type Kind string

// The kinds, from the root down.
const (
	DistrictKind Kind = "district"  // the root; one per installation
	Street       Kind = "street"    // 街道 or town
	Community    Kind = "community" // 社区 or village
	Park         Kind = "park"      // industrial or office park, 园区
	Site         Kind = "site"      // one organisation's own premises, 厂区
	Building     Kind = "building"
	Gate         Kind = "gate" // where people are checked in and out
	Room         Kind = "room" // ward, classroom, machine room, isolation room
)

// under lists the kinds a kind may stand directly under.
var under = map[Kind][]Kind{
	Street:    {DistrictKind},
	Community: {DistrictKind, Street},
	Park:      {DistrictKind, Street, Community},
	Site:      {DistrictKind, Street, Community, Park, Building},
	Building:  {DistrictKind, Street, Community, Park, Site},
	Gate:      {Park, Site, Building},
	Room:      {Site, Building},
}

// Valid reports whether k is a kind the district knows.
func (k Kind) Valid() bool { return k == DistrictKind || under[k] != nil }

// Place is one place.
type Place struct {
	ID     ID
	Parent ID // "" for the district
	Kind   Kind
	Name   string // as the sign at the door has it
	NameEN string // may be empty: then Name serves in every language
	// Organisation is the firm a site or gate belongs to, "" where it is shared.
	Organisation string
	Path         string // ids from the root to the place, joined by "/"
	Created      time.Time
}

// In returns the place's name in a language ("en", "zh-Hans").
func (p Place) In(lang string) string {
	if p.NameEN != "" && strings.HasPrefix(lang, "en") {
		return p.NameEN
	}
	return p.Name
}

// Within reports whether p is the place above or somewhere below it.
func (p Place) Within(above ID) bool { return slices.Contains(strings.Split(p.Path, "/"), above) }

// nameMax is the longest name in characters: what fits on a sign and a slip.
const nameMax = 80

// validate checks what needs no database.
func (p Place) validate() error {
	f := fault.New(fault.Invalid, "place.invalid")
	if !named(p.Name) {
		f.With("name", "place.name", "max", nameMax)
	}
	if p.NameEN != "" && !named(p.NameEN) {
		f.With("name_en", "place.name", "max", nameMax)
	}
	if !p.Kind.Valid() {
		f.With("kind", "place.unknown_kind", "kind", string(p.Kind))
	}
	if p.Organisation != "" && p.Kind != Site && p.Kind != Gate {
		f.With("organisation", "place.organisation")
	}
	return f.OrNil()
}

func named(s string) bool {
	if strings.TrimSpace(s) != s || s == "" || utf8.RuneCountInString(s) > nameMax || !utf8.ValidString(s) {
		return false
	}
	return !strings.ContainsFunc(s, unicode.IsControl)
}
