package workresume

import "breakwater/internal/storage"

// Sketch is a firm's file in the few words that other services decide by.
type Sketch struct {
	Roster    int64 // people on it now
	Certified bool  // it may work, and is not suspended
	Class     Class // "" before it filed
	Declared  int64
}

// Sketch is the firm's file in short. It asks nobody's permission: it is for services,
// which show what follows from it to the firm itself.
//
// Faults: NotFound.
func (s *Service) Sketch(r storage.Reader, firm string) (Sketch, error) {
	f, err := s.load(r, firm)
	if err != nil {
		return Sketch{}, err
	}
	out := Sketch{Roster: f.Roster, Certified: f.State == Certified && f.Watch != Suspended}
	if f.Filing != nil {
		out.Class, out.Declared = f.Filing.Class, f.Filing.Declared
	}
	return out, nil
}
