package place

import (
	"strings"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/storage"
)

// Home is the district this installation serves: the tree's root, the time
// zone its days begin in and the languages its people are spoken to in.
type Home struct {
	Place
	Zone      string   // IANA name, "Asia/Shanghai"
	Languages []string // the first is the default
}

// Location returns the zone; AddDistrict refused any that does not load.
func (h Home) Location() *time.Location {
	loc, err := time.LoadLocation(h.Zone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// AddDistrict makes the tree's root, once per installation.
//
// Invalid: a bad name, an unknown zone, no language. Conflict: there is one.
func AddDistrict(tx *storage.Tx, h Home, now time.Time) (Home, error) {
	h.Kind, h.Parent, h.Organisation, h.Created = DistrictKind, "", "", now
	if err := h.validate(); err != nil {
		return Home{}, err
	}
	f := fault.New(fault.Invalid, "place.invalid")
	if _, err := time.LoadLocation(h.Zone); err != nil || h.Zone == "" || h.Zone == "Local" {
		f.With("zone", "place.zone", "zone", h.Zone)
	}
	if len(h.Languages) == 0 || strings.Contains(strings.Join(h.Languages, ""), ",") {
		f.With("languages", "place.languages")
	}
	if err := f.OrNil(); err != nil {
		return Home{}, err
	}
	h.ID = ident.New("pla", now)
	h.Path = h.ID
	n, err := tx.Exec(`insert into place_district (single, id, zone, languages) values (1, $1, $2, $3) on conflict do nothing`,
		h.ID, h.Zone, strings.Join(h.Languages, ","))
	switch {
	case err != nil:
		return Home{}, err
	case n == 0:
		return Home{}, fault.New(fault.Conflict, "place.district_exists")
	}
	return h, insert(tx, h.Place)
}

// District returns the district.
//
// NotFound "place.no_district": the store is new and none was named yet.
func District(r storage.Reader) (Home, error) {
	var h Home
	var languages string
	err := r.Row(`select id, zone, languages from place_district where single = 1`).Scan(&h.ID, &h.Zone, &languages)
	if storage.NoRows(err) {
		return Home{}, fault.New(fault.NotFound, "place.no_district")
	}
	if err != nil {
		return Home{}, err
	}
	h.Languages = strings.Split(languages, ",")
	h.Place, err = Get(r, h.ID)
	return h, err
}
