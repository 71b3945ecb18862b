package workresume

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/kernel/statuslist"
	"breakwater/internal/storage"
)

// watchChunk is how many firms one transaction moves on.
const watchChunk = 500

// move is what follows for one firm from being held against its promise.
type move struct {
	firm     *watched
	flags    []Flag
	from, to Watch
}

// holdAgainst holds firms against the promise and stores what follows, at low
// priority. Memory follows the store: what could not be stored is not believed.
func (s *Service) holdAgainst(ctx context.Context, touched map[*watched]bool, now time.Time) error {
	pace := paceOf(s.Promise)
	w := s.watch
	var moves []move
	w.mu.Lock()
	for f := range touched {
		m, wake := s.hold(f, pace, now)
		if m.to != m.from || !sameFlags(f.flags, m.flags) {
			moves = append(moves, m)
		}
		w.await(f, wake)
	}
	w.mu.Unlock()
	for part := range slices.Chunk(moves, watchChunk) {
		if err := s.Store.WriteLow(ctx, func(tx *storage.Tx) error { return s.storeMovesOf(tx, part) }); err != nil {
			return err
		}
		w.mu.Lock()
		for _, m := range part {
			m.firm.flags, m.firm.watch = m.flags, m.to
		}
		w.mu.Unlock()
	}
	return nil
}

// hold is the pure part: where a firm stands by its facts now, and when to ask again.
func (s *Service) hold(f *watched, p pace, now time.Time) (move, time.Time) {
	most := Withdrawn
	if f.spoken || f.state != Certified {
		most = Warned // an officer's word stands over the rules, and where nothing holds nothing is suspended
	}
	flags := f.flags
	for _, g := range flags {
		if g.Level.level() > f.watch.level() { // an officer or a new filing began afresh
			flags = afresh(flags, now)
			break
		}
	}
	due := reportsDue(s.Promise, dayOf(now, s.Zone))
	d := s.Promise.Decide(f.facts(now, due))
	next, to, wake := p.step(flags, d.Findings, now, most)
	if f.watch == Withdrawn { // for good, until something is filed or said
		to = Withdrawn
	}
	if at := f.changes(now, due, s.Zone); wake.IsZero() || at.Before(wake) {
		wake = at
	}
	return move{firm: f, flags: next, from: f.watch, to: to}, wake
}

func afresh(flags []Flag, now time.Time) []Flag {
	out := make([]Flag, len(flags))
	for i, g := range flags {
		g.Level, g.Began, g.Raised = PromiseKept, now, now
		out[i] = g
	}
	return out
}

// sameFlags is whether nothing that is stored has changed.
func sameFlags(a, b []Flag) bool {
	return slices.EqualFunc(a, b, func(x, y Flag) bool {
		return x.Rule == y.Rule && x.Level == y.Level && x.Began.Equal(y.Began) && x.Gone.Equal(y.Gone) && x.Finding.Reason.In("en") == y.Finding.Reason.In("en")
	})
}

func (s *Service) storeMovesOf(tx *storage.Tx, moves []move) error {
	var rows []any
	for _, m := range moves {
		for _, g := range m.firm.flags {
			if !slices.ContainsFunc(m.flags, func(n Flag) bool { return n.Rule == g.Rule }) {
				if _, err := tx.Exec(`delete from workresume_flag where firm = $1 and rule = $2`, m.firm.id, g.Rule); err != nil {
					return err
				}
			}
		}
		for _, g := range m.flags {
			finding, err := json.Marshal(g.Finding)
			if err != nil {
				return err
			}
			gone := int64(0)
			if !g.Gone.IsZero() {
				gone = clock.Micros(g.Gone)
			}
			rows = append(rows, m.firm.id, g.Rule, int64(g.Level.level()), clock.Micros(g.Began), clock.Micros(g.Raised), gone, string(finding))
		}
	}
	if _, err := storage.ExecRows(tx, `insert into workresume_flag (firm, rule, level, began, raised, gone, finding) values `, 7, rows,
		` on conflict (firm, rule) do update set level = excluded.level, began = excluded.began, raised = excluded.raised, gone = excluded.gone, finding = excluded.finding`); err != nil {
		return err
	}
	for _, m := range moves {
		if m.to != m.from {
			if err := s.turn(tx, m); err != nil {
				return err
			}
		}
	}
	return nil
}

// watchedBody is the fact that a firm's standing against its promise has changed.
type watchedBody struct {
	From    Watch       `json:"from"`
	To      Watch       `json:"to"`
	Version string      `json:"version"` // of the promise
	Flags   []watchFlag `json:"flags,omitempty"`
}

type watchFlag struct {
	Rule   string    `json:"rule"`
	Since  time.Time `json:"since"`
	Reason rule.Text `json:"reason"`
}

// turn moves a firm from one step to another: what its certificate and its people's
// codes say follows in the same transaction, and the firm is told with what to do.
func (s *Service) turn(tx *storage.Tx, m move) error {
	f, err := s.load(tx, m.firm.id)
	if err != nil {
		return err
	}
	if f.Watch != m.from || f.Override != nil && m.to.level() > Warned.level() {
		return nil // somebody was quicker; their fact has the firm read again
	}
	by, now := auth.Operator(), s.Clock()
	body := watchedBody{From: m.from, To: m.to, Version: s.Promise.Version}
	var gravest Flag
	for _, g := range m.flags {
		if g.Level != PromiseKept {
			body.Flags = append(body.Flags, watchFlag{g.Rule, g.Began, g.Finding.Reason})
		}
		if gravest.Rule == "" || g.Level.level() > gravest.Level.level() {
			gravest = g
		}
	}
	if err := s.setWatch(tx, &f, m.to, now); err != nil {
		return err
	}
	if m.to == Withdrawn {
		if err := s.enter(tx, &f, Returned); err != nil {
			return err
		}
		if err := s.store(tx, f); err != nil {
			return err
		}
	}
	code := "workresume.told_watch_" + string(m.to)
	if m.to == PromiseKept {
		code = "workresume.told_watch_kept"
	} else if m.from == Suspended && m.to == Warned {
		code = "workresume.told_watch_lifted"
	}
	if err := s.tell(tx, f.ID, code, map[string]any{"rule": gravest.Rule}); err != nil {
		return err
	}
	return s.record(tx, by, factWatched, f.ID, body)
}

// setWatch writes a firm's step and what the public list says of its certificate and
// codes. Inside a Write, with the firm loaded.
func (s *Service) setWatch(tx *storage.Tx, f *row, to Watch, now time.Time) error {
	was := f.Watch
	f.Watch, f.Watched = to, now
	if _, err := tx.Exec(`update workresume_firm set watch = $1, watched = $2 where firm = $3`, string(to), clock.Micros(now), f.ID); err != nil {
		return err
	}
	s.changed(tx, f.ID)
	if (was == Suspended) == (to == Suspended) || f.State != Certified || f.certificate == "" {
		return nil
	}
	state := statuslist.Valid
	if to == Suspended {
		state = statuslist.Suspended
	}
	places, err := storage.All(tx, scanPlace, `select status from workresume_certificate where certificate = $1`, f.certificate)
	if err != nil {
		return err
	}
	if err := s.Status.Set(tx, state, places...); err != nil {
		return err
	}
	return s.markPasses(tx, f.ID, to != Suspended)
}
