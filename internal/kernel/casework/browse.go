package casework

import (
	"slices"
	"strconv"
	"strings"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

// View is a ready-made list of cases.
type View string

// The views. All, Mine, Unassigned and Late are cases whose clock runs, the next
// deadline first.
const (
	All         View = "all"
	Mine        View = "mine"
	Unassigned  View = "unassigned"
	Late        View = "late"
	OnApplicant View = "waiting"
	Done        View = "closed"
)

// Views are all of them, in the order a desk shows them.
var Views = [...]View{All, Mine, Unassigned, Late, OnApplicant, Done}

// Filter narrows a list; its zero value is All of every kind.
type Filter struct {
	View  View
	Kinds []string
	After string // where the last page ended
	Limit int    // 1 to 200; 0 is 50
}

// lookMost is how many rows a page looks at for those in reach.
const lookMost = 5000

// List is a page of cases that by may work, by deadline; next is "" at the end.
//
// Faults: none of its own; who may work nothing gets an empty list.
func (s *Store) List(r storage.Reader, by auth.Principal, f Filter) (list []Case, next string, err error) {
	if f.Limit < 1 || f.Limit > 200 {
		f.Limit = 50
	}
	due, id := cursor(f.After)
	where, args := f.where(by, clock.Micros(s.Now()))
	for looked := 0; looked < lookMost; {
		page, err := storage.All(r, func(rows *storage.Rows) (Case, error) { return s.scan(rows) },
			`select `+caseColumns+` from casework_case where `+where+` and (due > $1 or (due = $1 and id > $2)) order by due, id limit 200`,
			append([]any{due, id}, args...)...)
		if err != nil {
			return nil, "", err
		}
		looked += len(page)
		for _, c := range page {
			due, id = clock.Micros(c.Clock.Due), c.ID
			_, known := s.kinds[c.Kind]
			if !known || len(f.Kinds) > 0 && !slices.Contains(f.Kinds, c.Kind) || s.permit(by, c.Kind, c.Scope) != nil {
				continue
			}
			if list = append(list, c); len(list) == f.Limit {
				return list, mark(due, id), nil
			}
		}
		if len(page) < 200 {
			return list, "", nil
		}
	}
	return list, mark(due, id), nil
}

// where is the view in SQL; $1 and $2 are the cursor's.
func (f Filter) where(by auth.Principal, now int64) (string, []any) {
	park := ""
	if by.Scope.Kind == auth.AtPark {
		park = by.Scope.ID
	}
	const in = ` and (cast($3 as text) = '' or park = $3)`
	switch f.View {
	case Mine:
		return `assignee = $4 and state = 'open'` + in, []any{park, by.ID}
	case Unassigned:
		return `assignee = '' and state = 'open'` + in, []any{park}
	case Late:
		return `state = 'open' and due <= $4` + in, []any{park, now}
	case OnApplicant:
		return `state = 'waiting'` + in, []any{park}
	case Done:
		return `state = 'closed'` + in, []any{park}
	case All:
	}
	return `state = 'open'` + in, []any{park}
}

func mark(due int64, id string) string { return strconv.FormatInt(due, 36) + "." + id }

func cursor(text string) (due int64, id string) {
	head, tail, ok := strings.Cut(text, ".")
	due, err := strconv.ParseInt(head, 36, 64)
	if !ok || err != nil {
		return -1, "" // from the start
	}
	return due, tail
}

// Of lists a subject's cases, newest first, at most limit. It permits nobody; the
// service that shows them does.
func (s *Store) Of(r storage.Reader, subject string, limit int) ([]Case, error) {
	return storage.All(r, func(rows *storage.Rows) (Case, error) { return s.scan(rows) },
		`select `+caseColumns+` from casework_case where subject = $1 order by id desc limit $2`, subject, limit)
}

// Standing is the case of a kind that is not closed for a subject, if one is.
func (s *Store) Standing(r storage.Reader, kind, subject string) (c Case, found bool, err error) {
	c, err = s.scan(r.Row(`select `+caseColumns+` from casework_case where kind = $1 and subject = $2 and standing = ''`, kind, subject))
	if storage.NoRows(err) {
		return Case{}, false, nil
	}
	return c, err == nil, err
}

// Count is how many cases run and how many of them are late.
type Count struct{ Open, Late, Waiting int64 }

// Add is both together.
func (c Count) Add(o Count) Count {
	return Count{c.Open + o.Open, c.Late + o.Late, c.Waiting + o.Waiting}
}

// CountOf is the cases about one subject in one park, "" for those in none.
type CountOf struct {
	Park, Subject string
	Count
}

// Counts counts a district's cases that run. It is for a board that counts in the
// background, not for a page somebody waits for.
func (s *Store) Counts(r storage.Reader) ([]CountOf, error) {
	return storage.All(r, func(rows *storage.Rows) (l CountOf, err error) {
		return l, rows.Scan(&l.Park, &l.Subject, &l.Open, &l.Late, &l.Waiting)
	}, `select park, subject, cast(sum(case when state = 'open' then 1 else 0 end) as bigint),
		cast(sum(case when state = 'open' and due <= $1 then 1 else 0 end) as bigint),
		cast(sum(case when state = 'waiting' then 1 else 0 end) as bigint)
		from casework_case where state in ('open', 'waiting') group by park, subject`, clock.Micros(s.Now()))
}
