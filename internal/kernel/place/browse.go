package place

import (
	"database/sql"
	"slices"
	"strings"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/storage"
)

const columns = `select id, parent, kind, name, name_en, organisation, path, created from place_place `

func scan(rows *sql.Rows) (Place, error) {
	var p Place
	var us int64
	err := rows.Scan(&p.ID, &p.Parent, &p.Kind, &p.Name, &p.NameEN, &p.Organisation, &p.Path, &us)
	p.Created = clock.FromMicros(us)
	return p, err
}

// Get returns a place. NotFound: there is none with this id.
func Get(r storage.Reader, id ID) (Place, error) {
	found, err := storage.All(r, scan, columns+`where id = $1`, id)
	if err != nil {
		return Place{}, err
	}
	if len(found) == 0 {
		return Place{}, fault.New(fault.NotFound, "place.unknown")
	}
	return found[0], nil
}

// Find returns the child of parent with this kind and name.
// NotFound: there is none.
func Find(r storage.Reader, parent ID, kind Kind, name string) (Place, error) {
	found, err := storage.All(r, scan, columns+`where parent = $1 and kind = $2 and name = $3`, parent, string(kind), name)
	if err != nil {
		return Place{}, err
	}
	if len(found) == 0 {
		return Place{}, fault.New(fault.NotFound, "place.unknown")
	}
	return found[0], nil
}

// Children returns the places directly below one, oldest first.
func Children(r storage.Reader, parent ID) ([]Place, error) {
	return storage.All(r, scan, columns+`where parent = $1 order by id`, parent)
}

// All returns every place of a kind, oldest first.
func All(r storage.Reader, kind Kind) ([]Place, error) {
	return storage.All(r, scan, columns+`where kind = $1 order by id`, string(kind))
}

// Of returns the sites and gates that belong to an organisation, oldest first.
func Of(r storage.Reader, organisation string) ([]Place, error) {
	if organisation == "" {
		return nil, nil
	}
	return storage.All(r, scan, columns+`where organisation = $1 order by id`, organisation)
}

// Chain returns the place itself, its parent, and so on up to the district.
// NotFound: there is no such place.
func Chain(r storage.Reader, id ID) ([]Place, error) {
	self, err := Get(r, id)
	if err != nil {
		return nil, err
	}
	ids := strings.Split(self.Path, "/")
	list, args := storage.In(1, ids)
	found, err := storage.All(r, scan, columns+`where id in (`+list+`)`, args...)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b Place) int { return len(b.Path) - len(a.Path) })
	return found, nil
}

// Nearest returns the first place of a kind on the way up from id, itself
// included. NotFound: there is no such place, or none of the kind above it.
func Nearest(r storage.Reader, id ID, kind Kind) (Place, error) {
	chain, err := Chain(r, id)
	if err != nil {
		return Place{}, err
	}
	for _, p := range chain {
		if p.Kind == kind {
			return p, nil
		}
	}
	return Place{}, fault.New(fault.NotFound, "place.unknown")
}
