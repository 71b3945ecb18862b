package workresume

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/storage"
)

// OpenFigures are the district as anyone may see it: counted once an hour and kept in
// the store, so that two who look in the same hour see the same, whatever happens
// between them and whichever server they ask. People are rounded to PeopleRounded.
type OpenFigures struct {
	AsOf  time.Time // when they were counted, to the minute: the full hour, unless nothing ran then
	Next  time.Time // from when there will be others
	Total OpenPart
	By    map[By][]OpenPart // keys in order
	hour  time.Time
}

// PeopleRounded is what published counts of people are a multiple of.
const PeopleRounded = 10

// openly is what is published, as this process knows it.
type openly struct {
	mu     sync.Mutex // one counts
	latest atomic.Pointer[OpenFigures]
}

// OpenPicture is what is published now. Where this hour's cannot be counted, for the
// store is away, it is that of the last hour there was, which says so.
//
// Faults: those of the store, where there is none yet.
func (s *Service) OpenPicture(ctx context.Context) (*OpenFigures, error) {
	hour := s.Clock().Truncate(time.Hour)
	last := s.openly.latest.Load()
	if last != nil && !last.hour.Before(hour) {
		return last, nil
	}
	if last == nil {
		s.openly.mu.Lock()
	} else if !s.openly.mu.TryLock() {
		return last, nil
	}
	defer s.openly.mu.Unlock()
	if again := s.openly.latest.Load(); again != last {
		return again, nil
	}
	p, err := s.publish(ctx, hour)
	switch {
	case err != nil && last != nil:
		return last, nil
	case err != nil:
		return nil, err
	case p.hour.IsZero(): // nothing is kept of a district of hardly anybody
		return p, nil
	}
	s.openly.latest.Store(p)
	return p, nil
}

// publishHour has the hour's figures counted at its turn, and not when somebody
// chooses to look.
func (s *Service) publishHour(ctx context.Context) error {
	_, err := s.OpenPicture(ctx)
	return err
}

// publish is what the store has of the hour, or else is counted and put there; of two
// servers that count the first is right.
func (s *Service) publish(ctx context.Context, hour time.Time) (*OpenFigures, error) {
	for {
		was, err := s.openRow(ctx)
		if err != nil {
			return nil, err
		}
		if was != nil && !was.hour.Before(hour) {
			return was.figures(), nil
		}
		now, streets, err := s.openNow(ctx)
		if err != nil {
			return nil, err
		}
		p, before := was.next(now, streets), time.Time{}
		p.taken = s.Clock().Truncate(time.Minute)
		if was != nil {
			before = was.hour
		} else if len(p.Firms) == 0 {
			return p.figures(), nil
		}
		p.hour = hour
		first, err := s.keepOpen(ctx, p, before)
		if err != nil {
			return nil, err
		}
		if first {
			return p.figures(), nil
		}
	}
}

// openNow is every firm as the board counts it at this moment.
func (s *Service) openNow(ctx context.Context) (firms map[string]openFirm, streets map[string]string, err error) {
	c, err := s.now(ctx)
	if err != nil {
		return nil, nil, err
	}
	by := s.measures(c.asOf)
	k := &s.figures
	k.mu.Lock()
	defer k.mu.Unlock()
	s.watch.mu.Lock()
	defer s.watch.mu.Unlock()
	out := make(map[string]openFirm, len(k.firms))
	for id, t := range k.firms {
		f, g := t.figures(s.watch.watched.firms[id], by), t.group
		out[id] = openFirm{g.park, g.class, g.industry, g.size, f.Resumed, f.Declared, f.Back, f.Metered, f.Load, f.Normal}
	}
	return out, k.streets, nil
}

// openRow is what the store keeps.
type openRow struct {
	hour, taken time.Time
	Firms       map[string]openFirm `json:"firms"`
	Streets     map[string]string   `json:"streets"` // in which each park lies
}

// next is what is published after o, which may be nil. A park whose people are not
// told stays in the street it was published in: between two streets that are, it would
// show by itself.
func (o *openRow) next(now map[string]openFirm, streets map[string]string) *openRow {
	now = lumped(now)
	out := &openRow{Streets: maps.Clone(streets)}
	if o == nil {
		out.Firms = admit(nil, now, streets)
		return out
	}
	maps.Copy(out.Streets, o.Streets)
	out.Firms = admit(o.Firms, now, out.Streets)
	parks := map[string]Figures{}
	for _, f := range out.Firms {
		parks[f.Park] = parks[f.Park].Add(f.figures())
	}
	for park, f := range parks {
		if f.Firms >= openFirms && tells(f) {
			out.Streets[park] = streets[park]
		}
	}
	return out
}

// openRow reads it; nil if there is none.
func (s *Service) openRow(ctx context.Context) (*openRow, error) {
	var hour, taken int64
	var body []byte
	err := s.Store.Export(ctx, func(r storage.Reader) error {
		return r.Row(`select hour, taken, firms from workresume_open where name = 'figures'`).Scan(&hour, &taken, &body)
	})
	if storage.NoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	p := &openRow{hour: clock.FromMicros(hour), taken: clock.FromMicros(taken)}
	return p, json.NewDecoder(z).Decode(p)
}

// keepOpen stores the hour's figures in place of those before, and reports false where
// another server was first.
func (s *Service) keepOpen(ctx context.Context, p *openRow, before time.Time) (first bool, err error) {
	var body bytes.Buffer
	z := gzip.NewWriter(&body)
	if err := json.NewEncoder(z).Encode(p); err != nil {
		return false, err
	}
	if err := z.Close(); err != nil {
		return false, err
	}
	err = s.Store.WriteLow(ctx, func(tx *storage.Tx) error {
		row := []any{clock.Micros(p.hour), clock.Micros(p.taken), body.Bytes()}
		text := `insert into workresume_open (name, hour, taken, firms) values ('figures', $1, $2, $3) on conflict (name) do nothing`
		if !before.IsZero() {
			text = `update workresume_open set hour = $1, taken = $2, firms = $3 where name = 'figures' and hour = $4`
			row = append(row, clock.Micros(before))
		}
		n, err := tx.Exec(text, row...)
		first = n == 1
		return err
	})
	return first, err
}

// figures are the lines, with what may be told of people, rounded.
func (o *openRow) figures() *OpenFigures {
	total, by := Figures{}, map[By]map[string]Figures{}
	for _, b := range Breakdowns {
		by[b] = map[string]Figures{}
	}
	for _, f := range o.Firms {
		one := f.figures()
		total = total.Add(one)
		for _, b := range Breakdowns {
			by[b][f.by(b, o.Streets)] = by[b][f.by(b, o.Streets)].Add(one)
		}
	}
	lines := map[By][]Part{}
	for b, list := range by {
		lines[b] = sorted(b, list)
	}
	parts, whole := open(total, lines, o.Streets)
	for _, list := range parts {
		for i := range list {
			list[i].Figures = list[i].rounded()
		}
	}
	return &OpenFigures{
		hour: o.hour, AsOf: o.taken, Next: o.taken.Truncate(time.Hour).Add(time.Hour),
		Total: OpenPart{Part{Figures: total.rounded()}, whole}, By: parts,
	}
}

// rounded are the same figures with people to the nearest ten.
func (f Figures) rounded() Figures {
	f.Declared, f.Back = tens(f.Declared), tens(f.Back)
	return f
}

func tens(n int64) int64 { return (n + PeopleRounded/2) / PeopleRounded * PeopleRounded }
