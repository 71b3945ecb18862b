package place

import (
	"slices"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/storage"
)

// Detail sets one of a new place's lesser attributes.
type Detail func(*Place)

// English gives the place its English name.
func English(name string) Detail { return func(p *Place) { p.NameEN = name } }

// BelongingTo says whose site or gate it is.
func BelongingTo(organisation string) Detail {
	return func(p *Place) { p.Organisation = organisation }
}

// Add adds a place under parent, which exists already: so the tree cannot hold
// a cycle. A gate has a park or a site somewhere above it, for a gate's guard
// acts in that place's name. The district itself comes from AddDistrict.
//
// Invalid: a bad name, an unknown kind, a kind that cannot stand there.
// NotFound: no such parent. Conflict: a sibling of the kind has the name.
func Add(tx *storage.Tx, parent ID, kind Kind, name string, now time.Time, details ...Detail) (Place, error) {
	p := Place{Parent: parent, Kind: kind, Name: name, Created: now}
	for _, d := range details {
		d(&p)
	}
	if err := p.validate(); err != nil {
		return Place{}, err
	}
	above, err := Get(tx, parent)
	if err != nil {
		return Place{}, err
	}
	if !slices.Contains(under[kind], above.Kind) {
		return Place{}, misplaced(kind, above.Kind)
	}
	if kind == Gate && above.Kind == Building {
		chain, err := Chain(tx, parent)
		if err != nil {
			return Place{}, err
		}
		if !slices.ContainsFunc(chain, func(c Place) bool { return c.Kind == Park || c.Kind == Site }) {
			return Place{}, misplaced(kind, above.Kind)
		}
	}
	p.ID = ident.New("pla", now)
	p.Path = above.Path + "/" + p.ID
	return p, insert(tx, p)
}

func misplaced(kind, above Kind) error {
	return fault.New(fault.Invalid, "place.invalid").
		With("parent", "place.misplaced", "kind", string(kind), "above", string(above))
}

func insert(tx *storage.Tx, p Place) error {
	n, err := tx.Exec(`insert into place_place (id, parent, kind, name, name_en, organisation, path, created)
values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (parent, kind, name) do nothing`,
		p.ID, p.Parent, string(p.Kind), p.Name, p.NameEN, p.Organisation, p.Path, clock.Micros(p.Created))
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "place.exists", "name", p.Name)
	}
	return err
}
