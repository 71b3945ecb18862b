package admission

import "time"

// Class is how important a request is, the least important first. The zero
// Class is none: a route without one has been forgotten.
type Class uint8

// The classes, in the order in which they are refused.
const (
	_          Class = iota
	Import           // files read in
	Statistics       // boards, lists, exports, open data
	Order            // the usual pages and commands
	Result           // what was decided about somebody
	Sampling         // a field table that feeds people through
	Claim            // shares of what is scarce, asked for in a rush
	Gate             // checks at gates
	Notice           // what works now: whoever was told to wait looks there
	Show             // a person's own code
	Vital            // health, figures, the bundle: never refused, never counted against others
)

const classes = int(Vital) + 1

// Classes are those that can be refused, the first refused first.
func Classes() []Class {
	return []Class{Import, Statistics, Order, Result, Sampling, Claim, Gate, Notice, Show}
}

// String is the class as metrics and the API name it.
func (c Class) String() string {
	switch c {
	case Import:
		return "import"
	case Statistics:
		return "statistics"
	case Order:
		return "order"
	case Result:
		return "result"
	case Sampling:
		return "sampling"
	case Claim:
		return "claim"
	case Gate:
		return "gate"
	case Notice:
		return "notice"
	case Show:
		return "show"
	case Vital:
		return "vital"
	}
	return "none"
}

// cost is what a request of the class weighs beside a code show. Rough on
// purpose: the limit is found by measuring, so that an error here shifts only
// how many of a class are refused for one of another.
func (c Class) cost() int64 {
	switch c {
	case Import:
		return 50
	case Statistics:
		return 20
	case Order:
		return 5
	case Result, Sampling, Claim, Gate, Notice:
		return 2
	}
	return 1
}

// depth is how far ahead of its time a class may draw on the limit: 20 ms more
// for each step of importance. What a class leaves of its 20 ms the lower
// classes cannot take, so that under overload the important are served whole
// before the next gets anything.
func (c Class) depth() time.Duration { return step * time.Duration(min(c, Show)) }

const (
	step  = 20 * time.Millisecond
	burst = step * time.Duration(Show)
)
