package workresume

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
)

// Travel is where somebody came from, how, where they live here, and where they
// were in the last days. Days are 2006-01-02.
type Travel struct {
	Origin  string    `json:"origin"`
	Arrived string    `json:"arrived"`
	Route   string    `json:"route"`   // train, flight, plate, seat
	Lodging string    `json:"lodging"` // address here
	Street  string    `json:"street"`  // of the lodging, a place's id; "" if not said. The one part an office finds
	Visits  []Visit   `json:"visits"`
	At      time.Time `json:"at,omitzero"` // when it was last said; zero: never

	ByHelper bool   `json:"by_helper,omitempty"` // a helper said it, and not the person
	Helper   string `json:"helper,omitempty"`    // masked; "" for an office
}

// Visit is one place and its days, both counted.
type Visit struct {
	Place string `json:"place"`
	From  string `json:"from"`
	Until string `json:"until"`
}

// TravelInput is what one says of oneself.
type TravelInput struct {
	Travel
	Key once.Key
}

// MostVisits is how many places one says at most, besides the origin.
const MostVisits = 10

func (t *Travel) mend(today casework.Day) error {
	bad := fault.New(fault.Invalid, "fault.fields")
	// Each says what is wanted in it: nobody else reads this, so no reason is asked for.
	text := func(field string, in *string, code string, least, most int) bool {
		*in = strings.TrimSpace(*in)
		n := len([]rune(*in))
		if n < least || n > most {
			bad.With(field, code, "least", least, "most", most)
		}
		return n >= least && n <= most
	}
	text("route", &t.Route, "workresume.route_length", 0, 200)
	text("lodging", &t.Lodging, "workresume.lodging_length", 2, 200)
	place := func(field string, name *string) {
		if !text(field, name, "workresume.place_length", 2, 80) {
			return
		}
		if _, ok := plainPlace(*name); !ok {
			bad.With(field, "workresume.place_province")
		}
	}
	place("origin", &t.Origin)
	day := func(field, d string) casework.Day {
		n := readDay(d)
		if n == 0 || n > today || n < today-365 {
			bad.With(field, "workresume.travel_day")
		}
		return n
	}
	day("arrived", t.Arrived)
	if len(t.Visits) > MostVisits {
		bad.With("place", "workresume.out_of_range", "least", 0, "most", MostVisits)
	}
	for i := range t.Visits {
		v := &t.Visits[i]
		place(fmt.Sprintf("place[%d]", i), &v.Place)
		if day(fmt.Sprintf("from[%d]", i), v.From) > day(fmt.Sprintf("until[%d]", i), v.Until) {
			bad.With(fmt.Sprintf("until[%d]", i), "workresume.travel_order")
		}
	}
	return bad.OrNil()
}

// all are the visits with the origin, where one was until the day of arrival.
func (t Travel) all() []Visit {
	from := (readDay(t.Arrived) - lookBack).String()
	return append([]Visit{{t.Origin, from, t.Arrived}}, t.Visits...)
}

// last is the last day in any of the places.
func (t Travel) last() string {
	last := t.Arrived
	for _, v := range t.Visits {
		last = max(last, v.Until)
	}
	return last
}

// SaveTravel keeps where the caller came from and was. A returning worker is asked
// once and may correct it; the colour follows at once.
//
// Faults: Invalid, Denied.
func (s *Service) SaveTravel(ctx context.Context, by auth.Principal, in TravelInput) (Travel, error) {
	if err := by.Permit(MayReport, Grants, auth.Person(by.Person)); err != nil {
		return Travel{}, err
	}
	t := in.said()
	if err := t.mend(s.today()); err != nil {
		return Travel{}, err
	}
	if err := s.knowStreet(ctx, t.Street); err != nil {
		return Travel{}, err
	}
	sealed, err := s.sealTravel(by.Person, t)
	if err != nil {
		return Travel{}, err
	}
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		_, err := once.Do(tx, in.Key, s.Clock(), func() (string, error) {
			return by.Person, s.keepTravel(tx, by, travelled{by.Person, "", t.last(), t.Street, len(t.Visits), sealed})
		})
		return err
	})
	if err != nil {
		return Travel{}, err
	}
	return s.TravelOf(ctx, by)
}

