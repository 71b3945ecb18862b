package rule

import (
	"strings"

	"breakwater/internal/fault"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types/ref"
)

// packLimit bounds one Decide, in CEL cost units: every expression of the pack at
// its worst, together. A unit is about 50 ns, so that the dearest pack decides a
// firm in about five milliseconds; those in use come to about 3,000 units.
const packLimit = 100_000

// zoneCost is what asking a moment for its hour or day in a named zone counts: the
// zone is looked up each time, some 20 µs, which CEL takes for one unit.
const zoneCost = 400

// affordable refuses a pack whose rules together could keep whoever decides by it
// busy: a change of policy asks every firm of a district.
func (p *Pack) affordable(wrong *fault.Error) {
	if p.cost > packLimit {
		wrong.With("rule", "rule.dear", "cost", p.cost, "limit", packLimit)
	}
}

// prices tells CEL's reckoning of costs how large a fact can be and what a named
// zone costs, beforehand and while an expression runs.
type prices struct{}

func (prices) EstimateSize(cost.AstNode) *cost.SizeEstimate {
	return &cost.SizeEstimate{Min: 0, Max: max(maxValue, maxItems)}
}

func (prices) EstimateCallCost(_, overload string, _ *cost.AstNode, _ []cost.AstNode) *cost.CallEstimate {
	if !zoned(overload) {
		return nil // as CEL reckons it
	}
	return cost.NewCallEstimate(cost.Estimate{Min: zoneCost, Max: zoneCost}, nil)
}

// CallCost is EstimateCallCost while an expression runs.
func (prices) CallCost(_, overload string, _ []ref.Val, _ ref.Val) *uint64 {
	if !zoned(overload) {
		return nil
	}
	n := uint64(zoneCost)
	return &n
}

func zoned(overload string) bool { return strings.HasSuffix(overload, "_with_tz") }
