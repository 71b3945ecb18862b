// Package calendar is where a district sees which days its officers work, and enters
// the holidays of another year: the verb, the officers' page, and the twin for
// programs. Anyone may read which days are worked; clocks run by them.
//
// A year comes into force by one officer's act, which is a fact: it is taken from a
// published notice that anybody can compare, and another file mends it. What it
// would change is shown first.
//
// It refuses to guess a year's holidays: until a notice is entered, only weekends
// count, and the page says so.
package calendar

import (
	"context"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
)

// Deps is what the verb and the pages stand on.
type Deps struct {
	DB       storage.Store
	Cases    *casework.Store
	Now      clock.Clock
	Zone     *time.Location
	District string // place id of the root
}

// Calendar is the verb and the pages.
type Calendar struct{ Deps }

// New returns them.
func New(d Deps) *Calendar { return &Calendar{d} }

// Years are the years whose holidays are known, the latest first, and those of this
// year and the next that are not.
func (c *Calendar) Years(ctx context.Context) (known []casework.YearLine, guessed []int, err error) {
	err = c.DB.Read(ctx, func(r storage.Reader) (err error) {
		known, err = c.Cases.Years(r)
		return err
	})
	this := c.Now().In(c.Zone).Year()
	for _, y := range []int{this, this + 1} {
		if _, found := pick(known, y); !found {
			guessed = append(guessed, y)
		}
	}
	return known, guessed, err
}

// pick finds a year among those known.
func pick(list []casework.YearLine, year int) (casework.YearLine, bool) {
	for _, l := range list {
		if l.Year.Year == year {
			return l, true
		}
	}
	return casework.YearLine{}, false
}

// Preview says what a year's file would change; nothing is stored.
//
// Faults: Unauthenticated, Denied, Invalid with the lines at fault.
func (c *Calendar) Preview(ctx context.Context, by auth.Principal, text string) (ch casework.Change, err error) {
	err = c.DB.Read(ctx, func(r storage.Reader) (err error) {
		ch, err = c.Cases.Preview(r, by, text)
		return err
	})
	return ch, err
}

// Set puts a year's file into force and gives running clocks their new deadlines.
// The same file again changes nothing.
//
// Faults: as Preview.
func (c *Calendar) Set(ctx context.Context, by auth.Principal, text string, key once.Key) (ch casework.Change, err error) {
	err = c.DB.Write(ctx, func(tx *storage.Tx) error {
		_, err := once.Do(tx, key, c.Now(), func() (int, error) {
			var err error
			ch, err = c.Cases.SetYear(tx, by, text)
			return ch.Year.Year, err
		})
		return err
	})
	if err == nil && ch.Year.Year == 0 { // the same request again: it was done then
		return c.Preview(ctx, by, text)
	}
	return ch, err
}
