package workresume

// What is published of people hides the few: a line of fewer than peopleLeast shows no
// count of them. That alone hides nothing, since lines add up: to the district, and
// those of parks to their street. So others are withheld with them, until what can be
// worked out of a hidden line is no more than a range.

// peopleLeast is from how many people on a published figure is told: of fewer,
// somebody might be recognised.
const peopleLeast = 5

// OpenPart is one line of what is published; People is false where its counts of
// people are withheld.
type OpenPart struct {
	Part
	People bool
}

// tells is whether these counts point at nobody: none, or enough, and of enough firms
// that they are no single one's. That nobody is back at firms that work would be said
// of each of them.
func tells(f Figures) bool {
	return enough(f.Declared) && enough(f.Back) && (f.Declared == 0 || f.Firms >= openFirms) && (f.Resumed == 0 || f.Back > 0 && f.Resumed >= openFirms)
}

func enough(n int64) bool { return n == 0 || n >= peopleLeast }

// open marks which lines may show their counts of people. all is false where not even
// the whole may: then no line does.
//
// The published lines are sums over one table, and the only equations between them are
// these: each breakdown adds up to the whole, and the parks of a street to it. A set of
// hidden lines is safe if those in each equation are at least two, together enough to
// be told, and more people than lines: then each of them may be at least two numbers
// (safe). Parks of a street that is shown are one set; those of all hidden streets
// together are another, and each hidden street holds one, or it is the sum of what is
// shown. Cells without people are shown, since nobody is hidden by them.
func open(total Figures, by map[By][]Part, streets map[string]string) (out map[By][]OpenPart, all bool) {
	out = map[By][]OpenPart{}
	all = tells(total)
	for b, parts := range by {
		list := make([]OpenPart, len(parts))
		for i, p := range parts {
			list[i] = OpenPart{p, all && tells(p.Figures)}
		}
		out[b] = list
	}
	if !all {
		return out, false
	}
	for _, b := range [...]By{ByClass, BySize, ByIndustry} {
		all = all && hide(every(out[b]))
	}
	for again := true; again && all; { // ends: whatever is done again has hidden a street
		all = hide(every(out[ByStreet]))
		again = all && !hideParks(out[ByStreet], out[ByPark], streets)
		if again {
			all = hideOne(every(out[ByStreet]))
		}
	}
	if !all { // lines of hardly anybody: nothing of people can be told at all
		return open(Figures{Declared: 1}, by, streets)
	}
	return out, true
}

// hideParks hides parks until neither their street nor the hidden streets together
// tell one of them. False: another street has to be hidden first.
func hideParks(in, parks []OpenPart, streets map[string]string) bool {
	under := map[string][]*OpenPart{}
	for i := range parks {
		at := streets[parks[i].Key]
		under[at] = append(under[at], &parks[i])
	}
	var apart []*OpenPart // of hidden streets
	for i := range in {
		list := under[in[i].Key]
		switch {
		case in[i].People && !hide(list):
			in[i].People = false
			return hide(every(in)) && hideParks(in, parks, streets)
		case !in[i].People:
			if !held(list) && !hideOne(list) {
				return false
			}
			apart = append(apart, list...)
		}
	}
	return hide(apart)
}

// hide withholds the smallest lines beside those withheld until they are safe. False:
// not even all of them together are.
func hide(list []*OpenPart) bool {
	for held(list) && !safe(list) {
		if !hideOne(list) {
			return false
		}
	}
	return true
}

// safe is whether the withheld lines together tell none of them: their sum is known,
// each is of one person at least, and those back are among those declared.
func safe(list []*OpenPart) bool {
	var sum Figures
	lines := int64(0)
	for _, p := range list {
		if !p.People {
			sum = sum.Add(p.Figures)
			lines++
		}
	}
	return lines >= 2 && tells(sum) && sum.Declared > lines
}

// hideOne withholds the smallest line that is shown and counts somebody.
func hideOne(list []*OpenPart) bool {
	var next *OpenPart
	for _, p := range list {
		if p.People && p.Declared > 0 && (next == nil || p.Declared < next.Declared) {
			next = p
		}
	}
	if next != nil {
		next.People = false
	}
	return next != nil
}

func held(list []*OpenPart) bool {
	for _, p := range list {
		if !p.People {
			return true
		}
	}
	return false
}

func every(list []OpenPart) (out []*OpenPart) {
	for i := range list {
		out = append(out, &list[i])
	}
	return out
}
