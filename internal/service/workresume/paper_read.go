package workresume

import (
	"context"
	"strings"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/storage"
)

const sheetColumns = `select p.sheet, p.printing, p.page, p.about, p.scope, p.first_day, p.days, p.printed, p.typed,
	(select count(*) from workresume_sheet q where q.printing = p.printing) from workresume_sheet p`

func scanSheet(rows *storage.Rows) (x Sheet, err error) {
	var printed, typed int64
	err = rows.Scan(&x.Number, &x.Printing, &x.Page, &x.about, &x.scope, &x.First, &x.days, &printed, &typed, &x.Pages)
	x.Printed, x.Typed = clock.FromMicros(printed), instant(typed)
	x.Last = (readDay(x.First) + casework.Day(x.days) - 1).String()
	if street, of := strings.CutPrefix(x.about, aboutStreet); of {
		x.Street = street
	} else if !strings.Contains(x.about, ":") { // a scope names its kind
		x.Firm = x.about
	}
	return x, err
}

// sheetsListed is how many sheets a list shows.
const sheetsListed = 100

// Sheets are those an officer finds, the newest first.
//
// Faults: Denied.
func (s *Service) Sheets(ctx context.Context, by auth.Principal) (list []Sheet, err error) {
	if err := by.Permit(MayPaper, Grants, by.Scope); err != nil {
		return nil, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		where, args := ` where p.scope = $2`, []any{sheetsListed, by.Scope.String()}
		if by.Scope == auth.District(s.District) {
			where, args = "", args[:1]
		}
		if list, err = storage.All(r, scanSheet, sheetColumns+where+` order by p.printing desc, p.page limit $1`, args...); err != nil {
			return err
		}
		return s.nameSheets(r, list)
	})
	return list, err
}

// Printing are the pages printed together, with their people: what goes on paper.
//
// Faults: Denied, NotFound "workresume.paper_unknown".
func (s *Service) Printing(ctx context.Context, by auth.Principal, printing string) (list []Sheet, err error) {
	return s.sheetsWith(ctx, by, ` where p.printing = $1 order by p.page`, printing)
}

// SheetByNumber is one sheet as it is typed in, its number as anybody writes it.
//
// Faults: Denied, Invalid for a number that cannot be one, NotFound
// "workresume.paper_unknown".
func (s *Service) SheetByNumber(ctx context.Context, by auth.Principal, number string) (x Sheet, err error) {
	plain, err := ident.CheckAloud(number)
	if err != nil {
		return x, fault.New(fault.Invalid, "fault.fields").With("number", "workresume.paper_number")
	}
	list, err := s.sheetsWith(ctx, by, ` where p.sheet = $1`, plain)
	if err != nil {
		return x, err
	}
	return list[0], nil
}

func (s *Service) sheetsWith(ctx context.Context, by auth.Principal, where, arg string) (list []Sheet, err error) {
	if err := by.Permit(MayPaper, Grants, by.Scope); err != nil {
		return nil, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		if list, err = s.findSheets(r, by, where, arg); err != nil {
			return err
		}
		for i := range list {
			if err := s.fillSheet(r, &list[i]); err != nil {
				return err
			}
		}
		return s.nameSheets(r, list)
	})
	return list, err
}

// findSheets are sheets by may see; those of another office do not exist.
func (s *Service) findSheets(r storage.Reader, by auth.Principal, where, arg string) ([]Sheet, error) {
	list, err := storage.All(r, scanSheet, sheetColumns+where, arg)
	if err != nil {
		return nil, err
	}
	for _, x := range list {
		if by.Scope != auth.District(s.District) && by.Scope.String() != x.scope {
			return nil, noSheet()
		}
	}
	if len(list) == 0 {
		return nil, noSheet()
	}
	return list, nil
}

func noSheet() error { return fault.New(fault.NotFound, "workresume.paper_unknown") }

// nameSheets fills in the firms' names.
func (s *Service) nameSheets(r storage.Reader, list []Sheet) error {
	names := map[string]string{}
	for i, x := range list {
		if x.Firm == "" {
			continue
		}
		if _, ok := names[x.Firm]; !ok {
			f, err := s.load(r, x.Firm)
			if err != nil {
				return err
			}
			names[x.Firm] = f.Name
		}
		list[i].FirmName = names[x.Firm]
	}
	return nil
}

// fillSheet reads the lines of a sheet, with what is reported of each day. Who was
// erased since stands on no line any more.
func (s *Service) fillSheet(r storage.Reader, x *Sheet) error {
	most, err := s.limit("paper_days")
	if err != nil {
		return err
	}
	ways, err := s.sheetWays(r, *x)
	if err != nil {
		return err
	}
	details := map[string][]byte{}
	x.Lines, err = storage.All(r, func(rows *storage.Rows) (l SheetLine, err error) {
		var sealed []byte
		err = rows.Scan(&l.Line, &l.ID, &sealed)
		details[l.ID] = sealed
		return l, err
	}, `select l.line, l.person, m.details from workresume_sheet_line l
		left join workresume_member m on m.person = l.person and m.firm = $2 and m.departed = 0 where l.sheet = $1 order by l.line`, x.Number, x.about)
	if err != nil {
		return err
	}
	ids := make([]string, len(x.Lines))
	for i, l := range x.Lines {
		ids[i] = l.ID
	}
	names, err := s.Parties.Masked(r, ids...)
	if err != nil {
		return err
	}
	first, today := readDay(x.First), s.today()
	for i := range x.Lines {
		l := &x.Lines[i]
		if sealed := details[l.ID]; len(sealed) > 0 {
			d, err := s.openDetails(sealed)
			if err != nil {
				return err
			}
			l.Number = d.Number
		}
		l.MaskedPerson = names[l.ID]
		for k := range x.days {
			day := first + casework.Day(k)
			d := ways[personDay{l.ID, day.String()}]
			d.Day, d.Closed = day.String(), closedDay(day, today, most)
			l.Days = append(l.Days, d)
		}
	}
	return nil
}

// personDay is one person's day.
type personDay struct{ person, day string }

// sheetWays is by whose hand each day of a sheet is reported: the standing report's.
func (s *Service) sheetWays(r storage.Reader, x Sheet) (map[personDay]SheetDay, error) {
	out := map[personDay]SheetDay{}
	_, err := storage.All(r, func(rows *storage.Rows) (none struct{}, err error) {
		var k personDay
		var d SheetDay
		var at int64
		err = rows.Scan(&k.person, &k.day, &d.Way, &at)
		d.At = clock.FromMicros(at)
		out[k] = d // in the order of turns: the last stands
		return none, err
	}, `select t.person, t.day, t.way, t.at from workresume_sheet_line l
		join workresume_report t on t.person = l.person and t.day >= $2 and t.day <= $3
		where l.sheet = $1 order by t.person, t.day, t.turn`, x.Number, x.First, x.Last)
	return out, err
}
