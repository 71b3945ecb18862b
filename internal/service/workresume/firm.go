package workresume

import (
	"time"

	"breakwater/internal/kernel/rule"
)

// State is where a firm's file stands.
type State string

// The states; see the package comment.
const (
	Unfiled   State = "unfiled"
	Returned  State = "returned"
	Certified State = "certified"
	Refused   State = "refused"
)

// States lists them, the ones that want attention first.
var States = [...]State{Refused, Returned, Unfiled, Certified}

// Class is the questionnaire's answer to why the firm opens: it orders the queue
// and the public list, not the decision.
type Class string

// The four classes of the first regime of 2020.
const (
	Priority   Class = "priority"   // supplies the emergency or daily life
	Early      Class = "early"      // key projects, export orders
	Continuous Class = "continuous" // may not stop
	Other      Class = "other"
)

// Classes lists them.
var Classes = [...]Class{Priority, Early, Continuous, Other}

// Valid reports whether c is one of the four.
func (c Class) Valid() bool {
	for _, k := range Classes {
		if c == k {
			return true
		}
	}
	return false
}

// Filing is what a firm declares and promises. Quantities are whole units as
// named; Declared is the number of people who will work on site, without those who left
// since, who are Gone.
type Filing struct {
	Class          Class     `json:"class"`
	Industry       string    `json:"industry"` // one of the pack's options
	Promise        bool      `json:"promise"`  // signed the promise
	Signatory      string    `json:"signatory"`
	Declared       int64     `json:"declared_headcount"`
	Gone           int64     `json:"gone,omitempty"`
	Masks          int64     `json:"masks"`
	Thermometers   int64     `json:"thermometers"`
	Disinfectant   int64     `json:"disinfectant_litres"`
	IsolationRooms int64     `json:"isolation_rooms"`
	Start          string    `json:"start,omitempty"` // first day of work, 2006-01-02; "" of filings from before it was asked
	At             time.Time `json:"filed_at"`
	By             string    `json:"-"` // account that filed
}

// Firm is one firm's file as its own office and an officer see it.
type Firm struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	CreditCode string    `json:"credit_code"`
	Park       string    `json:"park"` // place id
	State      State     `json:"state"`
	Since      time.Time `json:"since"` // of the state
	Filing     *Filing   `json:"filing"`
	Roster     int64     `json:"roster"` // people on it now
	Refusals   int64     `json:"rows_refused"`
	Reviews    int64     `json:"reviews_open"`

	// Decision is the rules' latest answer, nil before the first filing.
	// Override is the officer's word that stands instead, nil if none does.
	Decision    *rule.Decision `json:"decision"`
	Override    *Override      `json:"override"`
	Certificate *Certificate   `json:"certificate"`

	// Watch is where the firm stands against its promise, since Watched.
	Watch   Watch     `json:"watch"`
	Watched time.Time `json:"watched,omitzero"`
}

// Override is an officer's decision that stands instead of the rules'.
type Override struct {
	State  State     `json:"state"`
	Reason string    `json:"reason"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Case   string    `json:"case,omitempty"` // the case it closed
}

// Certificate is what a certified firm shows on its door. Text is the signed
// credential; Code is the public page's code, which people may read aloud.
type Certificate struct {
	ID     string    `json:"id"`
	Firm   string    `json:"firm"`
	Code   string    `json:"code"`
	Text   string    `json:"credential"`
	Issued time.Time `json:"issued"`
	Until  time.Time `json:"until"`
	Ended  time.Time `json:"ended,omitzero"` // when it stopped standing, zero while it does

	Suspended time.Time `json:"suspended,omitzero"` // since when it does not hold for now
}

// Standing reports whether the certificate holds at t.
func (c *Certificate) Standing(t time.Time) bool { return c.lasting(t) && c.Suspended.IsZero() }

// lasting is whether it holds at t, or would if it were not suspended.
func (c *Certificate) lasting(t time.Time) bool {
	return c != nil && c.Ended.IsZero() && !t.Before(c.Issued) && t.Before(c.Until)
}

// Validity of a certificate and of passes. A firm's certificate is renewed by the
// next decision; a phone's pass is signed afresh each day; a printed one lives as
// long as the certificate it rests on.
const (
	CertificateLife = 30 * 24 * time.Hour
	PassLife        = 24 * time.Hour
)
