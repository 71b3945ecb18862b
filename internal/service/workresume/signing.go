package workresume

import (
	"context"
	"log/slog"
	"math"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/credential"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/statuslist"
	"breakwater/internal/storage"
)

// A person's code is signed once for each day and kept, never at each show. Most
// are signed before anybody asks (signAhead); who asks first is served together
// with all who ask at the same moment, in one transaction.

// signBatch is how many passes one transaction stores.
const signBatch = 250

// passOrder is one person's wish for a pass.
type passOrder struct {
	standing
	by      auth.Principal
	printed bool
	when    time.Time // when the pass must be good

	place statuslist.Ref // of the pass before, of the same firm
	pass  *pass
	err   error
	done  chan struct{}
}

// sign returns a fresh pass for a standing that judges valid.
func (s *Service) sign(ctx context.Context, by auth.Principal, st standing, printed bool) (*pass, error) {
	o := &passOrder{standing: st, by: by, printed: printed, when: st.now, done: make(chan struct{})}
	apart := context.WithoutCancel(ctx)
	s.desk.add(o, math.MaxInt, signBatch, func(orders []*passOrder) {
		err := s.signAll(apart, orders, s.Store.Write)
		for _, o := range orders {
			o.err = err
			close(o.done)
		}
	})
	select {
	case <-o.done:
		return o.pass, o.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type write = func(context.Context, storage.WriteFunc) error

// signAll signs and stores the orders' passes, through write. A good one that is
// stored already, by another process or a moment ago, is taken instead.
func (s *Service) signAll(ctx context.Context, orders []*passOrder, write write) error {
	if err := s.Store.Read(ctx, func(r storage.Reader) error { return before(r, orders) }); err != nil {
		return err
	}
	for _, o := range orders {
		o.pass = newPass(o.standing, o.printed)
		var where *credential.StatusRef
		var err error
		if o.pass.place, where, err = s.placeFor(ctx, o.place, o.pass.until); err != nil {
			return err
		}
		o.pass.text, err = s.Signer.Sign(credential.Claims{
			Status: where, Kind: credential.Person, ID: ident.New("pas", o.now), Issuer: s.Issuer, Subject: o.person, Issued: o.pass.issued, Expires: o.pass.until,
			Name: o.name, Employer: o.footing.name, Printed: o.printed,
		})
		if err != nil {
			return err
		}
	}
	made := make([]*pass, len(orders))
	turn := s.roll.current()
	err := write(ctx, func(tx *storage.Tx) error {
		var fresh []*passOrder
		for _, printed := range []bool{false, true} {
			there, err := storedPasses(tx, printed, standingsOf(orders, printed))
			if err != nil {
				return err
			}
			for i, o := range orders {
				if o.printed != printed {
					continue
				}
				if p := there[o.person]; p.good(o.when, o.footing, printed) {
					made[i] = p
					continue
				}
				made[i] = o.pass
				there[o.person] = o.pass // the same person twice in one batch
				fresh = append(fresh, o)
			}
		}
		return s.storePasses(tx, fresh)
	})
	if err != nil {
		return err
	}
	for i, o := range orders {
		o.pass = made[i]
		if !o.printed {
			s.roll.keepPass(o.person, o.pass, turn)
		}
	}
	return nil
}

// before finds the places in the status list that the orders' passes take over: what
// is decided about one is decided about those that follow it.
func before(r storage.Reader, orders []*passOrder) error {
	for _, printed := range []bool{false, true} {
		there, err := storedPasses(r, printed, standingsOf(orders, printed))
		if err != nil {
			return err
		}
		for _, o := range orders {
			if p := there[o.person]; o.printed == printed && p != nil && p.firm == o.firm {
				o.place = p.place
			}
		}
	}
	return nil
}

func newPass(st standing, printed bool) *pass {
	p := &pass{firm: st.firm, issued: st.now, until: st.now.Add(PassLife)}
	if printed || st.cert.Until.Before(p.until) {
		p.until = st.cert.Until
	}
	return p
}

func standingsOf(orders []*passOrder, printed bool) []standing {
	var out []standing
	for _, o := range orders {
		if o.printed == printed {
			out = append(out, o.standing)
		}
	}
	return out
}

func (s *Service) storePasses(tx *storage.Tx, orders []*passOrder) error {
	if err := freeShorts(tx, orders); err != nil {
		return err
	}
	rows := make([]any, 0, len(orders)*8)
	for _, o := range orders {
		rows = append(rows, o.person, bit(o.printed), o.pass.firm, o.pass.short, o.pass.text, clock.Micros(o.pass.issued), clock.Micros(o.pass.until), o.pass.place.String())
	}
	if _, err := storage.ExecRows(tx, `insert into workresume_pass (person, printed, firm, short_code, credential, issued, until, status) values `, 8, rows,
		` on conflict (person, printed) do update set firm = excluded.firm, short_code = excluded.short_code,
			credential = excluded.credential,
			issued = excluded.issued, until = excluded.until, status = excluded.status`); err != nil {
		return err
	}
	ahead := map[string]int{}
	for _, o := range orders {
		if o.by.Role == auth.System {
			ahead[o.firm]++
			continue
		}
		if err := s.recordPerson(tx, o.by, factCodeSigned, "person:"+o.person, o.person, map[string]any{"firm": o.firm, "until": o.pass.until, "printed": o.printed}); err != nil {
			return err
		}
	}
	for _, o := range orders { // in their order, one fact a firm
		if n := ahead[o.firm]; n > 0 && o.by.Role == auth.System {
			delete(ahead, o.firm)
			if _, err := s.Log.Append(tx, eventlog.Fact{
				Stream: "firm:" + o.firm, Name: "workresume." + factCodesSigned, Actor: "system", At: s.Clock(),
				Body: map[string]any{"codes": n, "until": o.pass.until},
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

// freeShorts gives each order a short code that nobody has.
func freeShorts(r storage.Reader, orders []*passOrder) error {
	for todo := orders; len(todo) > 0; {
		codes := make([]string, len(todo))
		for i, o := range todo {
			o.pass.short = aloud()
			codes[i] = o.pass.short
		}
		list, args := storage.In(1, codes)
		taken, err := storage.All(r, scanText, `select short_code from workresume_pass where short_code in (`+list+`)`, args...)
		if err != nil {
			return err
		}
		used := map[string]bool{}
		for _, t := range taken {
			used[t] = true
		}
		var again []*passOrder
		for _, o := range todo {
			if used[o.pass.short] {
				again = append(again, o)
			}
			used[o.pass.short] = true
		}
		todo = again
	}
	return nil
}

// Signing ahead rests between batches: on a quiet machine it has most of one
// processor. Beside a crowd it signs few at a time, because a hundred signatures are
// a processor's tenth of a second and everybody would stand behind them, and rests
// signYield times as long as others waited for a processor just now, up to signRest.
// Whoever shows a code before its turn has it signed at once.
const (
	signPause = 10 * time.Millisecond
	signFew   = 8
	signYield = 25
	signRest  = 200 * time.Millisecond
)

// signingPace is how many are signed ahead together now, and the rest after them.
func (s *Service) signingPace() (int, time.Duration) {
	if waited := s.crowded(); waited > 0 {
		return signFew, min(signPause+signYield*waited, signRest)
	}
	return signBatch, signPause
}

// aheadOf is how long before a phone's pass must be replaced it is signed anew.
const aheadOf = time.Hour

// signAhead signs the passes that run out soon, and those of people whose firm was
// certified since, so that the morning finds them signed. It rests between batches.
func (s *Service) signAhead(ctx context.Context) error {
	now := s.Clock()
	then := now.Add(aheadOf)
	due := s.roll.due(now, then)
	for len(due) > 0 && ctx.Err() == nil {
		most, rest := s.signingPace()
		part := due[:min(len(due), most)]
		due = due[len(part):]
		orders := make([]*passOrder, 0, len(part))
		for _, st := range part {
			orders = append(orders, &passOrder{standing: st, by: auth.Operator(), when: then})
		}
		if err := s.signAll(ctx, orders, s.Store.WriteLow); err != nil {
			if fault.KindOf(err) == fault.Busy {
				return nil // the next round
			}
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(rest):
		}
	}
	return nil
}

// due lists who has a valid code and will have no good pass at the given time.
func (r *roll) due(now, then time.Time) []standing {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var out []standing
	for k, p := range r.people {
		f := r.firms[p.firm]
		if f == nil {
			continue
		}
		st := standing{footing: f, name: r.names[p.name], colour: r.health[k], now: now}
		if st.judge().State == CodeValid && !r.passes[k].good(then, f, false) {
			st.person = k.id()
			out = append(out, st)
		}
	}
	return out
}

// aheadLoop musters everybody once, then signs ahead every minute until ctx ends.
func (s *Service) aheadLoop(ctx context.Context) error {
	if err := s.patiently(ctx, s.muster); err != nil {
		return err
	}
	for {
		if err := s.patiently(ctx, s.signAhead); err != nil {
			slog.ErrorContext(ctx, "sign ahead", "err", err)
		}
		if err := s.patiently(ctx, s.lapse); err != nil {
			slog.ErrorContext(ctx, "codes whose colour has lapsed", "err", err)
		}
		if err := s.patiently(ctx, s.weigh); err != nil {
			slog.ErrorContext(ctx, "weigh a change of the places of risk", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.riskWake:
		case <-time.After(time.Minute):
		}
	}
}
