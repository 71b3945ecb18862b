package workresume

import (
	"context"
	"fmt"
	"time"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/storage"
)

// The demonstration's desk: cases in every state of their life, few enough to read.
const demoCases = 24

// SeedCases gives an invented district's desk its work, as of now: firms that were
// returned or refused get a case of their own age, some taken, one late, one
// appealed, and one decision for several waits for a second officer. It is for an
// empty store's demonstration.
func (s *Service) SeedCases(ctx context.Context, officer auth.Principal) error {
	return s.Store.Write(ctx, func(tx *storage.Tx) error {
		firms, err := storage.All(tx, func(rows *storage.Rows) (row, error) { return scanFirm(rows) },
			`select `+firmColumns+` from workresume_firm where attention >= 200 and filing <> '' order by attention desc, firm limit $1`, demoCases)
		if err != nil {
			return err
		}
		now := s.Clock()
		var asked []ManyFirm
		appealed := false
		for i, f := range firms {
			// From an hour old to over a week: those over three working days are late.
			at := now.Add(-time.Duration(1+i%7*30) * time.Hour)
			if _, stands, err := s.Cases.Standing(tx, CaseFiling, f.ID); err != nil {
				return err
			} else if stands {
				continue // it filed by itself, and has one
			}
			waits := f.State == Returned && i%3 != 0
			c, err := s.Cases.Open(tx, auth.Operator(), casework.Opening{
				Kind: CaseFiling, Subject: f.ID, Title: f.Name, Scope: s.chain(f.ID, f.Park), Missing: points(f.Decision), At: at, Waiting: waits,
			})
			if err != nil {
				return err
			}
			switch {
			case f.State == Refused && !appealed:
				appealed = true
				if _, err := s.appeal(tx, auth.Operator(), f, "我公司已停止放映，仅开放设备检修，附物业证明，请核实。"); err != nil {
					return err
				}
			case i%4 == 1 && !waits:
				if _, err := s.Cases.Take(tx, officer, c.ID); err != nil {
					return err
				}
			case !waits && len(asked) < 3:
				asked = append(asked, ManyFirm{f.ID, f.Name, f.State})
			}
		}
		if len(asked) < 2 {
			return nil
		}
		_, err = s.Acts.Propose(tx, officer, dual.Proposal{
			Kind: ActMany, Subject: fmt.Sprintf("demo %d", len(asked)), Scope: []auth.Scope{auth.District(s.District)},
			Body: ManyBody{State: Returned, Firms: asked}, Reason: "统一退回：请补充消毒记录后重新备案。",
		})
		return err
	})
}
