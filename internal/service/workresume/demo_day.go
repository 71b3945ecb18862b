package workresume

import (
	"context"
	"slices"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

// invented is the account under which a demonstration's own people act.
const invented = "demo"

// Unreported are the people of a demonstration whose earlier reports were made up, who
// are still on a roster and have not reported today, and the moment of the last report
// that was made up. Whoever only ever reported by a visitor's hand is not among them.
func (s *Service) Unreported(ctx context.Context) (people []string, last time.Time, err error) {
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		var at int64
		if err := r.Row(`select coalesce(max(at), 0) from workresume_report where account = $1`, invented).Scan(&at); err != nil {
			return err
		}
		last = clock.FromMicros(at)
		people, err = storage.All(r, func(rows *storage.Rows) (id string, err error) { return id, rows.Scan(&id) },
			`select m.person from (select distinct person from workresume_report where account = $1) d
			join workresume_member m on m.person = d.person and m.departed = 0
			where not exists (select 1 from workresume_report r where r.person = m.person and r.day = $2) order by m.person`,
			invented, s.today().String())
		return err
	})
	return people, last, err
}

// ReportInvented is one of those people's report of today: nothing new, and a temperature
// in tenths of a degree, 0 for none.
//
// Faults: as ReportHealth.
func (s *Service) ReportInvented(ctx context.Context, person string, tenths int64) error {
	by := auth.Principal{ID: invented, Role: auth.Worker, Person: person, Scope: auth.Person(person), Demo: true}
	_, err := s.ReportHealth(ctx, by, ReportInput{Tenths: tenths})
	return err
}

// SendHome checks out whoever has been inside since before today, by any of the gates
// given, and returns how many. It is for a demonstration only: there nobody stands at the
// gate in the evening, while elsewhere whoever was not seen leaving counts as inside.
func (s *Service) SendHome(ctx context.Context, gates []string) (n int, err error) {
	type stay struct{ person, place string }
	doors := map[string]Gate{} // by what lies behind them
	var late []stay
	if err := s.Store.Export(ctx, func(r storage.Reader) error {
		for _, id := range gates {
			g, err := s.Places.Gate(r, id)
			if err != nil {
				return err
			}
			doors[g.Place] = g
		}
		late, err = storage.All(r, func(rows *storage.Rows) (x stay, err error) { return x, rows.Scan(&x.person, &x.place) },
			`select person, place from workresume_presence where place <> '' and since < $1`, clock.Micros(dayOf(s.Clock(), s.Zone)))
		return err
	}); err != nil {
		return 0, err
	}
	late = slices.DeleteFunc(late, func(x stay) bool { return doors[x.place].ID == "" })
	for part := range slices.Chunk(late, tapBatch) {
		taps := make([]*tap, len(part))
		for i, x := range part {
			taps[i] = &tap{by: auth.Principal{ID: invented, Role: auth.Guard, Demo: true}, gate: doors[x.place], dir: Out, seen: sighting{person: x.person}}
		}
		if err := s.admit(ctx, taps); err != nil {
			return n, err
		}
		n += len(part)
	}
	return n, nil
}

// Restock lets the firms of a demonstration count their masks as time goes on, and
// returns how many did: whose ran out patience ago bought more, and each day a few others
// have a day's left, so that a visitor always finds a firm to warn and one to mend.
func (s *Service) Restock(ctx context.Context, patience time.Duration) (n int, err error) {
	now, day := s.Clock(), dayOf(s.Clock(), s.Zone)
	var counts []StockInput
	if err := s.Store.Export(ctx, func(r storage.Reader) error {
		counts, err = storage.All(r, func(rows *storage.Rows) (in StockInput, err error) {
			var declared int64
			err = rows.Scan(&in.Firm, &declared)
			in.Masks = declared * 12
			return in, err
		}, `select f.firm, f.declared from workresume_flag g join workresume_firm f on f.firm = g.firm
			where g.rule = 'supplies-out' and g.level = $1 and g.raised < $2 and f.state = $3`,
			int64(Suspended.level()), clock.Micros(now.Add(-patience)), string(Certified))
		if err != nil {
			return err
		}
		_, err := storage.All(r, func(rows *storage.Rows) (none struct{}, err error) {
			var in StockInput
			var usc string
			err = rows.Scan(&in.Firm, &usc, &in.Masks)
			sum := int(day.Unix() / 86400)
			for _, c := range usc {
				sum = sum*31 + int(c)
			}
			if sum%97 == 3 {
				counts = append(counts, in)
			}
			return none, err
		}, `select f.firm, f.credit_code, f.declared from workresume_firm f join workresume_stock t on t.firm = f.firm
			where f.state = $1 and f.watch = $2 and t.account = $3 and t.at < $4`,
			string(Certified), string(PromiseKept), invented, clock.Micros(day))
		return err
	}); err != nil {
		return 0, err
	}
	for i, in := range counts {
		if _, err := s.ReportStock(ctx, auth.Principal{ID: invented, Role: auth.Firm, Scope: auth.OfFirm(in.Firm), Demo: true}, in); err != nil {
			return i, err
		}
	}
	return len(counts), nil
}
