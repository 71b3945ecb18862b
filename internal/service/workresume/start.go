package workresume

import (
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/storage"
)

const (
	// aheadConstant is how many whole days before its first day of work a firm
	// files: a setting of the policy, 0 where it says nothing. It is held when a
	// firm files and never again, so that a stricter policy stops nobody who works.
	aheadConstant = "file_ahead_days"

	startMost = 366 // days: beyond it somebody slipped in the year
)

// FirstStart is the first day on which a firm that files now may begin, and the
// days of notice the policy in force asks for.
func (s *Service) FirstStart() (day time.Time, ahead int64) { return s.firstStart(s.Rules()) }

func (s *Service) firstStart(p *rule.Pack) (day time.Time, ahead int64) {
	if n, ok := p.Whole(aheadConstant); ok && n > 0 {
		ahead = min(n, startMost)
	}
	return dayOf(s.Clock(), s.Zone).AddDate(0, 0, int(ahead)), ahead
}

// starts holds a filing's first day of work against the policy in force. A day left
// out stays as it was, and for a firm that names none is the first possible. A day
// that was named before is not asked about again: who corrects a number of masks
// after it has begun is not sent home for it.
//
// Faults: Invalid at the field "start".
func (s *Service) starts(r storage.Reader, f row, in *Filing) error {
	before := ""
	if f.Filing != nil {
		before = f.Filing.Start
	}
	if in.Start == "" {
		in.Start = before
	}
	if in.Start == before && f.Filing != nil {
		return nil
	}
	p, err := s.inForce(r)
	if err != nil {
		return err
	}
	first, ahead := s.firstStart(p.Pack)
	if in.Start == "" {
		in.Start = first.Format(time.DateOnly)
		return nil
	}
	bad := fault.New(fault.Invalid, "fault.fields")
	day, err := time.ParseInLocation(time.DateOnly, in.Start, s.Zone)
	switch {
	case err != nil:
		bad.With("start", "workresume.start_unread")
	case day.Before(first):
		bad.With("start", "workresume.start_early", "first", first.Format(time.DateOnly), "n", ahead, "version", p.Pack.Version)
	case day.After(first.AddDate(0, 0, startMost)):
		bad.With("start", "workresume.start_far", "n", startMost)
	}
	return bad.OrNil()
}
