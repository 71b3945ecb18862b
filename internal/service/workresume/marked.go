package workresume

import (
	"context"
	"encoding/json"
	"io"

	"breakwater/internal/i18n"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/roster"
	"breakwater/internal/storage"
)

// MarkedCopy writes the refused rows of an import as a workbook to mend and send
// again: the row as it was typed, the bad cells coloured, how to mend each in words.
// The person's full number is in it, as in the file it came from.
//
// Faults: Denied, NotFound.
func (s *Service) MarkedCopy(ctx context.Context, by auth.Principal, id string, say *i18n.Printer, w io.Writer) error {
	im, err := s.Import(ctx, by, id)
	if err != nil {
		return err
	}
	if im.Firm != "" {
		if err := s.mayImport(ctx, by, im.Firm); err != nil {
			return err
		}
	} else if err := by.Permit(MayRegister, Grants, auth.District(s.District)); err != nil {
		return err
	}
	return s.Store.Export(ctx, func(r storage.Reader) error {
		var header []string
		var text string
		if err := r.Row(`select header from workresume_import where import = $1`, id).Scan(&text); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(text), &header); err != nil {
			return err
		}
		rows := func(yield func(roster.RefusedRow, error) bool) {
			err := s.eachFall(r, id, func(line int64, c refusedCells) bool {
				return yield(roster.RefusedRow{Line: int(line), Cells: c.Raw, Faults: c.Faults}, nil)
			})
			if err != nil {
				yield(roster.RefusedRow{}, err)
			}
		}
		return roster.Marked(w, header, rows, say)
	})
}