// said is the input without what only this program says of it.
func (in TravelInput) said() Travel {
	t := in.Travel
	t.At, t.ByHelper, t.Helper = time.Time{}, false, ""
	return t
}

// knowStreet refuses a street that is none of the district's.
func (s *Service) knowStreet(ctx context.Context, street string) error {
	if street == "" {
		return nil
	}
	known := false
	if s.Streets != nil {
		if err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
			known, err = s.Streets.IsStreet(r, street)
			return err
		}); err != nil {
			return err
		}
	}
	if !known {
		return fault.New(fault.Invalid, "fault.fields").With("street", "workresume.street_unknown")
	}
	return nil
}

func (s *Service) sealTravel(person string, t Travel) ([]byte, error) {
	plain, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	return s.Ring.Seal(plain, []byte("workresume.travel "+person))
}

// travelled is what is kept of a travel: of whom, by which helper, its last day, in
// which street they lodge.
type travelled struct {
	person, helper, last, street string
	places                       int
	sealed                       []byte
}

// travelledBody is the fact of it; where somebody was stays sealed with the travel.
type travelledBody struct {
	Places int    `json:"places"`
	Helper string `json:"helper,omitempty"`
}

// keepTravel stores what was said in place of what was said before, and lets the
// colour follow.
func (s *Service) keepTravel(tx *storage.Tx, by auth.Principal, x travelled) error {
	if _, err := tx.Exec(`insert into workresume_travel (person, turn, content, last, account, at, helper, street) values ($1, 1, $2, $3, $4, $5, $6, $7)
		on conflict (person) do update set turn = workresume_travel.turn + 1, content = excluded.content, last = excluded.last,
		account = excluded.account, at = excluded.at, helper = excluded.helper, street = excluded.street`,
		x.person, x.sealed, x.last, by.ID, clock.Micros(s.Clock()), x.helper, x.street); err != nil {
		return err
	}
	name := factTravelled
	if x.last == "" {
		name = factTravelTakenBack
	}
	if err := s.recordPerson(tx, by, name, party.Stream(x.person), x.person, travelledBody{x.places, x.helper}); err != nil {
		return err
	}
	return s.recolour(tx, by, x.person)
}

// TravelOf is what the caller said last, or a helper for them; the zero one if never,
// or taken back.
//
// Faults: Denied.
func (s *Service) TravelOf(ctx context.Context, by auth.Principal) (t Travel, err error) {
	if err := by.Permit(MayReport, Grants, auth.Person(by.Person)); err != nil {
		return t, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) (err error) {
		t, _, err = s.travel(r, by.Person)
		return err
	})
	return t, err
}

func (s *Service) travel(r storage.Reader, person string) (t Travel, found bool, err error) {
	var sealed []byte
	var at int64
	var helper, last string
	err = r.Row(`select content, at, helper, last from workresume_travel where person = $1`, person).Scan(&sealed, &at, &helper, &last)
	if storage.NoRows(err) || err == nil && last == "" {
		return Travel{Visits: []Visit{}}, false, nil
	}
	if err != nil {
		return t, false, err
	}
	t, err = s.openTravel(person, sealed)
	t.At, t.ByHelper = clock.FromMicros(at), helper != ""
	if err != nil || !t.ByHelper || office(helper) {
		return t, true, err
	}
	names, err := s.Parties.Masked(r, helper)
	t.Helper = names[helper].Name
	return t, true, err
}

func (s *Service) openTravel(person string, sealed []byte) (t Travel, err error) {
	plain, err := s.Ring.Open(sealed, []byte("workresume.travel "+person))
	if err != nil {
		return t, err
	}
	t.Visits = []Visit{}
	return t, json.Unmarshal(plain, &t)
}
