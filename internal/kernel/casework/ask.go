package casework

import (
	"strings"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

// Ask tells the applicant everything that is missing: the points the rules found,
// which stand in the case already, and those an officer adds. It is told once:
// whoever finds another point later cannot send the applicant home again, and
// decides with what is there. The clock stands until the applicant answers.
//
// Faults: NotFound; Conflict "casework.told", "casework.closed"; Denied
// "casework.first_decider" of an appeal; Invalid for no point, too many, or the length of one.
func (s *Store) Ask(tx *storage.Tx, by auth.Principal, id string, points []string) (Case, error) {
	bad := fault.New(fault.Invalid, "fault.fields")
	var added []Point
	for _, text := range points {
		if strings.TrimSpace(text) != "" {
			added = append(added, Point{Text: written(bad, "points", text)})
		}
	}
	if len(added) == 0 || len(added) > pointsMost {
		bad.With("points", "casework.points", "most", pointsMost)
	}
	if err := bad.OrNil(); err != nil {
		return Case{}, err
	}
	c, err := s.working(tx, by, id)
	if err != nil {
		return Case{}, err
	}
	if !c.Asked.IsZero() {
		return Case{}, fault.New(fault.Conflict, "casework.told")
	}
	cal, err := s.Calendar(tx)
	if err != nil {
		return Case{}, err
	}
	now := s.Now()
	c.Missing, c.Asked = append(c.Missing, added...), now
	c.State, c.Clock = Waiting, cal.Pause(c.Clock, now)
	if err := s.save(tx, c); err != nil {
		return Case{}, err
	}
	return c, s.record(tx, FactAsked, by.ID, c, FactBody{Missing: c.Missing})
}

// Answered lets the clock run on: the applicant has sent what was asked for, or
// what there is. The service has permitted who answers. found is what is missing
// by the rules now, in place of what they had found before.
//
// Faults: Conflict "casework.closed".
func (s *Store) Answered(tx *storage.Tx, by auth.Principal, id string, found []Point) (Case, error) {
	c, err := s.load(tx, id)
	if err != nil {
		return Case{}, err
	}
	if c.State == Closed {
		return Case{}, fault.New(fault.Conflict, "casework.closed")
	}
	kept := found
	for _, p := range c.Missing {
		if p.Rule == "" {
			kept = append(kept, p)
		}
	}
	c.Missing = kept
	cal, err := s.Calendar(tx)
	if err != nil {
		return Case{}, err
	}
	c.State, c.Clock = Open, cal.Resume(c.Clock, s.Now())
	if err := s.save(tx, c); err != nil {
		return Case{}, err
	}
	return c, s.record(tx, FactAnswered, by.ID, c, FactBody{Due: &c.Clock.Due, Missing: c.Missing})
}

// Checked records a look at the place, in person or by video, and what came of it.
//
// Faults: NotFound; Conflict "casework.closed"; Denied "casework.first_decider" of an
// appeal; Invalid for how or the note.
func (s *Store) Checked(tx *storage.Tx, by auth.Principal, id string, k Check) (Case, error) {
	bad := fault.New(fault.Invalid, "fault.fields")
	if k.How != OnSite && k.How != ByVideo {
		bad.With("how", "casework.how_unknown")
	}
	k.Note = written(bad, "note", k.Note)
	if err := bad.OrNil(); err != nil {
		return Case{}, err
	}
	c, err := s.working(tx, by, id)
	if err != nil {
		return Case{}, err
	}
	k.By, k.At = by.Name, s.Now()
	c.Checks = append(c.Checks, k)
	if err := s.save(tx, c); err != nil {
		return Case{}, err
	}
	return c, s.record(tx, FactChecked, by.ID, c, FactBody{Check: &k})
}
