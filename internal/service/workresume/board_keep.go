package workresume

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/storage"
)

// figures keep what the board counts by in memory: a firm is read again after a fact
// about it, and the whole is folded at most once a second, however many look. While
// nobody looks nothing is read.
type figures struct {
	mu      sync.Mutex // one refresh at a time; guards what only a refresh touches
	firms   map[string]*tally
	whole   time.Time // when all firms were read
	streets map[string]string
	latest  atomic.Pointer[cube]
	past    atomic.Pointer[past]

	markMu sync.Mutex
	marks  map[string]bool
	all    bool
}

// tally is one firm as the board counts it.
type tally struct {
	name, code       string
	group            group
	state            State
	watch            Watch
	since            time.Time
	filed            bool
	declared, roster int64
}

// cube is the district at one moment. It never changes once it is shown.
type cube struct {
	asOf    time.Time
	turn    uint64
	cells   map[group]Figures
	cases   map[group]casework.Count // those about people by their park alone
	streets map[string]string
}

// How old a count may be, and how long nothing but facts changes what is kept. On a
// shared store others' facts are not heard here, so that all is read again sooner.
const (
	countLife  = time.Second
	keptLife   = 5 * time.Minute
	sharedLife = 5 * time.Second
)

// recount has a firm read again once this transaction is durable.
func (s *Service) recount(tx *storage.Tx, firm string) {
	tx.OnCommit(func() {
		k := &s.figures
		k.markMu.Lock()
		defer k.markMu.Unlock()
		if firm == "demo" {
			k.all = true
			return
		}
		if k.marks == nil {
			k.marks = map[string]bool{}
		}
		k.marks[firm] = true
	})
}

