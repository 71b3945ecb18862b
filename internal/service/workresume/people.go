package workresume

import (
	"time"

	"breakwater/internal/kernel/party"
)

// Member is a person on a firm's roster, masked.
type Member struct {
	party.MaskedPerson
	Number     string    `json:"number"`
	Department string    `json:"department"`
	Post       string    `json:"post"`
	Joined     time.Time `json:"joined"`
	Left       time.Time `json:"left,omitzero"` // zero while on the roster
}

// details is what a roster row says of a person beyond who they are; it is
// sealed at rest.
type details struct {
	Number      string `json:"number,omitempty"`
	Department  string `json:"department,omitempty"`
	Post        string `json:"post,omitempty"`
	NativePlace string `json:"native_place,omitempty"`
	Address     string `json:"address,omitempty"`
	ReturnDate  string `json:"return_date,omitempty"` // 2006-01-02
	Origin      string `json:"origin,omitempty"`
	Places14    string `json:"places_14,omitempty"`
}

// ReviewState is where the question about a person on two rosters stands.
type ReviewState string

// A review is found by an import, asked by the receiving firm, settled by an officer.
const (
	ReviewFound ReviewState = "found"
	ReviewAsked ReviewState = "asked"
	ReviewMoved ReviewState = "moved"
	ReviewKept  ReviewState = "kept"
)

// Review is a person whom a firm's file names while another firm's roster has
// them. OtherFirm is empty when the reader may not see that firm.
type Review struct {
	ID        string             `json:"id"`
	Firm      string             `json:"firm"`
	FirmName  string             `json:"firm_name"`
	OtherFirm string             `json:"other_firm,omitempty"`
	OtherName string             `json:"other_firm_name,omitempty"`
	Person    party.MaskedPerson `json:"person"`
	State     ReviewState        `json:"state"`
	Note      string             `json:"note"` // what the receiving firm said
	Reason    string             `json:"reason"`
	Found     time.Time          `json:"found"`
}

// ImportState is where a roster file stands.
type ImportState string

// A running import ends as done, cancelled (what was done stays and is said),
// refused (nothing changed) or interrupted (running the same file again finishes it).
const (
	ImportRunning     ImportState = "running"
	ImportDone        ImportState = "done"
	ImportCancelled   ImportState = "cancelled"
	ImportRefused     ImportState = "refused"
	ImportInterrupted ImportState = "interrupted"
)

// Import is one roster file on its way in. Rows is the sum of Accepted,
// Rejected, Unchanged and Review; Total is the expected number of rows, 0 when
// the file does not say.
type Import struct {
	ID        string      `json:"id"`
	Firm      string      `json:"firm,omitempty"` // empty when each row names its firm
	Name      string      `json:"file"`
	State     ImportState `json:"state"`
	DryRun    bool        `json:"dry_run"`
	Total     int64       `json:"total"`
	Rows      int64       `json:"rows"`
	Accepted  int64       `json:"accepted"`
	Rejected  int64       `json:"rejected"`
	Unchanged int64       `json:"unchanged"`
	Review    int64       `json:"review"`
	Errors    []CellError `json:"errors"`
	MoreFault bool        `json:"errors_cut"` // more errors than the answer lists; the marked copy has all
	Refused   *Refusal    `json:"refused,omitempty"`
	Started   time.Time   `json:"started"`
	Ended     time.Time   `json:"ended,omitzero"`

	newcomer string // see ImportInput
	resumed  bool   // begun by a process that ended before the import did
}

// CellError is one bad cell: Row is the line in the file, Reason the message
// in the reader's language, filled where it is shown.
type CellError struct {
	Row    int64          `json:"row"`
	Column string         `json:"column"`
	Code   string         `json:"code"`
	Value  string         `json:"value"` // masked
	Args   map[string]any `json:"args,omitempty"`
	Reason string         `json:"reason"`
}

// Refusal says why a whole file was not taken; nothing changed.
type Refusal struct {
	Code   string         `json:"code"`
	Args   map[string]any `json:"args,omitempty"`
	Reason string         `json:"reason"`
}

// CodeState is what a person's code says.
type CodeState string

// A code is valid, stopped (with the reason), or waiting for the firm's file.
const (
	CodeValid   CodeState = "valid"
	CodeStopped CodeState = "stopped"
	CodeWaiting CodeState = "waiting"
)

// Code is a person's own code page. Credential and ShortCode are empty unless
// State is valid; Reason is a message key with Args.
type Code struct {
	State      CodeState      `json:"state"`
	Until      time.Time      `json:"until,omitzero"`
	Reason     string         `json:"reason"`
	Args       map[string]any `json:"-"`
	Credential string         `json:"credential"`
	ShortCode  string         `json:"short_code"`
	Person     string         `json:"-"`
	Name       string         `json:"name"` // masked
	Firm       string         `json:"firm"` // its name
	Printed    bool           `json:"-"`

	pass *pass
}

// Direction of a check at a gate.
type Direction string

// The two directions.
const (
	In  Direction = "in"
	Out Direction = "out"
)

// CheckCode is the class of reason a guard sees, never the fact behind it.
type CheckCode string

// The classes.
const (
	CheckOK         CheckCode = "ok"
	CheckRepeat     CheckCode = "repeat"        // already inside, or already out: admitted, not counted twice
	CheckExpired    CheckCode = "expired"       // the code ran out; the person opens it again
	CheckStopped    CheckCode = "suspended"     // the firm is not certified now
	CheckNotListed  CheckCode = "not_on_roster" // not on the roster of a firm behind this gate
	CheckUnreadable CheckCode = "unreadable"
	CheckAsk        CheckCode = "ask_person"
)

// Check is the answer of a gate: Reference can be read aloud, Inside is the
// number of people inside after it. Reason is a message key.
type Check struct {
	Admit     bool      `json:"admit"`
	Code      CheckCode `json:"code"`
	Reason    string    `json:"reason"`
	Inside    int64     `json:"inside"`
	Reference string    `json:"reference"`
	Direction Direction `json:"direction"`
	At        time.Time `json:"at"`
	Undone    bool      `json:"undone,omitempty"`

	// Of a check made without the server: what the phone answered, which stands, and what
	// would be answered now.
	Said Said      `json:"said,omitempty"`
	Now  CheckCode `json:"now,omitempty"`
}
