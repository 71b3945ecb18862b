package ration

import (
	"context"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
)

// CloseCampaign ends a campaign: nothing more is planned, asked for or drawn. What was
// promised is handed over until it lapses.
//
// Faults: Denied, NotFound; Conflict "ration.closed"; Invalid for the reason.
func (s *Service) CloseCampaign(ctx context.Context, by auth.Principal, campaign, reason string, key once.Key) error {
	if err := by.Permit(MayPlan, Grants, s.district()); err != nil {
		return err
	}
	if !ident.Reasoned(reason, 2, 200) {
		return fault.New(fault.Invalid, "fault.fields").With("reason", "ration.reason")
	}
	err := s.Store.Write(ctx, func(tx *storage.Tx) error {
		_, err := once.Do(tx, key, s.Clock(), func() (string, error) {
			c, err := s.campaign(tx, campaign)
			if err != nil {
				return "", err
			}
			n, err := tx.Exec(`update ration_campaign set state = 'closed', closed = $1 where campaign = $2 and state = 'open'`, clock.Micros(s.Clock()), c.ID)
			if err == nil && n == 0 {
				err = fault.New(fault.Conflict, "ration.closed")
			}
			if err != nil {
				return "", err
			}
			return "", s.record(tx, by, factClosed, streamOf(c.ID), map[string]string{"reason": reason})
		})
		return err
	})
	s.campaigns.Delete(campaign)
	return err
}
