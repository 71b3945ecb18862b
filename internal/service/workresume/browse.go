package workresume

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

// Firm is one firm's file, with its certificate signed.
//
// Faults: Denied, NotFound.
func (s *Service) Firm(ctx context.Context, by auth.Principal, id string) (Firm, error) {
	var f row
	err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
		if f, err = s.permitFirm(r, by, MaySee, id); err != nil {
			return err
		}
		if f.certificate != "" {
			f.Certificate, err = s.loadCertificate(r, "certificate", f.certificate)
		}
		return err
	})
	if err != nil {
		return Firm{}, err
	}
	return s.signed(ctx, f.Firm)
}

// FirmByCode finds a firm by its credit code for somebody who may see it.
//
// Faults: Denied, NotFound.
func (s *Service) FirmByCode(ctx context.Context, by auth.Principal, code string) (Firm, error) {
	if c, err := ident.CreditCode(code); err == nil {
		code = c
	}
	var id string
	err := s.Store.Read(ctx, func(r storage.Reader) error {
		return r.Row(`select firm from workresume_firm where credit_code = $1`, code).Scan(&id)
	})
	if storage.NoRows(err) {
		return Firm{}, noFirm()
	}
	if err != nil {
		return Firm{}, err
	}
	return s.Firm(ctx, by, id)
}

// FirmFilter chooses from the officer's list. After is where the page before ended.
type FirmFilter struct {
	Query string // part of a name, or the start of a credit code
	State State
	Class Class
	Park  string
	After string
}

// Listed is one line of the officer's list.
type Listed struct {
	ID         string
	Name       string
	CreditCode string
	Park       string
	State      State
	Since      int64 // µs
	Class      Class
	Declared   int64
	Roster     int64
	Reviews    int64
	attention  int64
}

// Firms is one page of the district's firms, those that want attention first, and
// where the next begins.
//
// Faults: Denied, Malformed for a page mark that is not ours.
func (s *Service) Firms(ctx context.Context, by auth.Principal, q FirmFilter) (list []Listed, next string, err error) {
	if err := by.Permit(MayBrowse, Grants, by.Scope); err != nil {
		return nil, "", err
	}
	if by.Scope.Kind == auth.AtPark {
		q.Park = by.Scope.ID
	}
	where, args, err := q.where()
	if err != nil {
		return nil, "", err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) (err error) {
		list, err = storage.All(r, scanListed, `select firm, name, credit_code, park, state, since, class, declared, roster, reviews, attention
			from workresume_firm`+where+fmt.Sprintf(` order by attention desc, firm desc limit %d`, PageSize+1), args...)
		return err
	})
	if len(list) > PageSize {
		list = list[:PageSize]
		last := list[PageSize-1]
		next = fmt.Sprintf("%d.%s", last.attention, last.ID)
	}
	return list, next, err
}

func (q FirmFilter) where() (string, []any, error) {
	var conds []string
	var args []any
	add := func(cond string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			cond = strings.Replace(cond, "?", fmt.Sprintf("$%d", len(args)), 1)
		}
		conds = append(conds, cond)
	}
	if q.State != "" {
		add(`state = ?`, string(q.State))
	}
	if q.Class != "" {
		add(`class = ?`, string(q.Class))
	}
	if q.Park != "" {
		add(`park = ?`, q.Park)
	}
	if t := strings.TrimSpace(q.Query); t != "" {
		esc := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(t)
		add(`(lower(name) like ? escape '\' or credit_code like ? escape '\')`, "%"+strings.ToLower(esc)+"%", strings.ToUpper(esc)+"%")
	}
	if q.After != "" {
		var attention int64
		var id string
		if n, err := fmt.Sscanf(q.After, "%d.%s", &attention, &id); n != 2 || err != nil {
			return "", nil, fault.New(fault.Malformed, "workresume.page_mark")
		}
		add(`(attention, firm) < (?, ?)`, attention, id) // as one value, so that the index is entered there
	}
	if len(conds) == 0 {
		return "", nil, nil
	}
	return " where " + strings.Join(conds, " and "), args, nil
}

func scanListed(rows *storage.Rows) (Listed, error) {
	var l Listed
	return l, rows.Scan(&l.ID, &l.Name, &l.CreditCode, &l.Park, &l.State, &l.Since, &l.Class, &l.Declared, &l.Roster, &l.Reviews, &l.attention)
}

