package ration

import (
	"time"

	"breakwater/internal/kernel/rule"
)

// Campaign is a city's rule as data. It is immutable once read.
type Campaign struct {
	ID      string    `toml:"id" json:"id"` // "guangzhou-2020": letters, digits, hyphens
	Title   rule.Text `toml:"title" json:"title"`
	Summary rule.Text `toml:"summary" json:"summary"`
	Source  rule.Text `toml:"source" json:"source"` // the notice it follows, in words

	Item  Item  `toml:"item" json:"item"`
	Who   Who   `toml:"who" json:"who"`
	Ask   []Ask `toml:"ask" json:"ask"`
	Share Share `toml:"share" json:"share"`
	Give  Give  `toml:"give" json:"give"`
	Again Again `toml:"again" json:"again"`
	Hand  Hand  `toml:"hand" json:"hand"`

	Digest string     `toml:"-" json:"-"` // SHA-256 of the file, hex
	pack   *rule.Pack // of Who.Rules; nil: whoever asks in the right way is entitled
}

// Item is what is given.
type Item struct {
	Name  rule.Text `toml:"name" json:"name"`
	Piece rule.Text `toml:"piece" json:"piece"` // the unit it is counted in
	Fen   int64     `toml:"fen" json:"fen"`     // the price of a piece, paid when it is handed over; 0 is free
}

// Party is who asks, or for whom something counts.
type Party string

// The parties. A household is the people who said they are one; an address is a
// door; an employee is somebody of a firm's roster, for whom the firm asks.
const (
	ByPerson    Party = "person"
	ByHousehold Party = "household"
	ByAddress   Party = "address"
	ByFirm      Party = "firm"
	ByEmployee  Party = "employee"
)

// Who says who may ask and for whom a share counts.
type Who struct {
	Asks   Party  `toml:"asks" json:"asks"`       // ByPerson or ByFirm
	Counts Party  `toml:"counts" json:"counts"`   // whose share it is: nobody has two
	People int64  `toml:"people" json:"people"`   // for how many people, themself included, one account may ask; 0 is 1
	AtDesk bool   `toml:"at_desk" json:"at_desk"` // only an officer enters it, of those who come or write
	Rules  string `toml:"rules" json:"rules"`     // a rule pack's text: who is entitled, and why not
}

// Ask is a fact the applicant states, for the rules or the share.
type Ask struct {
	Name  string    `toml:"name" json:"name"`
	Type  rule.Type `toml:"type" json:"type"` // bool or int
	Title rule.Text `toml:"title" json:"title"`
	Most  int64     `toml:"most" json:"most"` // of an int; 0 is a million
}

// Share is how much one gets: Pieces, or the least of several multiples of facts.
type Share struct {
	Pieces int64      `toml:"pieces" json:"pieces"`
	Least  []Multiple `toml:"least" json:"least"`
}

// Multiple is Times a fact.
type Multiple struct {
	Times int64  `toml:"times" json:"times"`
	Of    string `toml:"of" json:"of"` // a fact of the house or of Ask
}

// Way is how it is decided who gets something.
type Way string

// The ways.
const (
	ByArrival Way = "arrival" // as they come, until it is gone
	ByLot     Way = "lot"     // a draw among all who entered until then
)

// Give says when and how.
type Give struct {
	By       Way   `toml:"by" json:"by"`
	Opens    Clock `toml:"opens" json:"opens"`   // each round's day
	Closes   Clock `toml:"closes" json:"closes"` // of the same day; 24:00 if not said
	Ahead    int64 `toml:"ahead" json:"ahead"`   // days from a round to the first day of collecting
	Queue    bool  `toml:"queue" json:"queue"`   // those who come before the opening wait, and are shuffled
	Pace     int64 `toml:"pace" json:"pace"`     // of a queue: so many people a minute have their turn at most; 0 as the house has it
	ByTown   bool  `toml:"by_town" json:"by_town"`
	RollOver bool  `toml:"roll_over" json:"roll_over"` // who did not win stands in the next draw
}

// Again is when the same may have something once more. Exactly one is said.
type Again struct {
	Never bool  `toml:"never" json:"never"`
	Days  int64 `toml:"days" json:"days"` // once in so many days in a row
	Week  bool  `toml:"week" json:"week"` // once in a calendar week, from Monday
}

// Handing is how goods come to people.
type Handing string

// The ways of handing over.
const (
	AtPoint Handing = "point"   // fetched at the chosen shop
	ByPost  Handing = "post"    // sent to an address
	ToDoor  Handing = "brought" // by somebody of the neighbourhood
)

// Hand says how goods are handed over.
type Hand struct {
	How     Handing  `toml:"how" json:"how"`
	Days    int64    `toml:"days" json:"days"`       // a voucher holds so many days, the first included
	Windows []Window `toml:"windows" json:"windows"` // parts of a day with an offer each; none: the whole day
	Proxy   bool     `toml:"proxy" json:"proxy"`     // somebody else may fetch it, with both papers
}

// Window is a part of a day.
type Window struct {
	From Clock `toml:"from" json:"from"`
	To   Clock `toml:"to" json:"to"`
}

// Clock is a time of a day in minutes, written "20:00", up to "24:00".
type Clock int

// On is the moment on a day, whose date counts.
func (c Clock) On(day time.Time) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d, 0, int(c), 0, 0, day.Location())
}
