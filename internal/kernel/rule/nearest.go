package rule

import (
	"math"
	"math/bits"
	"slices"
	"sort"
)

// candidate is a value a lever may take and what that costs.
type candidate struct {
	value any
	cost  float64
}

// least is the cheapest way to set these levers so that every goal tied to them is
// reached, others being as in fixed.
func (s *search) least(levers uint32, tied []goal, fixed map[int]any) (best solved) {
	if bits.OnesCount32(levers) == 1 {
		return s.nearest(bits.TrailingZeros32(levers), tied, fixed)
	}
	// Each value of the first lever, the nearest first, and what the others then
	// need; then closer and closer around the best.
	first := bits.TrailingZeros32(levers)
	rest := levers &^ (1 << first)
	tried := map[any]bool{}
	try := func(c candidate) {
		if tried[c.value] || s.left <= 0 || best.ok && c.cost >= best.cost {
			return
		}
		tried[c.value] = true
		fixed[first] = c.value
		got := s.least(rest, tied, fixed)
		delete(fixed, first)
		if got.ok && (!best.ok || got.cost+c.cost < best.cost) {
			values := map[int]any{first: c.value}
			for i, v := range got.values {
				values[i] = v
			}
			best = solved{levers: levers, values: values, cost: got.cost + c.cost, ok: true}
		}
	}
	f := s.pack.levers[first]
	if f.Type != Int && f.Type != Double {
		for _, c := range s.choices(f) {
			try(c)
		}
		return best
	}
	g := s.grid(f)
	points := g.points(min(s.window, 24), s.pack.numbers)
	sort.Slice(points, func(i, j int) bool { return g.cost(points[i]) < g.cost(points[j]) })
	for _, i := range points {
		try(g.at(i))
	}
	for more := best.ok; more && s.left > 0; { // between the best point and its neighbours there may be a better
		more = false
		slices.Sort(points)
		here := g.index(best.values[first])
		n, _ := slices.BinarySearch(points, here)
		for _, other := range []int{n - 1, n + 1} {
			if other < 0 || other >= len(points) {
				continue
			}
			if mid := here + (points[other]-here)/2; mid != here && mid != points[other] {
				try(g.at(mid))
				points, more = append(points, mid), true
			}
		}
	}
	return best
}

// changed refuses a way in which a known fact stays as it is: a smaller set has it.
func (s *search) changed(f solved) solved {
	for i, v := range f.values {
		if was, ok := s.facts[s.pack.levers[i].Name]; ok && was == v {
			return solved{}
		}
	}
	return f
}

// choices are the values of a lever that is no number.
func (s *search) choices(f *Fact) (out []candidate) {
	was, known := s.facts[f.Name]
	add := func(v any) {
		c := candidate{v, f.Change.Cost}
		if known && was == v {
			c.cost = 0
		}
		out = append(out, c)
	}
	if f.Type == Bool {
		add(true)
		add(false)
	}
	for _, o := range f.Options {
		add(o.Value)
	}
	return out
}

// nearest is the cheapest value of one lever at which every goal is reached.
func (s *search) nearest(lever int, tied []goal, fixed map[int]any) (best solved) {
	f := s.pack.levers[lever]
	at := func(v any) *knowledge {
		fixed[lever] = v
		k := s.reckon(fixed)
		delete(fixed, lever)
		return k
	}
	all := func(v any) bool {
		k := at(v)
		for _, w := range tied {
			if !w.reached(k) {
				return false
			}
		}
		return true
	}
	take := func(c candidate) {
		if (!best.ok || c.cost < best.cost) && s.left > 0 && all(c.value) {
			best = solved{levers: 1 << lever, values: map[int]any{lever: c.value}, cost: c.cost, ok: true}
		}
	}
	if f.Type != Int && f.Type != Double {
		for _, c := range s.choices(f) {
			take(c)
		}
		return best
	}
	g := s.grid(f)
	points := g.points(s.window, s.pack.numbers)
	said := make([][]bool, len(points)) // by point and goal
	for i, x := range points {
		k := at(g.at(x).value)
		for _, w := range tied {
			said[i] = append(said[i], w.reached(k))
		}
		if s.left <= 0 {
			return best
		}
	}
	// Where a goal's answer differs between neighbours it turns at one place in
	// between. At both sides of every such place, and at the present value, stands
	// the nearest value at which all are reached, if there is one.
	edges := []int{g.start(), g.start() + 1}
	for i := 1; i < len(points); i++ {
		for j, w := range tied {
			if said[i-1][j] == said[i][j] {
				continue
			}
			low, high := points[i-1], points[i]
			for high-low > 1 {
				mid := low + (high-low)/2
				if w.reached(at(g.at(mid).value)) == said[i][j] {
					high = mid
				} else {
					low = mid
				}
			}
			edges = append(edges, low, high)
		}
	}
	slices.Sort(edges)
	for _, x := range slices.Compact(edges) {
		if x >= 0 && x <= g.last {
			take(g.at(x))
		}
	}
	return best
}

// grid is the values a number may take: least, least+step, … by index from 0.
type grid struct {
	fact *Fact
	from float64 // the present value, or the least when none is known
	last int     // index of the greatest
}

func (s *search) grid(f *Fact) grid {
	g := grid{fact: f, from: f.Change.Least}
	if was, ok := s.facts[f.Name]; ok {
		v, _ := Double.read(was)
		g.from = v.(float64)
	}
	g.last = int(math.Floor((f.Change.Most - f.Change.Least) / f.Change.Step))
	return g
}

func (g grid) number(i int) float64 { return g.fact.Change.Least + float64(i)*g.fact.Change.Step }

func (g grid) cost(i int) float64 {
	return math.Abs(g.number(i)-g.from) / g.fact.Change.Step * g.fact.Change.Cost
}

func (g grid) at(i int) candidate {
	v, _ := g.fact.Type.read(g.number(i))
	return candidate{v, g.cost(i)}
}

func (g grid) index(v any) int {
	x, _ := Double.read(v)
	return int(math.Round((x.(float64) - g.fact.Change.Least) / g.fact.Change.Step))
}

// start is the greatest index not above the present value; it may lie outside.
func (g grid) start() int {
	x := math.Floor((g.from - g.fact.Change.Least) / g.fact.Change.Step)
	return int(max(-2, min(x, float64(g.last)+1)))
}

// points are the indices looked at, ascending: the window around the present
// value, doubling distances beyond, both ends, and about the numbers named.
func (g grid) points(window int, named []float64) []int {
	var out []int
	add := func(i int) {
		if i >= 0 && i <= g.last {
			out = append(out, i)
		}
	}
	here := g.start()
	for d := -window; d <= window; d++ {
		add(here + d)
	}
	for d := max(window, 1); d <= g.last+2; d *= 2 {
		add(here - d)
		add(here + d)
	}
	add(0)
	add(g.last)
	for _, x := range named[:min(len(named), 40)] {
		i := math.Floor((x - g.fact.Change.Least) / g.fact.Change.Step)
		if i >= -1 && i <= float64(g.last) {
			for d := -1; d <= 2; d++ {
				add(int(i) + d)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
