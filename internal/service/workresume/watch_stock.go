package workresume

import (
	"context"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
)

// StockInput is what a firm has in store now.
type StockInput struct {
	Firm  string
	Masks int64
	Key   once.Key
}

// ReportStock takes a firm's own count of its masks: days of supply are counted
// from here. A later report, or a later filing, replaces it.
//
// Faults: Invalid with fields, Denied, NotFound; Conflict before the first filing.
func (s *Service) ReportStock(ctx context.Context, by auth.Principal, in StockInput) (out Stock, err error) {
	if in.Masks < 0 || in.Masks > Most {
		return out, fault.New(fault.Invalid, "fault.fields").With("masks", "workresume.out_of_range", "least", 0, "most", int64(Most))
	}
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		f, err := s.permitFirm(tx, by, MayFile, in.Firm)
		if err != nil {
			return err
		}
		out, err = once.Do(tx, in.Key, s.Clock(), func() (Stock, error) {
			if f.Filing == nil {
				return Stock{}, fault.New(fault.Conflict, "workresume.not_filed")
			}
			st := Stock{in.Masks, s.Clock()}
			if _, err := tx.Exec(`insert into workresume_stock (firm, masks, account, at) values ($1, $2, $3, $4)
				on conflict (firm) do update set masks = excluded.masks, account = excluded.account, at = excluded.at`, f.ID, st.Masks, by.ID, clock.Micros(st.At)); err != nil {
				return st, err
			}
			return st, s.record(tx, by, factStock, f.ID, map[string]any{"masks": st.Masks})
		})
		return err
	})
	return out, err
}
