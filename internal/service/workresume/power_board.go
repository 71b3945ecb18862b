package workresume

// Power is what the meters of some firms say of work and production: users back
// are firms at or above the pack's share of a normal day, whether or not they
// filed, without those that are suspended or withdrawn; load is of the latest day
// that each was read, of all of them.
type Power struct {
	Metered, Back int64 // firms
	Load, Normal  int64 // watt-hours
}

// Add is both together.
func (p Power) Add(o Power) Power {
	return Power{p.Metered + o.Metered, p.Back + o.Back, p.Load + o.Load, p.Normal + o.Normal}
}

// power is the meters of the district by park, as far as they have been read.
func (s *Service) power() map[string]Power {
	out := map[string]Power{}
	if s.Promise == nil {
		return out
	}
	back, ok := s.promise().Whole("users_back_percent")
	if !ok {
		back = 30
	}
	s.watch.mu.Lock()
	defer s.watch.mu.Unlock()
	for _, f := range s.watch.watched.firms {
		share, ok := f.share()
		if !ok {
			continue
		}
		p := Power{Metered: 1, Load: f.load, Normal: f.normal}
		if share >= back && f.watch.level() < Suspended.level() {
			p.Back = 1
		}
		out[f.park] = out[f.park].Add(p)
	}
	return out
}
