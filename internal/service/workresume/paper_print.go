package workresume

import (
	"context"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
)

// PrintInput says whom sheets are for: people of a firm, people who lodge in a street
// and have no report today, or, without either, those whom the officer's own office helps.
type PrintInput struct {
	Firm    string
	Street  string // a place's id; for officers of the district, and not with a firm
	Missing bool   // only those of the firm without a report today
	First   string
	Days    int64
	Key     once.Key
}

// PrintPaper makes numbered sheets and remembers who stands on which line. Nothing is
// reported by it: a sheet that nobody fills in changes nothing.
//
// Faults: Invalid, also for nobody and for too many; Denied, also for a street by who is
// bound to a park; NotFound for a firm out of reach.
func (s *Service) PrintPaper(ctx context.Context, by auth.Principal, in PrintInput) (printing string, err error) {
	if err := by.Permit(MayPaper, Grants, by.Scope); err != nil {
		return "", err
	}
	old, err := s.limit("paper_days")
	if err != nil {
		return "", err
	}
	first, today := readDay(in.First), s.today()
	bad := fault.New(fault.Invalid, "fault.fields")
	if in.Days < 1 || in.Days > sheetDays {
		bad.With("days", "workresume.out_of_range", "least", 1, "most", sheetDays)
	}
	if first <= today-casework.Day(old) || first > today+sheetDays {
		bad.With("first", "workresume.paper_first", "days", old)
	}
	if in.Firm != "" && in.Street != "" {
		bad.With("who", "workresume.paper_firm_or_street")
	}
	if err := bad.OrNil(); err != nil {
		return "", err
	}
	if in.Street != "" {
		// Who lodges in a street works anywhere.
		if err := by.Permit(MayPaper, Grants, auth.District(s.District)); err != nil {
			return "", err
		}
	}
	if err := s.knowStreet(ctx, in.Street); err != nil {
		return "", err
	}
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		printing, err = once.Do(tx, in.Key, s.Clock(), func() (string, error) { return s.printPaper(tx, by, in) })
		return err
	})
	return printing, err
}

func (s *Service) printPaper(tx *storage.Tx, by auth.Principal, in PrintInput) (string, error) {
	about, scope := by.Scope.String(), by.Scope.String()
	people, err := s.helpedBy(tx, about)
	if in.Firm != "" {
		var f row
		if f, err = s.permitFirm(tx, by, MayPaper, in.Firm); err != nil {
			return "", err
		}
		about, scope = f.ID, auth.District(s.District).String()
		if f.Park != "" {
			scope = auth.Park(f.Park).String()
		}
		people, err = s.rosterFor(tx, f.ID, in.Missing)
	}
	if in.Street != "" {
		about = aboutStreet + in.Street
		people, err = s.lodgers(tx, in.Street)
	}
	if err != nil {
		return "", err
	}
	each := perSheet(in.Days)
	switch most := each * sheetPages; {
	case len(people) == 0:
		return "", fault.New(fault.Invalid, "fault.fields").With("who", "workresume.paper_nobody")
	case len(people) > most:
		return "", fault.New(fault.Invalid, "fault.fields").With("who", "workresume.paper_many", "n", len(people), "most", most)
	}
	return s.keepSheets(tx, by, in, about, scope, people)
}

// keepSheets stores the pages of one printing, as many people on each as fit.
func (s *Service) keepSheets(tx *storage.Tx, by auth.Principal, in PrintInput, about, scope string, people []string) (string, error) {
	now, each := s.Clock(), perSheet(in.Days)
	printing := ident.New("prn", now)
	var numbers []string
	var lines []any
	for page := int64(1); len(people) > 0; page++ {
		number, err := s.freshSheet(tx)
		if err != nil {
			return "", err
		}
		if _, err := tx.Exec(`insert into workresume_sheet (sheet, printing, page, about, scope, first_day, days, account, printed, typed)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)`,
			number, printing, page, about, scope, in.First, in.Days, by.ID, clock.Micros(now)); err != nil {
			return "", err
		}
		n := min(each, len(people))
		for i, p := range people[:n] {
			lines = append(lines, number, int64(i+1), p)
		}
		people, numbers = people[n:], append(numbers, number)
	}
	if _, err := storage.ExecRows(tx, `insert into workresume_sheet_line (sheet, line, person) values `, 3, lines, ""); err != nil {
		return "", err
	}
	return printing, s.recordSheet(tx, by, factPaperPrinted, printing, printedBody{numbers, about, in.First, in.Days}, now)
}

// printedBody is the fact of a printing. It names no person.
type printedBody struct {
	Sheets []string `json:"sheets"`
	About  string   `json:"about"`
	First  string   `json:"first_day"`
	Days   int64    `json:"days"`
}

func (s *Service) recordSheet(tx *storage.Tx, by auth.Principal, name, id string, body any, at time.Time) error {
	_, err := s.Log.Append(tx, eventlog.Fact{Stream: "paper:" + id, Name: "workresume." + name, Actor: by.ID, At: at, Body: body})
	return err
}

// freshSheet is a number no sheet has.
func (s *Service) freshSheet(r storage.Reader) (string, error) {
	for {
		number := aloud()
		var one int64
		err := r.Row(`select 1 from workresume_sheet where sheet = $1`, number).Scan(&one)
		if storage.NoRows(err) {
			return number, nil
		}
		if err != nil {
			return "", err
		}
	}
}

// helpedBy are the people whom an office helps, those who were first first.
func (s *Service) helpedBy(r storage.Reader, helper string) ([]string, error) {
	return storage.All(r, scanText, `select helped from workresume_help where helper = $1 and ended = 0 order by help`, helper)
}

// aboutStreet begins whom a street's sheets are about.
const aboutStreet = "street:"

// lodgers are the people who said, or for whom a helper said, that they lodge in a
// street, and of whom there is no report today.
func (s *Service) lodgers(r storage.Reader, street string) ([]string, error) {
	return storage.All(r, scanText, `select w.person from workresume_travel w
		left join workresume_report t on t.person = w.person and t.day = $2 and t.turn = 1
		where w.street = $1 and t.person is null order by w.person`, street, s.today().String())
}

// rosterFor are the people on a firm's roster, or those of them who have not reported
// today.
func (s *Service) rosterFor(r storage.Reader, firm string, missing bool) ([]string, error) {
	if !missing {
		return storage.All(r, scanText, `select person from workresume_member where firm = $1 and departed = 0 order by person`, firm)
	}
	return storage.All(r, scanText, `select m.person from workresume_member m`+reportedToday+`
		where m.firm = $1 and m.departed = 0 and t.person is null order by m.person`, firm, s.today().String())
}
