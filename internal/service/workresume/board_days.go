package workresume

import (
	"context"
	"maps"
	"slices"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/storage"
)

// boardDays is how far back the board shows.
const boardDays = 21

// past is the closed days as they are kept, with what was read off meters since.
type past struct {
	days   map[string]map[group]Figures
	closed string // the last day that was closed when it was read
	power  Figures
	at     time.Time
	turn   uint64
}

// pastLife is after how long old readings are looked at again though nothing says
// that they changed.
const pastLife = time.Hour

// closeDay keeps yesterday's figures, once, when the day has passed.
func (s *Service) closeDay(ctx context.Context) error {
	at := s.Clock()
	today := dayOf(at, s.Zone)
	day := today.AddDate(0, 0, -1)
	name := day.Format(time.DateOnly)
	if s.closed == name {
		return s.remember(ctx)
	}
	known := false
	if err := s.Store.Read(ctx, func(r storage.Reader) error {
		var one int64
		err := r.Row(`select 1 from workresume_daily where day = $1 limit 1`, name).Scan(&one)
		known = err == nil
		if storage.NoRows(err) {
			return nil
		}
		return err
	}); err != nil {
		return err
	}
	if !known {
		if err := s.keepDay(ctx, name, day, today); err != nil {
			return err
		}
	}
	s.closed = name
	return s.remember(ctx)
}

// keepDay stores the figures of a day that ended: the firms as they are now, since
// nobody counted at midnight, and who came in at the gates on that day.
func (s *Service) keepDay(ctx context.Context, name string, from, to time.Time) error {
	if _, err := s.now(ctx); err != nil {
		return err
	}
	came := map[string]int64{}
	if err := s.Store.Export(ctx, func(r storage.Reader) error {
		came = map[string]int64{}
		_, err := storage.All(r, func(rows *storage.Rows) (none struct{}, err error) {
			var firm string
			var n int64
			err = rows.Scan(&firm, &n)
			came[firm] = n
			return none, err
		}, `select m.firm, count(distinct c.person) from workresume_check c join workresume_member m on m.person = c.person
			where c.check_id >= $1 and c.at >= $2 and c.at < $3 and c.counted = 1 and c.undone = 0 group by m.firm`,
			checksSince(from), clock.Micros(from), clock.Micros(to))
		return err
	}); err != nil {
		return err
	}
	cells := map[group]Figures{}
	s.figures.mu.Lock()
	for id, t := range s.figures.firms {
		if t.filed && !t.since.Before(to) {
			continue // all that is known of it is of today
		}
		f := t.figures(nil, measures{at: to})
		f.Came = came[id]
		cells[t.group] = cells[t.group].Add(f)
	}
	s.figures.mu.Unlock()
	return s.Store.WriteLow(ctx, func(tx *storage.Tx) error { return storeDay(tx, name, cells) })
}

// storeDay writes the figures of one day; those that are there stand.
func storeDay(tx *storage.Tx, day string, cells map[group]Figures) error {
	rows := make([]any, 0, len(cells)*13)
	for g, f := range cells {
		rows = append(rows, day, g.park, string(g.class), g.industry, string(g.size),
			f.Firms, f.Filed, f.Resumed, f.Suspended, f.Refused, f.Declared, f.Back, f.Came)
	}
	_, err := storage.ExecRows(tx, `insert into workresume_daily
		(day, park, class, industry, size, firms, filed, resumed, suspended, refused, declared, back, came) values `, 13, rows,
		` on conflict (day, park, class, industry, size) do nothing`)
	return err
}

// remember reads the closed days into memory when they, or what meters say of them,
// may have changed.
func (s *Service) remember(ctx context.Context) error {
	old := s.figures.past.Load()
	c := s.figures.latest.Load()
	if c == nil && old != nil {
		return nil // nobody has looked since
	}
	at, power := s.Clock(), Figures{}
	if c != nil {
		for _, f := range c.cells {
			power = power.Add(Figures{Metered: f.Metered, Load: f.Load, Normal: f.Normal})
		}
	}
	if old != nil && old.closed == s.closed && old.power == power && at.Sub(old.at) < pastLife {
		return nil
	}
	_, err := s.readPast(ctx, s.closed, power)
	return err
}

// days are the closed days, read if nobody has.
func (s *Service) days(ctx context.Context) (*past, error) {
	if p := s.figures.past.Load(); p != nil {
		return p, nil
	}
	return s.readPast(ctx, "", Figures{}) // Run reads them again, and knows the day
}

func (s *Service) readPast(ctx context.Context, closed string, power Figures) (*past, error) {
	if _, err := s.now(ctx); err != nil { // whose group each meter counts in
		return nil, err
	}
	at := s.Clock()
	from := dayOf(at, s.Zone).AddDate(0, 0, -boardDays)
	p := &past{closed: closed, power: power, at: at}
	back := s.usersBack()
	s.figures.mu.Lock()
	defer s.figures.mu.Unlock()
	err := s.Store.Export(ctx, func(r storage.Reader) error {
		p.days = map[string]map[group]Figures{}
		add := func(day string, g group, f Figures) {
			if p.days[day] == nil {
				p.days[day] = map[group]Figures{}
			}
			p.days[day][g] = p.days[day][g].Add(f)
		}
		if _, err := storage.All(r, func(rows *storage.Rows) (none struct{}, err error) {
			var day string
			var g group
			var f Figures
			err = rows.Scan(&day, &g.park, &g.class, &g.industry, &g.size, &f.Firms, &f.Filed, &f.Resumed, &f.Suspended, &f.Refused, &f.Declared, &f.Back, &f.Came)
			add(day, g, f)
			return none, err
		}, `select day, park, class, industry, size, firms, filed, resumed, suspended, refused, declared, back, came
			from workresume_daily where day >= $1`, from.Format(time.DateOnly)); err != nil {
			return err
		}
		kept := maps.Clone(p.days)
		_, err := storage.All(r, func(rows *storage.Rows) (none struct{}, err error) {
			var firm string
			var day, hours, load, normal int64
			err = rows.Scan(&firm, &day, &hours, &load, &normal)
			m := measured{load: load, normal: normal * min(hours, 24) / 24, read: clock.FromMicros(day)}
			share, ok := m.share()
			name := m.read.In(s.Zone).Format(time.DateOnly)
			if t := s.figures.firms[firm]; t != nil && ok && kept[name] != nil {
				f := Figures{Metered: 1, Load: m.load, Normal: m.normal}
				if share >= back {
					f.UsersBack = 1
				}
				add(name, t.group, f)
			}
			return none, err
		}, `select m.firm, m.day, cast(sum(m.hours) as bigint), cast(sum(m.watt_hours) as bigint), n.watt_hours
			from workresume_meter m join workresume_normal n on n.firm = m.firm where m.day >= $1 group by m.firm, m.day, n.watt_hours`, clock.Micros(from))
		return err
	})
	if err != nil {
		return nil, err
	}
	if old := s.figures.past.Load(); old != nil {
		p.turn = old.turn + 1
	}
	s.figures.past.Store(p)
	return p, nil
}

// names are the closed days in order.
func (p *past) names() []string { return slices.Sorted(maps.Keys(p.days)) }
