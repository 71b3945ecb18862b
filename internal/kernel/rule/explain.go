package rule

// Explanation is a decision in one language, ready for a page or an API.
type Explanation struct {
	Title   string  `json:"title"`
	Pack    string  `json:"pack"`
	Version string  `json:"version"`
	Outcome Verdict `json:"outcome"`
	Points  []Point `json:"points"`
}

// Point says one thing that stood in the way, why, and what to do about it.
type Point struct {
	Rule    string   `json:"rule"`
	Outcome Outcome  `json:"outcome"`
	Reason  string   `json:"reason"`
	Mend    string   `json:"mend"`
	Basis   string   `json:"basis"`
	Missing []string `json:"missing,omitempty"`
}

// Explain renders the decision in lang; an unknown language gives English. It
// works on a decision read back from storage, without its pack.
func (d Decision) Explain(lang string) Explanation {
	e := Explanation{
		Title: d.Title.In(lang), Pack: d.Pack, Version: d.Version,
		Outcome: d.Outcome, Points: make([]Point, 0, len(d.Findings)),
	}
	for _, f := range d.Findings {
		e.Points = append(e.Points, Point{
			Rule: f.Rule, Outcome: f.Outcome, Reason: f.Reason.In(lang),
			Mend: f.Mend.In(lang), Basis: f.Basis.In(lang), Missing: f.Missing,
		})
	}
	return e
}
