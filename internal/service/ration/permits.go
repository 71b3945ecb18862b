package ration

import "breakwater/internal/kernel/auth"

// The kinds of act of this service.
const (
	MayOpen   auth.Permission = "ration.open"   // ask for a campaign, and confirm it
	MayPlan   auth.Permission = "ration.plan"   // points, supply, offers, the end of a campaign
	MayClaim  auth.Permission = "ration.claim"  // for oneself, one's family or one's firm
	MayEnter  auth.Permission = "ration.enter"  // for somebody who came to the desk
	MayHand   auth.Permission = "ration.hand"   // at a point: vouchers and stock
	MayStock  auth.Permission = "ration.stock"  // receive, move, write off
	MayRecall auth.Permission = "ration.recall" // a lot
	MayReview auth.Permission = "ration.review" // campaigns, offers and stock, whole and masked
)

// Grants is the service's table of who may do what.
var Grants = auth.Grants{
	MayOpen:   {auth.Officer, auth.SecondOfficer},
	MayPlan:   {auth.Officer},
	MayClaim:  {auth.Worker, auth.Resident, auth.Firm},
	MayEnter:  {auth.Officer},
	MayHand:   {auth.Storekeeper},
	MayStock:  {auth.Storekeeper, auth.Officer},
	MayRecall: {auth.Officer},
	MayReview: {auth.Officer, auth.SecondOfficer, auth.Auditor, auth.Commander},
}

func (s *Service) district() auth.Scope { return auth.District(s.District) }

// at is a point's scopes, narrow to wide.
func (s *Service) at(point string) []auth.Scope { return []auth.Scope{auth.Point(point), s.district()} }
