package ration

// Unguard lets claims pass as if there were no turn: what guards them is proved by
// taking it away.
func (s *Service) Unguard() { s.unguarded = true }
