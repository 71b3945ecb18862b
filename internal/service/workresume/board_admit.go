package workresume

import (
	"maps"
	"slices"
)

// Whoever reads what is published of one hour and of the next sees what has changed
// between them. Where one firm alone changed, that is its own number: so a firm goes
// on being published as it was until others change beside it.

// openFirms is of how many firms at least a published line, or a change of one, tells.
const openFirms = 3

// openFirm is one firm as the public figures count it: the group it counts in, and
// what it adds.
type openFirm struct {
	Park     string `json:"p,omitempty"`
	Class    Class  `json:"c,omitempty"`
	Industry string `json:"i,omitempty"`
	Size     Size   `json:"z,omitempty"`
	Resumed  int64  `json:"r,omitempty"`
	Declared int64  `json:"d,omitempty"`
	Back     int64  `json:"b,omitempty"`
	Metered  int64  `json:"m,omitempty"`
	Load     int64  `json:"l,omitempty"`
	Normal   int64  `json:"n,omitempty"`
}

// by is the firm's line in a breakdown.
func (f openFirm) by(b By, streets map[string]string) string {
	return b.of(group{f.Park, f.Class, f.Industry, f.Size}, streets)
}

func (f openFirm) figures() Figures {
	return Figures{Firms: 1, Resumed: f.Resumed, Declared: f.Declared, Back: f.Back, Metered: f.Metered, Load: f.Load, Normal: f.Normal}
}

// openSpot is one figure of one line: what can be held against the hour before.
type openSpot struct {
	by     By
	key    string
	figure byte
}

// What is told of a line, in the order of told.
const (
	showsFirm byte = iota // that it is one
	showsResumed
	showsDeclared
	showsBack
	showsLoad
)

// told are the figures of a line by themselves; electricity is one, since only a share
// of it is told.
func (f openFirm) told() [5][3]int64 {
	return [5][3]int64{{1}, {f.Resumed}, {f.Declared}, {f.Back}, {f.Metered, f.Load, f.Normal}}
}

// moves lists the spots that are others once a firm is counted as now and no longer as
// was; nil is a firm that is not counted.
func moves(was, now *openFirm, streets map[string]string) (out []openSpot) {
	var none [5][3]int64
	from, to := none, none
	if was != nil {
		from = was.told()
	}
	if now != nil {
		to = now.told()
	}
	add := func(b By, key string, from, to [5][3]int64) {
		for i := range from {
			if from[i] != to[i] {
				out = append(out, openSpot{b, key, byte(i)})
			}
		}
	}
	add("", "", from, to) // the district
	for _, b := range Breakdowns {
		if was != nil && now != nil && was.by(b, streets) == now.by(b, streets) {
			add(b, now.by(b, streets), from, to)
			continue
		}
		if was != nil {
			add(b, was.by(b, streets), from, none)
		}
		if now != nil {
			add(b, now.by(b, streets), none, to)
		}
	}
	return out
}

// less is the change from was to now without the part that would show in figure: then
// the firm goes on with that part as it was. nil: nothing of the change is left.
func less(was, now *openFirm, figure byte) *openFirm {
	if was == nil && figure == showsFirm || now == nil {
		return was
	}
	old, out := openFirm{}, *now
	if was != nil {
		old = *was
	}
	switch figure {
	case showsResumed, showsBack: // who is back is back at a firm that works
		out.Resumed, out.Back = old.Resumed, old.Back
	case showsDeclared:
		out.Declared = old.Declared
	case showsLoad:
		out.Metered, out.Load, out.Normal = old.Metered, old.Load, old.Normal
	}
	if out == *now { // it shows because the firm went from one line to another
		return was
	}
	return &out
}

// admit is what is published next: each firm as it is now, as far as in every figure of
// every line that moves with it at least openFirms firms move together; else as it was
// published. So whatever is added to or taken from any figure is of that many firms,
// and lines still add up, since each firm is counted in one way everywhere. Who waits
// is looked at again the next hour, beside those who come by then.
func admit(was, now map[string]openFirm, streets map[string]string) map[string]openFirm {
	type change struct {
		was, now *openFirm
		spots    []openSpot
	}
	find := func(in map[string]openFirm, id string) *openFirm {
		if f, ok := in[id]; ok {
			return &f
		}
		return nil
	}
	all := map[string]openFirm{}
	maps.Copy(all, now)
	maps.Copy(all, was)
	count, waiting := map[openSpot]int{}, map[string]*change{}
	for id := range all {
		c := &change{was: find(was, id), now: find(now, id)}
		if c.spots = moves(c.was, c.now, streets); len(c.spots) > 0 {
			waiting[id] = c
		}
		for _, at := range c.spots {
			count[at]++
		}
	}
	ids := slices.Sorted(maps.Keys(waiting))
	for again := true; again; { // ends: whatever is done again has made a change less
		again = false
		for _, id := range ids {
			c := waiting[id]
			short := slices.IndexFunc(c.spots, func(at openSpot) bool { return count[at] < openFirms })
			if short < 0 {
				continue
			}
			again = true
			for _, at := range c.spots {
				count[at]--
			}
			c.now = less(c.was, c.now, c.spots[short].figure)
			c.spots = moves(c.was, c.now, streets)
			for _, at := range c.spots {
				count[at]++
			}
		}
	}
	out := maps.Clone(was)
	if out == nil {
		out = map[string]openFirm{}
	}
	for id, c := range waiting {
		if c.now != nil {
			out[id] = *c.now
		} else {
			delete(out, id)
		}
	}
	return out
}
