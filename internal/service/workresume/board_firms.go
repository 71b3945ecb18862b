package workresume

import (
	"cmp"
	"context"
	"slices"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
)

// Standing is how a firm counts on the board.
type Standing string

// The standings that a list can be of; "" is every firm.
const (
	StandsResumed   Standing = "resumed"
	StandsWarned    Standing = "warned"
	StandsSuspended Standing = "suspended"
	StandsRefused   Standing = "refused"
	StandsReturned  Standing = "returned"
	StandsUnfiled   Standing = "unfiled"
	StandsClosed    Standing = "closed" // all that have not resumed
)

// Standings lists them.
var Standings = [...]Standing{StandsResumed, StandsClosed, StandsWarned, StandsSuspended, StandsRefused, StandsReturned, StandsUnfiled}

func (t *tally) stands(as Standing) bool {
	switch as {
	case "":
		return true
	case StandsResumed:
		return t.resumed()
	case StandsClosed:
		return !t.resumed()
	case StandsWarned:
		return t.watch == Warned
	case StandsSuspended:
		return t.watch == Suspended || t.watch == Withdrawn
	}
	return string(t.state) == string(as)
}

// BoardFirm is one firm behind a figure of the board.
type BoardFirm struct {
	ID         string  `json:"id"`
	Name       string  `json:"name"`
	CreditCode string  `json:"credit_code"`
	Park       string  `json:"park"`
	Class      Class   `json:"class"`
	Industry   string  `json:"industry"`
	Size       Size    `json:"size"`
	State      State   `json:"state"`
	Watch      Watch   `json:"-"`
	Declared   int64   `json:"declared"`
	Roster     int64   `json:"roster"`
	Came       int64   `json:"came"`
	Load       *int64  `json:"load_percent"` // of a normal day; nil where no meter is read
	Owes       []Owing `json:"owes"`
}

// BoardFirmsFilter chooses the firms behind a figure. It is of now: a closed day
// keeps figures and no firms.
type BoardFirmsFilter struct {
	BoardFilter
	As    Standing
	Owes  Owing
	After string // the last id of the page before
}

// BoardFirms are the firms behind a figure, in an order that does not change, a page
// at a time, and where the next begins. total is how many there are.
//
// Faults: Denied; Invalid for a filter with a day.
func (s *Service) BoardFirms(ctx context.Context, by auth.Principal, q BoardFirmsFilter, limit int) (list []BoardFirm, total int, next string, err error) {
	if err := by.Permit(MayBrowse, Grants, by.Scope); err != nil {
		return nil, 0, "", err
	}
	if q.Day != "" {
		return nil, 0, "", fault.New(fault.Invalid, "fault.fields").With("day", "workresume.board_firms_day")
	}
	if by.Scope.Kind == auth.AtPark {
		q.Park, q.Street = by.Scope.ID, ""
	}
	c, err := s.now(ctx)
	if err != nil {
		return nil, 0, "", err
	}
	s.figures.mu.Lock()
	defer s.figures.mu.Unlock()
	s.watch.mu.Lock()
	defer s.watch.mu.Unlock()
	asked := s.measures(c.asOf)
	for id, t := range s.figures.firms {
		if !q.holds(t.group, c.streets) || !t.stands(q.As) {
			continue
		}
		w := s.watch.watched.firms[id]
		owes := t.owes(w, asked)
		if q.Owes != "" && !slices.Contains(owes, q.Owes) {
			continue
		}
		if total++; id <= q.After {
			continue
		}
		f := BoardFirm{id, t.name, t.code, t.group.park, t.group.class, t.group.industry, t.group.size, t.state, t.watch, t.declared, t.roster, 0, nil, owes}
		if w != nil {
			f.Came = w.today
			if share, ok := w.share(); ok {
				f.Load = &share
			}
		}
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b BoardFirm) int { return cmp.Compare(a.ID, b.ID) })
	if len(list) > limit {
		list = list[:limit]
		next = list[limit-1].ID
	}
	return list, total, next, nil
}
