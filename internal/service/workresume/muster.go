package workresume

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
)

// musterPage is how many people one step of a muster reads.
const musterPage = 2000

// musterTries is how often a page is read again that came too late.
const musterTries = 3

// muster reads everybody on a roster, and their passes, into the roll: a process
// that started at 8:30 must not read them one by one at 8:31. It goes page by page
// beside everything else; who is not in yet is asked of the store.
func (s *Service) muster(ctx context.Context) error {
	total, tries := 0, 0
	for after := ""; ; {
		var last string
		missed := false
		err := s.Store.Export(ctx, func(r storage.Reader) error {
			turn := s.roll.current()
			people, err := s.musterRows(r, after)
			if err != nil || len(people) == 0 {
				last = ""
				return err
			}
			last = people[len(people)-1].person
			passes, err := storedPasses(r, false, people)
			if err != nil {
				return err
			}
			for _, st := range people {
				s.roll.keep(st, turn)
				if p := passes[st.person]; p != nil {
					s.roll.keepPass(st.person, p, turn)
				}
			}
			if missed = s.roll.current() != turn; !missed {
				total += len(people)
			}
			return nil
		})
		if err != nil {
			return err
		}
		if last == "" {
			break
		}
		if missed && tries < musterTries { // something was forgotten meanwhile, so the page was not kept
			tries++
			continue
		}
		tries = 0
		after = last
	}
	slog.InfoContext(ctx, "everybody on a roster is in memory", "people", total)
	return nil
}

func (s *Service) musterRows(r storage.Reader, after string) ([]standing, error) {
	now := s.Clock()
	people, err := storage.All(r, func(rows *storage.Rows) (standing, error) {
		st := standing{now: now}
		dest, done := scanFooting(&st.person)
		err := rows.Scan(st.dest(dest)...)
		st.footing = done()
		return st, err
	}, `select m.person, `+footingColumns+colourColumns+` from workresume_member m join workresume_firm f on f.firm = m.firm
		left join workresume_certificate c on c.certificate = f.certificate`+colourJoin+`m.person
		where m.person > $1 and m.departed = 0 order by m.person limit $2`, after, musterPage)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(people))
	for i, st := range people {
		ids[i] = st.person
	}
	names, err := s.Parties.Masked(r, ids...)
	for i := range people {
		people[i].name = names[people[i].person].Name
	}
	return people, err
}

// hear makes the roll forget what other processes changed, until ctx ends. On a
// store of our own there is nothing to hear. at is the log's size before anything
// was read into the roll.
func (s *Service) hear(ctx context.Context, at int64) error {
	for {
		woken := s.Log.Wait()
		now := clock.Micros(s.Clock())
		heads, err := s.Log.Names(ctx, at, 1000)
		if err == nil {
			for _, h := range heads {
				at = h.Seq
				s.heard(h.Stream, h.Name)
			}
			if len(heads) == 1000 {
				continue // not yet at the end
			}
			s.roll.heard.Store(now)
		} else if ctx.Err() == nil && !away(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-woken:
		case <-time.After(heardMost / 4):
		}
	}
}

// heard forgets what a fact may have changed.
func (s *Service) heard(stream, name string) {
	firm, ok := strings.CutPrefix(stream, "firm:")
	verb, ours := strings.CutPrefix(name, "workresume.")
	switch person, about := strings.CutPrefix(stream, "person:"); {
	case about && (name == party.Joined || name == party.Parted):
		s.roll.forgetPeople([]string{person})
		s.roll.forgetPasses([]string{person})
	case about && verb == factColoured, about && verb == factRestricted, about && verb == factRestrictionEnded:
		s.roll.forgetPeople([]string{person})
		s.roll.forgetPasses([]string{person})
	case !ok || !ours:
	case verb == factImported, verb == factLeft, verb == factReturned, verb == factReviewEnded:
		s.roll.forgetRoster(firm)
	case verb == factCodesSigned:
	default:
		s.roll.forgetFirm(firm)
	}
}
