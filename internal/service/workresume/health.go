package workresume

import (
	"slices"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/casework"
)

// HealthReport is what one person said about one day. What is not said is nothing new: a
// report without anything is the usual one, made by one tap.
type HealthReport struct {
	ID       string    `json:"id"`
	Day      string    `json:"day"`                   // 2006-01-02 in the district's zone
	Turn     int64     `json:"turn"`                  // 1, and one more for each correction of the day
	Way      ReportWay `json:"way"`                   // who made it
	At       time.Time `json:"at"`                    //
	Tenths   int64     `json:"temperature,omitempty"` // of a degree Celsius; 0 is not measured
	Symptoms []Symptom `json:"symptoms"`
	Contact  bool      `json:"contact"`
	Helper   string    `json:"helper,omitempty"` // masked, of the person who reported for this one

	helper string
}

// ReportWay is by whose hand a report came.
type ReportWay string

// The person's own, a helper's, or typed by an officer from a sheet of paper.
const (
	ByOneself ReportWay = "own"
	ByHelper  ReportWay = "helper"
	ByPaper   ReportWay = "paper"
)

// Symptom is one of a short list that a person without medicine can answer.
type Symptom string

// Symptoms are those asked about, as the forms of spring 2020 did.
func Symptoms() []Symptom {
	return []Symptom{"fever", "cough", "breath", "fatigue", "diarrhoea"}
}

// feverTenths is where a temperature counts as fever: 37.3 °C, as at every gate of
// spring 2020.
const feverTenths = 373

// What a thermometer for people can show, in tenths of a degree.
const tenthsLeast, tenthsMost = 340, 430

// said is what is sealed of a report.
type said struct {
	Tenths   int64     `json:"t,omitempty"`
	Symptoms []Symptom `json:"s,omitempty"`
	Contact  bool      `json:"c,omitempty"`
}

func (x said) ill() bool   { return x.Tenths >= feverTenths || len(x.Symptoms) > 0 }
func (x said) clean() bool { return !x.ill() && !x.Contact }

func (x said) valid() error {
	bad := fault.New(fault.Invalid, "fault.fields")
	if x.Tenths != 0 && (x.Tenths < tenthsLeast || x.Tenths > tenthsMost) {
		bad.With("temperature", "workresume.temperature", "least", "34.0", "most", "43.0")
	}
	for _, v := range x.Symptoms {
		if !slices.Contains(Symptoms(), v) {
			bad.With("symptoms", "workresume.symptom_unknown")
			break
		}
	}
	return bad.OrNil()
}

// dayReport is a day's standing report, as the colour looks at it.
type dayReport struct {
	day casework.Day
	said
}

// lookBack is how many days of reports the colour looks at: twice the longest
// incubation, so that whoever missed a day can still complete a run.
const lookBack = 28

// counters are what a person's reports of the last lookBack days come to.
type counters struct {
	ill, contact           bool
	illClean, contactClean int64        // longest clean run after the latest of each
	run                    int64        // clean days in a row up to the last report
	last, event            casework.Day // of the last report; of the latest that was not clean
	risk                   string       // of a place, "" for low
	riskClean              int64        // longest clean run after the last day there
}

// count is pure. days are in order, one each. A day without a report begins the run
// again; a run once completed stays so, whatever is missed afterwards.
func count(days []dayReport) counters {
	var c counters
	for _, d := range days {
		switch {
		case !d.clean():
			c.run, c.event = 0, d.day
			if d.ill() {
				c.ill, c.illClean = true, 0
			}
			if d.Contact {
				c.contact, c.contactClean = true, 0
			}
		case d.day == c.last+1:
			c.run++
		default:
			c.run = 1
		}
		c.last = d.day
		c.illClean, c.contactClean = max(c.illClean, c.run), max(c.contactClean, c.run)
	}
	return c
}

// readDay reads a stored day.
func readDay(text string) casework.Day {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return 0 // before every window
	}
	return casework.DayOf(t, time.UTC)
}
