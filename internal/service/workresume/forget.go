package workresume

import (
	"breakwater/internal/fault"
	"breakwater/internal/storage"
)

// Holds says that a person on a roster, or asked for by a firm, cannot be
// forgotten: the firm takes them off first, or the gate would turn them away with nobody knowing why.
//
// Faults: Conflict "workresume.still_member".
func (s *Service) Holds(r storage.Reader, person string) error {
	var one int64
	err := r.Row(`select 1 from workresume_member where person = $1 and departed = 0
		union all select 1 from workresume_review where person = $1 and settled = 0 limit 1`, person).Scan(&one)
	if storage.NoRows(err) {
		return nil
	}
	if err == nil {
		return fault.New(fault.Conflict, "workresume.still_member")
	}
	return err
}

// Forget removes what rosters, codes and health reports keep of a person who left
// the rosters. Checks at
// gates stay, as counts of somebody who has no name any more.
func (s *Service) Forget(tx *storage.Tx, person string) error {
	if err := s.withdrawPasses(tx, person); err != nil { // a code in somebody's phone ends too
		return err
	}
	for _, text := range [...]string{
		`delete from workresume_member where person = $1 and departed > 0`,
		`delete from workresume_pass where person = $1`,
		`delete from workresume_review where person = $1`,
		`delete from workresume_report where person = $1`,
		`delete from workresume_reminder where person = $1`,
		`delete from workresume_sheet_line where person = $1`,
		`delete from workresume_travel where person = $1`,
		`delete from workresume_help where helped = $1 or helper = $1`,
		`delete from workresume_help_code where person = $1`,
		`update workresume_report set helper = '' where helper = $1`,
		`update workresume_travel set helper = 'forgotten' where helper = $1`,
		`update workresume_restriction set appellant = 'forgotten' where appellant = $1`,
		`delete from workresume_colour where person = $1`,
		`delete from workresume_restriction where person = $1`,
	} {
		if _, err := tx.Exec(text, person); err != nil {
			return err
		}
	}
	return nil
}