// now is the district as it is, at most countLife old. Who comes while it is being
// counted sees the count before.
func (s *Service) now(ctx context.Context) (*cube, error) {
	k, at := &s.figures, s.Clock()
	last := k.latest.Load()
	if last != nil && at.Sub(last.asOf) < countLife {
		return last, nil
	}
	if last == nil {
		k.mu.Lock()
	} else if !k.mu.TryLock() {
		return last, nil
	}
	defer k.mu.Unlock()
	if again := k.latest.Load(); again != last {
		return again, nil
	}
	b, err := s.counted(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.readTallies(ctx, at); err != nil {
		return nil, err
	}
	c := &cube{asOf: at, turn: uint64(at.UnixMicro()), // of this start of the program, and no other's
		cells: s.fold(at), cases: map[group]casework.Count{}, streets: k.streets}
	for _, n := range b.About {
		var g group
		if t := k.firms[n.Subject]; t != nil {
			g = t.group
		}
		g.park = n.Park
		c.cases[g] = c.cases[g].Add(n.Count)
	}
	if last != nil {
		c.turn = last.turn
		if !maps.Equal(c.cells, last.cells) || !maps.Equal(c.streets, last.streets) {
			c.turn++
		}
	}
	k.latest.Store(c)
	return c, nil
}

// readTallies reads the firms that facts named, or all of them.
func (s *Service) readTallies(ctx context.Context, at time.Time) (err error) {
	k := &s.figures
	k.markMu.Lock()
	marks, all := k.marks, k.all
	k.marks, k.all = nil, false
	k.markMu.Unlock()
	defer func() {
		if err != nil { // what was taken out is not lost
			k.markMu.Lock()
			k.all = true
			k.markMu.Unlock()
		}
	}()
	life := keptLife
	if s.roll.others {
		life = sharedLife
	}
	if all || k.firms == nil || at.Sub(k.whole) >= life {
		err = s.Store.Export(ctx, func(r storage.Reader) error {
			fresh := make(map[string]*tally, len(k.firms))
			if err := readTally(r, nil, fresh); err != nil {
				return err
			}
			streets := map[string]string{}
			if s.Streets != nil {
				var err error
				if streets, err = s.Streets.Streets(r); err != nil {
					return err
				}
			}
			k.firms, k.streets, k.whole = fresh, streets, at
			return nil
		})
		return err
	}
	for part := range slices.Chunk(slices.Sorted(maps.Keys(marks)), readMost) {
		if err = s.Store.Read(ctx, func(r storage.Reader) error { return readTally(r, part, k.firms) }); err != nil {
			return err
		}
	}
	return nil
}

// readTally reads some firms, or all for nil.
func readTally(r storage.Reader, firms []string, into map[string]*tally) error {
	where, args := among("firm", firms)
	_, err := storage.All(r, func(rows *storage.Rows) (none struct{}, err error) {
		t := &tally{}
		var id, filing string
		var since int64
		err = rows.Scan(&id, &t.name, &t.code, &t.group.park, &t.group.class, &t.state, &t.watch, &since, &t.declared, &t.roster, &filing)
		if err != nil {
			return none, err
		}
		t.since, t.filed = clock.FromMicros(since), filing != ""
		if t.filed {
			var f struct {
				Industry string `json:"industry"`
			}
			if err := json.Unmarshal([]byte(filing), &f); err != nil {
				return none, err
			}
			t.group.industry = f.Industry
		}
		t.group.size = sizeOf(max(t.declared, t.roster))
		into[id] = t
		return none, nil
	}, `select firm, name, credit_code, park, class, state, watch, since, declared, roster, filing from workresume_firm`+where, args...)
	return err
}

// measures are the thresholds of the promise that figures are counted by.
type measures struct {
	at    time.Time
	due   time.Time // of today's health reports
	back  int64     // per cent of a normal load, from which a user of electricity is back
	least int64     // per cent of a roster who report, below which reports are missing
}

// reportsLeast is that share where the promise names none.
const reportsLeast = 80

func (s *Service) measures(at time.Time) measures {
	m := measures{at: at, due: midnight(at, s.Zone), back: s.usersBack(), least: reportsLeast}
	if s.Promise != nil {
		p := s.promise()
		m.due = reportsDue(p, dayOf(at, s.Zone))
		if n, ok := p.Whole("reports_percent_least"); ok {
			m.least = n
		}
	}
	return m
}

// fold counts every firm, with what gates and meters say of it.
func (s *Service) fold(at time.Time) map[group]Figures {
	by := s.measures(at)
	cells := map[group]Figures{}
	s.watch.mu.Lock()
	defer s.watch.mu.Unlock()
	for id, t := range s.figures.firms {
		cells[t.group] = cells[t.group].Add(t.figures(s.watch.watched.firms[id], by))
	}
	return cells
}

// usersBack is the share of a normal load from which a user of electricity is back.
func (s *Service) usersBack() int64 {
	if s.Promise != nil {
		if n, ok := s.promise().Whole("users_back_percent"); ok {
			return n
		}
	}
	return 30
}

// figures are one firm's; w is what is measured of it, nil where nothing is.
func (t *tally) figures(w *watched, by measures) Figures {
	f := Figures{Firms: 1, Declared: t.declared}
	switch {
	case t.resumed():
		f.Resumed, f.Back = 1, min(t.roster, t.declared)
	case t.watch == Suspended || t.watch == Withdrawn:
		f.Suspended = 1
	}
	if t.watch == Warned {
		f.Warned = 1
	}
	if t.filed {
		f.Filed = 1
	} else {
		f.Declared = t.roster
	}
	if t.state == Refused {
		f.Refused = 1
	}
	if w != nil {
		f.Came, f.Inside = w.today, w.inside
		if share, ok := w.share(); ok {
			f.Metered, f.Load, f.Normal = 1, w.load, w.normal
			if share >= by.back {
				f.UsersBack = 1
			}
		}
		if n, ok := w.reports(by.at); ok && t.resumed() {
			f.Expected, f.Reported = t.roster, min(n, t.roster)
		}
	}
	for _, o := range t.owes(w, by) {
		switch o {
		case OwesFiling:
			f.Owed.Filing = 1
		case OwesRoster:
			f.Owed.Roster = 1
		case OwesStock:
			f.Owed.Stock = 1
		case OwesHealth:
			f.Owed.Health = 1
		case OwesReading:
			f.Owed.Reading = 1
		}
	}
	return f
}

// resumed is whether the firm may work now.
func (t *tally) resumed() bool {
	return t.state == Certified && t.watch != Suspended && t.watch != Withdrawn
}

// owes lists the reports that are missing of a firm.
func (t *tally) owes(w *watched, by measures) (out []Owing) {
	switch {
	case !t.filed:
		out = append(out, OwesFiling)
	case t.roster < t.declared:
		out = append(out, OwesRoster)
	}
	if w == nil {
		return out
	}
	if t.resumed() && !w.counted.IsZero() && by.at.Sub(w.counted) > stockDue {
		out = append(out, OwesStock)
	}
	if n, ok := w.reports(by.at); ok && t.resumed() && !by.at.Before(by.due) && n*100 < t.roster*by.least {
		out = append(out, OwesHealth)
	}
	if !w.read.IsZero() && by.at.Sub(w.read) > readingDue {
		out = append(out, OwesReading)
	}
	return out
}
