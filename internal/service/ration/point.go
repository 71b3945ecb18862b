package ration

import (
	"context"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
)

// The kinds of point.
const (
	Shop  = "shop"  // where people fetch
	Depot = "depot" // from where shops are supplied
)

// Point is a shop or a depot. Its name and place are public.
type Point struct {
	ID      string    `json:"id"`
	Kind    string    `json:"kind"`
	Name    string    `json:"name"`
	Address string    `json:"address"`
	Town    string    `json:"town"`          // as people of it say; draws per town go by it
	Lat     float64   `json:"lat,omitempty"` // degrees, WGS 84; 0 and 0 where nobody measured
	Lon     float64   `json:"lon,omitempty"`
	Phone   string    `json:"phone,omitempty"`
	Opened  time.Time `json:"opened"`
	Closed  time.Time `json:"closed,omitzero"`
	Why     string    `json:"why,omitempty"`     // it is closed: for everybody
	Instead string    `json:"instead,omitempty"` // the point where its bookings are handed over meanwhile
}

// PointInput is one point to open.
type PointInput struct {
	Kind, Name, Address, Town, Phone string
	Lat, Lon                         float64
	Key                              once.Key
}

// OpenPoint adds a shop or a depot.
//
// Faults: Denied; Invalid with fields; Conflict "ration.point_there" for the name.
func (s *Service) OpenPoint(ctx context.Context, by auth.Principal, in PointInput) (Point, error) {
	if err := by.Permit(MayPlan, Grants, s.district()); err != nil {
		return Point{}, err
	}
	in = in.folded()
	if err := in.check(); err != nil {
		return Point{}, err
	}
	var out Point
	err := s.Store.Write(ctx, func(tx *storage.Tx) (err error) {
		out, err = once.Do(tx, in.Key, s.Clock(), func() (Point, error) { return s.openPoint(tx, by, in) })
		return err
	})
	return out, err
}

func (in PointInput) folded() PointInput {
	in.Name, in.Address, in.Town, in.Phone = ident.Fold(in.Name), ident.Fold(in.Address), ident.Fold(in.Town), strings.TrimSpace(in.Phone)
	return in
}

// openPoint stores a point. Faults: Conflict with field name where there is one so called.
func (s *Service) openPoint(tx *storage.Tx, by auth.Principal, in PointInput) (Point, error) {
	now := s.Clock()
	p := Point{ID: ident.New("poi", now), Kind: in.Kind, Name: in.Name, Address: in.Address, Town: in.Town, Lat: in.Lat, Lon: in.Lon, Phone: in.Phone, Opened: now}
	n, err := tx.Exec(`insert into ration_point (point, kind, name, address, town, lat, lon, phone, opened, closed)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0) on conflict (name) do nothing`,
		p.ID, p.Kind, p.Name, p.Address, p.Town, micro(p.Lat), micro(p.Lon), p.Phone, clock.Micros(now))
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "fault.fields").With("name", "ration.point_there")
	}
	if err != nil {
		return p, err
	}
	return p, s.record(tx, by, factPointOpened, "point:"+p.ID, p)
}

func (in PointInput) check() error {
	bad := fault.New(fault.Invalid, "fault.fields")
	if in.Kind != Shop && in.Kind != Depot {
		bad.With("kind", "ration.point_kind")
	}
	for _, f := range []struct {
		name, text string
		least      int
	}{{"name", in.Name, 2}, {"address", in.Address, 2}, {"town", in.Town, 0}, {"phone", in.Phone, 0}} {
		if n := utf8.RuneCountInString(f.text); n < f.least || n > 80 {
			bad.With(f.name, "ration.length", "least", f.least, "most", 80)
		}
	}
	if in.Lat < -90 || in.Lat > 90 || in.Lon < -180 || in.Lon > 180 {
		bad.With("lat", "ration.point_where")
	}
	return bad.OrNil()
}

// micro is degrees in millionths, as they are stored.
func micro(deg float64) int64 { return int64(math.Round(deg * 1e6)) }

const pointColumns = `select point, kind, name, address, town, lat, lon, phone, opened, closed, why, instead from ration_point `

func scanPoint(from interface{ Scan(...any) error }) (p Point, err error) {
	var lat, lon, opened, closed int64
	err = from.Scan(&p.ID, &p.Kind, &p.Name, &p.Address, &p.Town, &lat, &lon, &p.Phone, &opened, &closed, &p.Why, &p.Instead)
	p.Lat, p.Lon, p.Opened, p.Closed = float64(lat)/1e6, float64(lon)/1e6, instant(opened), instant(closed)
	return p, err
}

func (s *Service) point(r storage.Reader, id string) (Point, error) {
	p, err := scanPoint(r.Row(pointColumns+`where point = $1`, id))
	if storage.NoRows(err) {
		err = noPoint()
	}
	return p, err
}

// HasPoint refuses what is no point, for whoever gives roles at one.
//
// Faults: NotFound "ration.no_point".
func (s *Service) HasPoint(r storage.Reader, id string) error {
	_, err := s.point(r, id)
	return err
}

// PointName is what a point is called. Faults: NotFound.
func (s *Service) PointName(r storage.Reader, id string) (string, error) {
	p, err := s.point(r, id)
	return p.Name, err
}

// Points lists the open points, by town and name. It is public.
func (s *Service) Points(ctx context.Context) (list []Point, err error) {
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		list, err = s.PointsIn(r)
		return err
	})
	return list, err
}

// PointsIn is Points for whoever is reading already.
func (s *Service) PointsIn(r storage.Reader) ([]Point, error) {
	return storage.All(r, func(rows *storage.Rows) (Point, error) { return scanPoint(rows) }, pointColumns+`where closed = 0 order by town, name limit 5000`)
}
