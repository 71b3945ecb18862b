package workresume

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/kernel/statuslist"
	"breakwater/internal/storage"
)

// watchChunk is how many firms one transaction moves on.
const watchChunk = 500

// holdStint is how many firms are held in one go, well under a millisecond's work: while
// many are at the gates, codes and checks go first in between.
const holdStint = 16

// Beside a crowd whoever holds firms steps aside after each stint for asideRest, but
// for no longer than asideMost in one round: a fact changes a firm's state in two seconds.
const (
	asideRest = 4 * time.Millisecond
	asideMost = 400 * time.Millisecond
)

// stepAside lets others have the processor, if any waited for one, between stints.
func (s *Service) stepAside(ctx context.Context, stints int) {
	if s.crowded() == 0 {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(min(asideRest, asideMost/time.Duration(max(stints, 1)))):
	}
}

// crowded is how long others waited for a processor just now; 0: there is room.
func (s *Service) crowded() time.Duration {
	if s.Waited == nil {
		return 0
	}
	if d := s.Waited(); d >= asideCalm {
		return d
	}
	return 0
}

// asideCalm is a wait for a processor that nobody notices.
const asideCalm = 200 * time.Microsecond

// move is what follows for one firm from being held against its promise.
type move struct {
	firm     *watched
	flags    []Flag
	from, to Watch
}

// holdAgainst holds firms against the promise and stores what follows, at low
// priority, and counts who went from which step to which. Memory follows the store: what
// could not be stored is not believed.
func (s *Service) holdAgainst(ctx context.Context, touched map[*watched]bool, now time.Time) (turned map[[2]State]int64, err error) {
	promise := s.promise()
	pace, w := paceOf(promise), s.watch
	w.asks(promise)
	turned = map[[2]State]int64{}
	var moves []move
	held := 0
	w.mu.Lock()
	for f := range touched {
		if held++; held%holdStint == 0 {
			w.mu.Unlock()
			s.stepAside(ctx, len(touched)/holdStint)
			w.mu.Lock()
		}
		m, wake := s.hold(f, promise, pace, now)
		if m.to != m.from || !sameFlags(f.flags, m.flags) {
			moves = append(moves, m)
			turned[[2]State{standsAs(m.from), standsAs(m.to)}]++
		}
		w.await(f, wake)
	}
	w.mu.Unlock()
	for part := range slices.Chunk(moves, watchChunk) {
		if err := s.Store.WriteLow(ctx, func(tx *storage.Tx) error { return s.storeMovesOf(tx, part) }); err != nil {
			return nil, err
		}
		w.mu.Lock()
		for _, m := range part {
			m.firm.flags, m.firm.watch = m.flags, m.to
		}
		w.mu.Unlock()
	}
	return turned, nil
}

// standsAs is a step as a tally of a policy's change says it.
func standsAs(w Watch) State {
	if w == PromiseKept {
		return trialKept
	}
	return State(w)
}

// asks has the promise asked about firms by one clerk, as long as it is in force.
func (w *watcher) asks(promise *rule.Pack) {
	if w.asking != promise {
		w.asking, w.clerk, w.facts = promise, promise.Clerk(), make(map[string]any, len(promised))
	}
}

// hold is where a firm stands by its facts now, and when to ask again. Only what has
// changed since it was asked last is worked out.
func (s *Service) hold(f *watched, pack *rule.Pack, p pace, now time.Time) (move, time.Time) {
	most := Withdrawn
	switch {
	case f.spoken || f.state != Certified:
		most = Warned // an officer's word stands over the rules, and where nothing holds nothing is suspended
	case !f.begun(now) && f.inside == 0:
		most = Warned // nobody works yet; who is there before the day named is held to all of it
	}
	flags := f.flags
	for _, g := range flags {
		if g.Level.level() > f.watch.level() { // an officer or a new filing began afresh
			flags = afresh(flags, now)
			break
		}
	}
	due := reportsDue(pack, dayOf(now, s.Zone))
	found := s.watch.clerk.Again(&f.standing, f.factsInto(s.watch.facts, now, due))
	next, to, wake := p.step(flags, found, now, most)
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
		return x.Rule == y.Rule && x.Level == y.Level && x.Began.Equal(y.Began) && x.Gone.Equal(y.Gone) && x.Version == y.Version && x.Finding.Reason.In("en") == y.Finding.Reason.In("en")
	})
}