// Open is the public list: firms with a standing certificate, by name, a page at a
// time; after is the last firm's id of the page before.
func (s *Service) Open(ctx context.Context, after string, limit int) ([]Public, string, error) {
	var out []Public
	next := ""
	err := s.Store.Read(ctx, func(r storage.Reader) error {
		out, next = nil, ""
		now := clock.Micros(s.Clock())
		var last string
		list, err := storage.All(r, func(rows *storage.Rows) (Public, error) {
			p := Public{State: Certified, Certificate: &Certificate{}}
			var issued, until int64
			err := rows.Scan(&last, &p.Name, &p.CreditCode, &p.Class, &p.Certificate.Code, &issued, &until)
			p.Certificate.Firm, p.Certificate.Issued, p.Certificate.Until = last, clock.FromMicros(issued), clock.FromMicros(until)
			return p, err
		}, `select f.firm, f.name, f.credit_code, f.class, c.code, c.issued, c.until
			from workresume_firm f join workresume_certificate c on c.certificate = f.certificate
			where f.state = 'certified' and f.watch <> 'suspended' and f.firm > $1 and c.until > $2 order by f.firm limit $3`, after, now, limit+1)
		if len(list) > limit {
			list = list[:limit]
			next = list[limit-1].Certificate.Firm
		}
		out = list
		return err
	})
	return out, next, err
}

const importColumns = `select import, firm, name, state, dry, total, row_count, accepted, rejected, unchanged, review, refused, started, ended from workresume_import`

func scanImport(rows *storage.Rows) (Import, error) {
	var im Import
	var dry, started, ended int64
	var refused string
	err := rows.Scan(&im.ID, &im.Firm, &im.Name, &im.State, &dry, &im.Total, &im.Rows, &im.Accepted, &im.Rejected, &im.Unchanged, &im.Review, &refused, &started, &ended)
	if err != nil {
		return im, err
	}
	im.DryRun, im.Started, im.Ended = dry == 1, clock.FromMicros(started), instant(ended)
	if refused != "" {
		im.Refused = new(Refusal)
		err = json.Unmarshal([]byte(refused), im.Refused)
	}
	return im, err
}

// MostErrors is how many bad cells an answer lists; the marked copy has all.
const MostErrors = 10_000

// Import is one roster file and what has come of it so far, with its bad cells.
//
// Faults: Denied, NotFound.
func (s *Service) Import(ctx context.Context, by auth.Principal, id string) (Import, error) {
	var im Import
	err := s.Store.Read(ctx, func(r storage.Reader) error {
		list, err := storage.All(r, scanImport, importColumns+` where import = $1`, id)
		if err != nil {
			return err
		}
		if err := by.Permit(MaySee, Grants, by.Scope); err != nil {
			return err
		}
		unknown := fault.New(fault.NotFound, "workresume.import_unknown")
		if len(list) == 0 {
			return unknown
		}
		im = list[0]
		if im.Firm == "" {
			if by.Permit(MaySee, Grants, auth.District(s.District)) != nil {
				return unknown
			}
		} else if _, err := s.permitFirm(r, by, MaySee, im.Firm); err != nil {
			return unknown
		}
		return s.eachFall(r, id, func(line int64, c refusedCells) bool {
			for _, f := range c.Faults {
				im.Errors = append(im.Errors, CellError{Row: line, Column: f.Column, Code: f.Code, Value: f.Value, Args: f.Args})
			}
			im.MoreFault = len(im.Errors) >= MostErrors
			return !im.MoreFault
		})
	})
	return im, err
}

// eachFall visits the refused rows of an import in file order until do says stop.
func (s *Service) eachFall(r storage.Reader, id string, do func(line int64, c refusedCells) bool) error {
	rows, err := r.Query(`select line, cells from workresume_import_fault where import = $1 order by line`, id)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var line int64
		var sealed []byte
		if err := rows.Scan(&line, &sealed); err != nil {
			return err
		}
		plain, err := s.Ring.Open(sealed, []byte(id))
		if err != nil {
			return err
		}
		var c refusedCells
		if err := json.Unmarshal(plain, &c); err != nil {
			return err
		}
		if !do(line, c) {
			return nil
		}
	}
	return rows.Err()
}

// Imports are a firm's latest files, newest first, without their bad cells.
//
// Faults: Denied, NotFound.
func (s *Service) Imports(ctx context.Context, by auth.Principal, firm string) (list []Import, err error) {
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		if _, err := s.permitFirm(r, by, MaySee, firm); err != nil {
			return err
		}
		list, err = storage.All(r, scanImport, importColumns+` where firm = $1 order by import desc limit 10`, firm)
		return err
	})
	return list, err
}
