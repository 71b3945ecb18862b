package workresume

import (
	"time"

	"breakwater/internal/kernel/rule"
)

// The facts this service records, each named "workresume.<name>". Bodies of facts
// about a person are sealed under that person's key; the others hold ids only.
const (
	factRegistered      = "registered"       // firm:… a firm is entered
	factNamed           = "named"            // firm:… one known by its code gets its name
	factNoticesSeen     = "notices_seen"     // firm:…
	factImportBegun     = "import_begun"     // import:…
	factFiled           = "filed"            // firm:… filing
	factDecided         = "decided"          // firm:… the rules' answer, and the state that follows
	factOverridden      = "overridden"       // firm:… an officer's word
	factHeadcount       = "headcount"        // firm:… what it declared follows its roster
	factImported        = "imported"         // firm:… one chunk of a roster
	factImportEnded     = "import_ended"     // import:… the count
	factNameCorrected   = "name_corrected"   // firm:… of whom
	factRenamed         = "renamed"          // person:…, sealed: both names and why
	factParked          = "parked"           // firm:… the park it lies in
	factLeft            = "left"             // firm:… a person is off the roster
	factReturned        = "returned"         // firm:… that is undone
	factReviewAsked     = "review_asked"     // firm:…
	factReviewEnded     = "review_ended"     // firm:… moved or kept
	factCodeSigned      = "code_signed"      // person:…, sealed
	factChecked         = "checked"          // gate:…, sealed when the person is known
	factUndone          = "check_undone"     // gate:…
	factCountCorrect    = "count_correct"    // place:…
	factAttested        = "attested"         // firm:… an officer's statement
	factPolicyAdded     = "policy_added"     // policy:…
	factPolicyConfirmed = "policy_confirmed" // policy:… by the second person
	factPolicyBegun     = "policy_begun"     // policy:… it decides from here on
	factPolicyApplied   = "policy_applied"   // policy:… every firm was asked again
	factCodesSigned     = "codes_signed"     // firm:… how many were signed ahead
	factAppealed        = "appealed"         // firm:… against what was decided
	factAppealEnded     = "appeal_ended"     // firm:… upheld or changed, by another officer
	factWatched         = "watched"          // firm:… its standing against its promise
	factMetersRead      = "meters_read"      // power:… one chunk of readings
	factStock           = "stock"            // firm:… what it has in store
	factReminded        = "reminded"         // firm:… how many were asked to report
	factRiskChanged     = "risk_changed"     // risk:… lines of the list, on or off
	factPaperPrinted    = "paper_printed"    // paper:… sheets for reports by hand
	factPaperTyped      = "paper_typed"      // paper:… one of them, typed in
	factSeeded          = "seeded"           // firm:demo, one chunk of an invented district
)

// Those about a person's health, on the person's own stream and sealed.
const (
	factReported         = "reported"          // that there is a report, not what it says
	factColoured         = "coloured"          // another colour, by which rules
	factRestricted       = "restricted"        // by which two, why, until when
	factTravelled        = "travelled"         // that they said where they were, not where
	factTravelTakenBack  = "travel_taken_back" // what a helper had said of it
	factHelped           = "helped"            // who may report for them
	factHelpEnded        = "help_ended"        // and may no longer
	factRestrictionEnded = "restriction_ended" // lifted, or its appeal turned down

	factRestrictionAppealed = "restriction_appealed" // by them, or by which helper
)

type decidedBody struct {
	Decision    rule.Decision `json:"decision"`
	State       State         `json:"state"`
	Roster      int64         `json:"roster"`
	Certificate string        `json:"certificate,omitempty"`
	Activation  string        `json:"activation,omitempty"` // a change of policy asked again
}

type policyBody struct {
	Pack       string    `json:"pack"`
	Version    string    `json:"version"`
	Digest     string    `json:"digest"`
	Activation string    `json:"activation,omitempty"`
	Begins     time.Time `json:"begins,omitzero"`
}

type appliedBody struct {
	Activation string `json:"activation"`
	Firms      int64  `json:"firms"`
	Turned     int64  `json:"turned"`
	Broken     int64  `json:"broken,omitempty"`
}

type attestedBody struct {
	Fact   string `json:"fact"`
	Value  bool   `json:"value"`
	Reason string `json:"reason"`
}

type overriddenBody struct {
	State       State  `json:"state"` // empty: handed back to the rules
	Reason      string `json:"reason"`
	Certificate string `json:"certificate,omitempty"`
}

type appealedBody struct {
	Case    string `json:"case"`
	About   string `json:"about,omitempty"`
	Outcome string `json:"outcome,omitempty"`
	State   State  `json:"state,omitempty"`
	Reason  string `json:"reason"`
}

type importedBody struct {
	Import  string   `json:"import"`
	Joined  []string `json:"joined,omitempty"`
	Changed []string `json:"changed,omitempty"`
	Review  []string `json:"review,omitempty"`
}

type checkedBody struct {
	Gate      string    `json:"gate"`
	Direction Direction `json:"direction"`
	Admit     bool      `json:"admit"`
	Code      CheckCode `json:"code"`
	Reference string    `json:"reference"`
	Colour    string    `json:"colour,omitempty"` // at that moment; "" for green

	// Of a check made without the server, which comes later than it was made.
	Said Said      `json:"said,omitempty"`
	Now  CheckCode `json:"now,omitempty"`
	Made time.Time `json:"made,omitzero"`
}
