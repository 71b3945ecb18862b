package workresume

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/ident"
	"breakwater/internal/storage"
)

// readMost is how many firms one statement asks about.
const readMost = 500

// meterLook is how far back a reading still says something.
const meterLook = 7 * 24 * time.Hour

// readAll begins again from one snapshot of the store.
func (s *Service) readAll(ctx context.Context, now time.Time, touched map[*watched]bool) error {
	w := s.watch
	return s.Store.Export(ctx, func(r storage.Reader) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		clear(touched)
		w.forget()
		w.watched.day = dayOf(now, s.Zone)
		if err := s.readPromise(r); err != nil {
			return err
		}
		if err := s.readFirms(r, nil, touched); err != nil {
			return err
		}
		if err := s.readReds(r); err != nil {
			return err
		}
		if err := s.readPresence(r, nil); err != nil {
			return err
		}
		if err := s.readReports(r, nil); err != nil {
			return err
		}
		if err := s.readToday(r); err != nil {
			return err
		}
		w.count(maps.Values(w.watched.firms))
		return s.readTaken(r, now)
	})
}

// readMarked reads the firms that facts named.
func (s *Service) readMarked(ctx context.Context, marks map[string]bool, touched map[*watched]bool) error {
	w := s.watch
	ids := slices.Sorted(maps.Keys(marks))
	for part := range slices.Chunk(ids, readMost) {
		err := s.Store.Read(ctx, func(r storage.Reader) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			if err := s.readFirms(r, part, touched); err != nil {
				return err
			}
			var moved []string
			for _, id := range part {
				if marks[id] && w.watched.firms[id] != nil {
					moved = append(moved, id)
				}
			}
			if len(moved) == 0 {
				return nil
			}
			return s.readPeople(r, moved, touched)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// among limits a query to firms; nil is all of them.
func among(column string, firms []string) (string, []any) {
	if firms == nil {
		return "", nil
	}
	list, args := storage.In(1, firms)
	return " where " + column + " in (" + list + ")", args
}

// readFirms reads what is filed, stated, reported and metered of firms.
func (s *Service) readFirms(r storage.Reader, firms []string, touched map[*watched]bool) error {
	where, args := among("firm", firms)
	w := &s.watch.watched
	_, err := storage.All(r, func(rows *storage.Rows) (none struct{}, err error) {
		var id, filing string
		var m measured
		var since, spoken int64
		if err := rows.Scan(&id, &m.name, &m.usc, &m.park, &m.state, &since, &m.declared, &m.roster, &filing, &spoken, &m.watch); err != nil {
			return none, err
		}
		m.since, m.spoken, m.filed = clock.FromMicros(since), spoken == 1, filing != ""
		if m.filed {
			var f struct {
				Masks int64     `json:"masks"`
				Start string    `json:"start"`
				At    time.Time `json:"filed_at"`
			}
			if err := json.Unmarshal([]byte(filing), &f); err != nil {
				return none, err
			}
			if m.masks, m.counted = f.Masks, f.At; f.At.IsZero() {
				m.counted = m.since
			}
			if day, err := time.ParseInLocation(time.DateOnly, f.Start, s.Zone); err == nil {
				m.start = day
			}
		}
		f := w.firms[id]
		if f == nil {
			f = &watched{id: id, place: -1}
			w.firms[id] = f
		}
		m.inside, m.today, m.strangers, m.turned, m.asked, m.red = f.inside, f.today, f.strangers, f.turned, f.asked, f.red
		m.reported, m.heard = f.reported, f.heard
		f.measured, f.flags = m, nil
		touched[f] = true
		return none, nil
	}, `select firm, name, credit_code, park, state, since, declared, roster, filing, cast(case when override <> '' then 1 else 0 end as bigint), watch from workresume_firm`+where, args...)
	if err != nil {
		return err
	}
	if err := s.readStock(r, where, args); err != nil {
		return err
	}
	if err := s.readMeters(r, firms); err != nil {
		return err
	}
	flags, err := storage.All(r, scanFlag, flagColumns+` from workresume_flag`+where, args...)
	for _, g := range flags {
		if f := w.firms[g.Firm]; f != nil {
			f.flags = append(f.flags, g)
		}
	}
	return err
}

func (s *Service) readStock(r storage.Reader, where string, args []any) error {
	w := &s.watch.watched
	_, err := storage.All(r, func(rows *storage.Rows) (none struct{}, err error) {
		var id string
		var masks, at int64
		err = rows.Scan(&id, &masks, &at)
		// A later filing counts the stock anew.
		if f := w.firms[id]; err == nil && f != nil && !clock.FromMicros(at).Before(f.counted) {
			f.masks, f.counted = masks, clock.FromMicros(at)
		}
		return none, err
	}, `select firm, masks, at from workresume_stock`+where, args...)
	return err
}

// readMeters takes the latest day of each firm that was read.
func (s *Service) readMeters(r storage.Reader, firms []string) error {
	w := &s.watch.watched
	where, args := among("m.firm", firms)
	if where == "" {
		where = " where"
	} else {
		where += " and"
	}
	args = append(args, clock.Micros(s.Clock().Add(-meterLook)))
	_, err := storage.All(r, func(rows *storage.Rows) (none struct{}, err error) {
		var id string
		var day, hours, load, whole, normal int64
		err = rows.Scan(&id, &day, &hours, &load, &whole, &normal)
		if hours == 0 { // read by the day alone
			hours, load = 24, whole
		}
		if f := w.firms[id]; err == nil && f != nil {
			f.read, f.load, f.normal = clock.FromMicros(day), load, normal*min(hours, 24)/24
		}
		return none, err
	}, `select m.firm, m.day, cast(sum(case when m.hours = 1 then 1 else 0 end) as bigint),
			cast(sum(case when m.hours = 1 then m.watt_hours else 0 end) as bigint),
			cast(sum(case when m.hours = 24 then m.watt_hours else 0 end) as bigint), n.watt_hours
		from workresume_meter m join workresume_normal n on n.firm = m.firm`+where+` m.day >= $`+strconv.Itoa(len(args))+`
		group by m.firm, m.day, n.watt_hours order by m.day`, args...)
	return err
}

// readPresence finds who is inside: of all firms, or of some.
func (s *Service) readPresence(r storage.Reader, firms []string) error {
	w := &s.watch.watched
	where, args := among("m.firm", firms)
	if where == "" {
		where = " where"
	} else {
		where += " and"
	}
	_, err := storage.All(r, func(rows *storage.Rows) (none struct{}, err error) {
		var person, firm string
		err = rows.Scan(&person, &firm)
		if k, ok := keyOf(person); ok && err == nil {
			a := w.people[k]
			a.inside, a.red, a.firm = true, w.reds[k] > 0, w.firms[firm]
			w.people[k] = a
		}
		return none, err
	}, `select p.person, m.firm from workresume_presence p join workresume_member m on m.person = p.person and m.departed = 0`+where+` p.place <> ''`, args...)
	return err
}

// checksSince is what the ids of a moment's checks and of later ones are not below.
// Ids only go up, so older checks may be above it too: the moment is asked as well.
func checksSince(t time.Time) string { return ident.First("chk", t) }

// readToday finds who came and who was turned away today.
func (s *Service) readToday(r storage.Reader) error {
	w := &s.watch.watched
	from, since := checksSince(w.day), clock.Micros(w.day)
	_, err := storage.All(r, func(rows *storage.Rows) (none struct{}, err error) {
		var person, firm string
		var entered, sent, asked int64
		err = rows.Scan(&person, &firm, &entered, &sent, &asked)
		if k, ok := keyOf(person); ok && err == nil && entered+sent+asked > 0 {
			a := w.people[k]
			a.firm, a.entered, a.sent, a.asked = w.firms[firm], uint16(entered), uint16(sent), uint16(asked)
			w.people[k] = a
		}
		return none, err
	}, `select c.person, coalesce(m.firm, ''), cast(sum(case when c.counted = 1 then 1 else 0 end) as bigint),
			cast(sum(case when c.code = $3 then 1 else 0 end) as bigint), cast(sum(case when c.code = $4 then 1 else 0 end) as bigint)
		from workresume_check c left join workresume_member m on m.person = c.person and m.departed = 0
		where c.check_id >= $1 and c.at >= $2 and c.person <> '' and c.undone = 0 group by c.person, m.firm`, from, since, string(CheckStopped), string(CheckAsk))
	if err != nil {
		return err
	}
	type tally struct {
		gate string
		n    int64
	}
	list, err := storage.All(r, func(rows *storage.Rows) (t tally, err error) { return t, rows.Scan(&t.gate, &t.n) },
		`select gate, count(*) from workresume_check where check_id >= $1 and at >= $2 and code = $3 and undone = 0 group by gate`, from, since, string(CheckNotListed))
	if err != nil {
		return err
	}
	for _, t := range list {
		g, err := s.Places.Gate(r, t.gate)
		if err != nil {
			return err
		}
		if f := w.firms[g.Firm]; f != nil {
			f.strangers += t.n
		}
	}
	return nil
}

// readTaken remembers the checks of the last minutes, so that one that is in the
// snapshot and is told of afterwards counts once.
func (s *Service) readTaken(r storage.Reader, now time.Time) error {
	w, from := &s.watch.watched, now.Add(-UndoWithin-time.Minute)
	_, err := storage.All(r, func(rows *storage.Rows) (none struct{}, err error) {
		var gate, reference string
		var undone int64
		if err = rows.Scan(&gate, &reference, &undone); err == nil {
			w.taken[gate+"/"+reference] = now
			if undone > 0 {
				w.taken[gate+"/"+reference+"/undone"] = now
			}
		}
		return none, err
	}, `select gate, reference, undone from workresume_check where check_id >= $1 and (at >= $2 or said <> '')`, checksSince(from), clock.Micros(from))
	return err
}

// readPeople settles anew who belongs to firms whose rosters changed.
func (s *Service) readPeople(r storage.Reader, firms []string, touched map[*watched]bool) error {
	w := s.watch
	those := map[*watched]bool{}
	for _, id := range firms {
		those[w.watched.firms[id]] = true
	}
	for k, a := range w.watched.people {
		if those[a.firm] {
			a.firm = nil
			w.watched.people[k] = a
		}
	}
	where, args := among("firm", firms)
	_, err := storage.All(r, func(rows *storage.Rows) (none struct{}, err error) {
		var person, firm string
		err = rows.Scan(&person, &firm)
		if k, ok := keyOf(person); ok && err == nil {
			if a, known := w.watched.people[k]; known {
				if a.firm != nil { // the other firm's own fact is still on its way
					those[a.firm], touched[a.firm] = true, true
				}
				a.firm = w.watched.firms[firm]
				w.watched.people[k] = a
			}
		}
		return none, err
	}, `select person, firm from workresume_member`+where+` and departed = 0`, args...)
	if err != nil {
		return err
	}
	if err := s.readPresence(r, firms); err != nil {
		return err
	}
	if err := s.readReports(r, firms); err != nil {
		return err
	}
	w.count(maps.Keys(those))
	return nil
}

const flagColumns = `select firm, rule, level, began, raised, gone, finding, version`

func scanFlag(rows *storage.Rows) (Flag, error) {
	var g Flag
	var level, began, raised, gone int64
	var finding string
	if err := rows.Scan(&g.Firm, &g.Rule, &level, &began, &raised, &gone, &finding, &g.Version); err != nil {
		return g, err
	}
	return flagOf(g.Firm, g.Rule, g.Version, level, began, raised, gone, finding)
}

// flagOf is a flag as stored.
func flagOf(firm, rule, version string, level, began, raised, gone int64, finding string) (Flag, error) {
	g := Flag{Firm: firm, Rule: rule, Version: version, Level: Watches[min(max(level, 0), int64(len(Watches)-1))]}
	g.Began, g.Raised, g.Gone = clock.FromMicros(began), clock.FromMicros(raised), instant(gone)
	return g, json.Unmarshal([]byte(finding), &g.Finding)
}
