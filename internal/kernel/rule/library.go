package rule

import (
	"slices"
	"time"

	"breakwater/internal/fault"
)

// Library is the packs of one subject, as they followed one another.
type Library struct{ packs []*Pack }

// NewLibrary orders packs by when they come into force. Two packs may hold at the
// same time: then the one that began later governs.
//
// Faults: Conflict "rule.version_twice" for an id and version that name two texts.
func NewLibrary(packs ...*Pack) (*Library, error) {
	l := &Library{slices.Clone(packs)}
	slices.SortStableFunc(l.packs, func(a, b *Pack) int { return a.ValidFrom.Compare(b.ValidFrom) })
	for i, p := range l.packs {
		for _, q := range l.packs[:i] {
			if p.ID == q.ID && p.Version == q.Version {
				return nil, fault.New(fault.Conflict, "rule.version_twice", "pack", p.ID, "version", p.Version)
			}
		}
	}
	return l, nil
}

// At is the pack that governs decisions taken at this time; false when none does.
func (l *Library) At(t time.Time) (*Pack, bool) {
	for _, p := range slices.Backward(l.packs) {
		if p.InForce(t) {
			return p, true
		}
	}
	return nil, false
}

// Packs are all of them, the earliest first.
func (l *Library) Packs() []*Pack { return slices.Clone(l.packs) }
