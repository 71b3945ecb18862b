package workresume

import (
	"breakwater/internal/kernel/rule"
)

// PeoplePack is the limits of reporting: helpers, paper, reminders.
func PeoplePack() (*rule.Pack, error) { return rule.LoadFile(packs, "pack/people.toml") }

// limit is one of the pack's numbers. A pack without it is a mistake of this
// program, and stops the verb that asks.
func (s *Service) limit(name string) (int64, error) {
	p, err := s.peoplePack()
	if err != nil {
		return 0, err
	}
	n, ok := p.Whole(name)
	if !ok {
		return 0, missingLimit(name)
	}
	return n, nil
}

type missingLimit string

func (e missingLimit) Error() string { return "pack/people.toml has no constant " + string(e) }
