package workresume

import (
	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

// The kinds of act of this service.
const (
	MayFile       auth.Permission = "workresume.file"        // file, upload a roster, keep it
	MaySee        auth.Permission = "workresume.see"         // one firm's file and its people, masked
	MayReveal     auth.Permission = "workresume.reveal"      // one person's name and numbers, with a reason
	MayDecide     auth.Permission = "workresume.decide"      // override, settle reviews
	MayDecideMany auth.Permission = "workresume.decide_many" // one decision for several firms, with a second officer
	MayBrowse     auth.Permission = "workresume.browse"      // the list of firms
	MayCheck      auth.Permission = "workresume.check"       // scan at a gate
	MayShow       auth.Permission = "workresume.show"        // one's own code
	MayPrint      auth.Permission = "workresume.print"       // somebody's code on paper
	MayHearLate   auth.Permission = "workresume.hear_late"   // be told of late cases
	MayOversee    auth.Permission = "workresume.oversee"     // the board
	MaySummary    auth.Permission = "workresume.summary"     // the district in seven numbers
	MayRegister   auth.Permission = "workresume.register"    // enter a firm
	MayPark       auth.Permission = "workresume.park"        // say in which park a firm lies
	MayMeter      auth.Permission = "workresume.meter"       // hand in meter readings

	MayReport   auth.Permission = "workresume.report"   // one's own health
	MayHelp     auth.Permission = "workresume.help"     // report for somebody who let one
	MayArrange  auth.Permission = "workresume.arrange"  // say who helps somebody without an account
	MayRestrict auth.Permission = "workresume.restrict" // hold a person's code, with a second officer
	MayMerge    auth.Permission = "workresume.merge"    // say that two records are one person, with a second officer

	MayPaper      auth.Permission = "workresume.paper"       // sheets of paper for reports, printed and typed in
	MayRisk       auth.Permission = "workresume.risk"        // the list of places of risk
	MayListRisks  auth.Permission = "workresume.list_risks"  // a file of them, with a second officer
	MayReadHealth auth.Permission = "workresume.health_read" // one person's reports and colour, with a reason

	MaySeePolicy auth.Permission = "workresume.policy_see" // policies, and what they would change
	MayGovern    auth.Permission = "workresume.govern"     // add a policy, ask for it, confirm it
)

// Grants is the service's table of who may do what; where is the principal's scope.
var Grants = auth.Grants{
	MayFile:       {auth.Firm, auth.Officer},
	MaySee:        {auth.Firm, auth.Officer, auth.SecondOfficer, auth.Auditor},
	MayReveal:     {auth.Firm, auth.Officer},
	MayDecide:     {auth.Officer},
	MayDecideMany: {auth.Officer, auth.SecondOfficer},
	MayBrowse:     {auth.Officer, auth.SecondOfficer, auth.Auditor},
	MayCheck:      {auth.Guard},
	MayShow:       {auth.Worker},
	MayPrint:      {auth.Firm, auth.Officer},
	MayHearLate:   {auth.Officer, auth.Commander},
	MayOversee:    {auth.Officer, auth.SecondOfficer, auth.Auditor, auth.Commander},
	MaySummary:    {auth.Officer, auth.SecondOfficer, auth.Auditor, auth.Commander}, // to the piece: two looks tell one firm's number
	MayRegister:   {auth.Officer},
	MayPark:       {auth.Officer},
	MayMeter:      {auth.Officer},

	MayReport:   {auth.Worker, auth.Resident},
	MayHelp:     {auth.Worker, auth.Resident, auth.Officer},
	MayArrange:  {auth.Officer},
	MayRestrict: {auth.Officer, auth.SecondOfficer},
	MayMerge:    {auth.Officer, auth.SecondOfficer},

	MayPaper:      {auth.Officer},
	MayRisk:       {auth.Officer},
	MayListRisks:  {auth.Officer, auth.SecondOfficer},
	MayReadHealth: {auth.Officer},

	MaySeePolicy: {auth.Officer, auth.SecondOfficer, auth.Auditor, auth.Commander},
	MayGovern:    {auth.Officer, auth.SecondOfficer},
}

// chain is a firm's scopes, narrow to wide.
func (s *Service) chain(firm, park string) []auth.Scope {
	return []auth.Scope{auth.OfFirm(firm), auth.Park(park), auth.District(s.District)}
}

// permitFirm loads the firm and asks whether by may do perm to it. A firm that by
// may not see is answered like one that does not exist.
func (s *Service) permitFirm(r storage.Reader, by auth.Principal, perm auth.Permission, firm string) (row, error) {
	if err := by.Permit(perm, Grants, by.Scope); err != nil {
		return row{}, err // nobody, or a role that may do this nowhere
	}
	f, err := s.load(r, firm)
	if err != nil {
		return row{}, err
	}
	if by.Permit(perm, Grants, s.chain(f.Firm.ID, f.Park)...) != nil {
		return row{}, noFirm()
	}
	return f, nil
}
