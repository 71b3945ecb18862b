package workresume

import (
	"context"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
)

// TypeInput is the rows of one sheet. Rows left empty on paper are left out or empty.
type TypeInput struct {
	Number string // the sheet's
	Rows   []PaperRow
	Key    once.Key
}

// Typed is what came of a sheet.
type Typed struct {
	Kept      int64        `json:"kept"`      // new, or corrected from paper
	Unchanged int64        `json:"unchanged"` // typed in before, the same
	Standing  []PaperFault `json:"standing"`  // reported by the person or a helper: that stands
	Faults    []PaperFault `json:"faults"`    // not taken, and why
}

// PaperFault is one row that was not taken.
type PaperFault struct {
	Line int64  `json:"line"`
	Day  string `json:"day"`
	Code string `json:"code"`
}

// TypePaper takes the rows of a sheet that are right, and says of each other one what
// is wrong. The same sheet typed again changes nothing; a row typed differently
// corrects what was typed before, and the earlier stays as history. A report by the
// person or a helper is left as it is. Each is a report "from paper", with the
// account that typed it.
//
// Faults: Denied, Invalid for no rows or too many, NotFound "workresume.paper_unknown".
func (s *Service) TypePaper(ctx context.Context, by auth.Principal, in TypeInput) (out Typed, err error) {
	if err := by.Permit(MayPaper, Grants, by.Scope); err != nil {
		return out, err
	}
	if len(in.Rows) == 0 || len(in.Rows) > sheetRows {
		return out, fault.New(fault.Invalid, "fault.fields").With("rows", "workresume.paper_rows", "most", sheetRows)
	}
	x, err := s.SheetByNumber(ctx, by, in.Number)
	if err != nil {
		return out, err
	}
	// Thirty reports and as many colours in one closure are an import's size.
	err = s.Store.WriteLow(ctx, func(tx *storage.Tx) error {
		out, err = once.Do(tx, in.Key, s.Clock(), func() (Typed, error) { return s.typePaper(tx, by, x.Number, in.Rows) })
		return err
	})
	return out, err
}

func (s *Service) typePaper(tx *storage.Tx, by auth.Principal, number string, rows []PaperRow) (out Typed, err error) {
	list, err := s.findSheets(tx, by, ` where p.sheet = $1`, number)
	if err != nil {
		return out, err
	}
	t := &typing{Service: s, tx: tx, by: by, sheet: list[0], people: map[int64]string{}, today: s.today(), touched: map[string]bool{}}
	t.out.Standing, t.out.Faults = []PaperFault{}, []PaperFault{}
	if t.most, err = s.limit("paper_days"); err != nil {
		return out, err
	}
	if _, err := storage.All(tx, func(rows *storage.Rows) (none struct{}, err error) {
		var line int64
		var person string
		err = rows.Scan(&line, &person)
		t.people[line] = person
		return none, err
	}, `select line, person from workresume_sheet_line where sheet = $1`, number); err != nil {
		return out, err
	}
	for _, r := range rows {
		if r.empty() {
			continue
		}
		if err := t.row(r); err != nil {
			return out, err
		}
	}
	for _, person := range t.order {
		if err := s.recolour(tx, by, person); err != nil {
			return out, err
		}
	}
	now := s.Clock()
	if _, err := tx.Exec(`update workresume_sheet set typed = $1 where sheet = $2`, clock.Micros(now), number); err != nil {
		return out, err
	}
	return t.out, s.recordSheet(tx, by, factPaperTyped, list[0].Printing, typedBody{
		number, t.out.Kept, t.out.Unchanged, int64(len(t.out.Standing)), int64(len(t.out.Faults)),
	}, now)
}

// typedBody is the fact of a sheet typed in; who reported what is the people's own.
type typedBody struct {
	Sheet     string `json:"sheet"`
	Kept      int64  `json:"kept"`
	Unchanged int64  `json:"unchanged"`
	Standing  int64  `json:"standing"`
	Faults    int64  `json:"faults"`
}

// typing is one sheet while its rows are taken.
type typing struct {
	*Service
	tx      *storage.Tx
	by      auth.Principal
	sheet   Sheet
	people  map[int64]string // by line
	today   casework.Day
	most    int64
	touched map[string]bool
	order   []string // of those touched
	out     Typed
}

// row takes one row, or says why not.
func (t *typing) row(r PaperRow) error {
	wrong := func(code string) error {
		t.out.Faults = append(t.out.Faults, PaperFault{r.Line, r.Day, code})
		return nil
	}
	person, day := t.people[r.Line], readDay(r.Day)
	if first := readDay(t.sheet.First); person == "" || day < first || day >= first+casework.Day(t.sheet.days) {
		return wrong("workresume.paper_line")
	}
	if code := closedDay(day, t.today, t.most); code != "" {
		return wrong(code)
	}
	x, code := r.check()
	if code != "" {
		return wrong(code)
	}
	may, err := t.mayType(person)
	if err != nil {
		return err
	}
	if !may {
		return wrong("workresume.paper_reach")
	}
	before, found, err := t.reportOf(t.tx, person, r.Day)
	if err != nil {
		return err
	}
	if found && before.Way != ByPaper {
		t.out.Standing = append(t.out.Standing, PaperFault{r.Line, r.Day, "workresume.paper_" + string(before.Way)})
		return nil
	}
	_, changed, err := t.keepReport(t.tx, t.by, person, reporting{day: day, way: ByPaper}, x)
	switch {
	case fault.Is(err, "workresume.reports_most"):
		return wrong("workresume.paper_most")
	case err != nil:
		return err
	case !changed:
		t.out.Unchanged++
		return nil
	}
	t.out.Kept++
	if !t.touched[person] {
		t.touched[person], t.order = true, append(t.order, person)
	}
	return nil
}

// mayType is whether a person of the sheet is still in the typist's reach, or still
// helped by the office.
func (t *typing) mayType(person string) (bool, error) {
	scope, err := t.restrictScope(t.tx, person)
	if err != nil || t.by.Permit(MayPaper, Grants, scope...) == nil {
		return err == nil, err
	}
	var one int64
	err = t.tx.Row(`select 1 from workresume_help where helped = $1 and helper = $2 and ended = 0`, person, t.by.Scope.String()).Scan(&one)
	if storage.NoRows(err) {
		return false, nil
	}
	return err == nil, err
}