func (s *Service) storeMovesOf(tx *storage.Tx, moves []move) error {
	var rows, gone []any
	for _, m := range moves {
		for _, g := range m.firm.flags {
			if !slices.ContainsFunc(m.flags, func(n Flag) bool { return n.Rule == g.Rule }) {
				gone = append(gone, m.firm.id, g.Rule)
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
			rows = append(rows, m.firm.id, g.Rule, int64(g.Level.level()), clock.Micros(g.Began), clock.Micros(g.Raised), gone, string(finding), g.Version)
		}
	}
	if _, err := storage.ExecRows(tx, `delete from workresume_flag where (firm, rule) in (values `, 2, gone, `)`); err != nil {
		return err
	}
	if _, err := storage.ExecRows(tx, `insert into workresume_flag (firm, rule, level, began, raised, gone, finding, version) values `, 8, rows,
		` on conflict (firm, rule) do update set level = excluded.level, began = excluded.began, raised = excluded.raised, gone = excluded.gone,
			finding = excluded.finding, version = excluded.version`); err != nil {
		return err
	}
	return s.turnAll(tx, slices.DeleteFunc(slices.Clone(moves), func(m move) bool { return m.to == m.from }))
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

// turnAll moves firms from one step to another: what their certificates and their
// people's codes say follows in the same transaction, and they are told with what to do.
func (s *Service) turnAll(tx *storage.Tx, moves []move) error {
	stored, err := standingRows(tx, moves)
	if err != nil {
		return err
	}
	by, now := auth.Operator(), s.Clock()
	steps := map[Watch][]*row{}
	var told []notice
	var withdrawn []entering
	turned := moves[:0]
	for _, m := range moves {
		f := stored[m.firm.id]
		if f == nil || f.Watch != m.from || f.Override != nil && m.to.level() > Warned.level() {
			continue // somebody was quicker; their fact has the firm read again
		}
		turned = append(turned, m)
		steps[m.to] = append(steps[m.to], f)
		told = append(told, m.told())
		if m.to == Withdrawn {
			withdrawn = append(withdrawn, entering{f, Returned})
		}
	}
	for _, to := range Watches {
		if err := s.setWatch(tx, steps[to], to, now); err != nil {
			return err
		}
	}
	if err := s.enterAll(tx, withdrawn); err != nil {
		return err
	}
	if err := s.storeAll(tx, steps[Withdrawn]); err != nil {
		return err
	}
	if err := s.tellAll(tx, told); err != nil {
		return err
	}
	for _, m := range turned {
		if err := s.record(tx, by, factWatched, m.firm.id, m.body(s.promise().Version)); err != nil {
			return err
		}
	}
	return nil
}

// standingRows are the firms of moves as stored: whole where the file is written
// again, and without what was filed and decided, which is most of the work, elsewhere.
func standingRows(r storage.Reader, moves []move) (map[string]*row, error) {
	const lean = `firm, name, credit_code, park, state, since, roster, refusals, reviews, '', '', override, certificate, watch, watched`
	ids := map[string][]string{}
	for _, m := range moves {
		columns := lean
		if m.to == Withdrawn {
			columns = firmColumns
		}
		ids[columns] = append(ids[columns], m.firm.id)
	}
	out := make(map[string]*row, len(moves))
	for columns, some := range ids {
		if err := inParts(some, func(list string, args []any) error {
			found, err := storage.All(r, func(rows *storage.Rows) (row, error) { return scanFirm(rows) }, `select `+columns+` from workresume_firm where firm in (`+list+`)`, args...)
			for i := range found {
				out[found[i].ID] = &found[i]
			}
			return err
		}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// told is what a firm reads of a step.
func (m move) told() notice {
	var gravest Flag
	for _, g := range m.flags {
		if gravest.Rule == "" || g.Level.level() > gravest.Level.level() {
			gravest = g
		}
	}
	code := "workresume.told_watch_" + string(m.to)
	if m.to == PromiseKept {
		code = "workresume.told_watch_kept"
	} else if m.from == Suspended && m.to == Warned {
		code = "workresume.told_watch_lifted"
	}
	return notice{m.firm.id, code, map[string]any{"rule": gravest.Rule}}
}

// body is the fact of a step, with the flags behind it.
func (m move) body(version string) watchedBody {
	b := watchedBody{From: m.from, To: m.to, Version: version}
	for _, g := range m.flags {
		if g.Level != PromiseKept {
			b.Flags = append(b.Flags, watchFlag{g.Rule, g.Began, g.Finding.Reason})
		}
	}
	return b
}

// setWatch writes the step of firms and what the public list says of their
// certificates and codes. Inside a Write, with the firms loaded.
func (s *Service) setWatch(tx *storage.Tx, firms []*row, to Watch, now time.Time) error {
	var ids, certs, codes []string
	for _, f := range firms {
		was := f.Watch
		f.Watch, f.Watched = to, now
		ids = append(ids, f.ID)
		s.changed(tx, f.ID)
		if (was == Suspended) != (to == Suspended) && f.State == Certified && f.certificate != "" {
			certs, codes = append(certs, f.certificate), append(codes, f.ID)
		}
	}
	if err := inParts(ids, func(list string, args []any) error {
		n := len(args)
		_, err := tx.Exec(`update workresume_firm set watch = $`+strconv.Itoa(n+1)+`, watched = $`+strconv.Itoa(n+2)+` where firm in (`+list+`)`, append(args, string(to), clock.Micros(now))...)
		return err
	}); err != nil {
		return err
	}
	state := statuslist.Valid
	if to == Suspended {
		state = statuslist.Suspended
	}
	if err := inParts(certs, func(list string, args []any) error {
		places, err := storage.All(tx, scanPlace, `select status from workresume_certificate where certificate in (`+list+`) order by certificate`, args...)
		if err != nil {
			return err
		}
		return s.Status.Set(tx, state, places...)
	}); err != nil {
		return err
	}
	return s.markPasses(tx, codes, to != Suspended)
}
