package workresume

import (
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/storage"
)

// vector is every fact this service can tell a policy about a firm. A policy that
// asks for another would never be answered, and is refused.
var vector = map[string]rule.Type{
	"industry": rule.String, "class": rule.String, "promise_signed": rule.Bool,
	"declared_headcount": rule.Int, "roster_count": rule.Int, "masks": rule.Int,
	"thermometers": rule.Int, "disinfectant_litres": rule.Double, "isolation_rooms": rule.Int,
	"decided_at":     rule.Timestamp, // when the rules are asked
	"township_check": rule.Bool, "district_approval": rule.Bool,
}

// Attested are the facts an officer states; see Attest.
var Attested = [...]string{"township_check", "district_approval"}

// answerable refuses a policy that cannot serve: with a fact nobody can tell, without the
// choices this service's own forms offer, or with a rule that gives no answer to anybody
// or the same to everybody.
//
// Faults: Invalid "rule.pack" with the fields and their lines.
func (s *Service) answerable(p *rule.Pack, source []byte) error {
	wrong := fault.New(fault.Invalid, "rule.pack", "pack", p.ID)
	if s.isPromise(p) {
		told(p, promised, wrong)
		for _, c := range paceLimits {
			if n, ok := p.Whole(c.name); ok && (n < 0 || n > c.most) {
				wrong.With("constants."+c.name, "workresume.out_of_range", "least", 0, "most", c.most)
			}
		}
	} else {
		told(p, vector, wrong)
		choices(p, wrong)
	}
	p.Sound(wrong)
	rule.Locate(source, wrong)
	return wrong.OrNil()
}

// told is whether every fact of a pack is one that somebody tells.
func told(p *rule.Pack, vector map[string]rule.Type, wrong *fault.Error) {
	for _, f := range p.Facts {
		want, known := vector[f.Name]
		switch {
		case f.Derive != "" && known:
			wrong.With("fact."+f.Name, "workresume.policy_fact_told", "name", f.Name)
		case f.Derive != "":
		case !known:
			wrong.With("fact."+f.Name, "workresume.policy_fact_unknown", "name", f.Name)
		case f.Type != want && (want != rule.Int || f.Type != rule.Double):
			wrong.With("fact."+f.Name+".type", "workresume.policy_fact_type", "name", f.Name, "type", string(want))
		}
	}
}

// choices is whether a pack has those that the service's own forms offer.
func choices(p *rule.Pack, wrong *fault.Error) {
	for _, name := range [...]string{"industry", "class"} {
		if f, ok := p.Fact(name); !ok || len(f.Options) == 0 {
			wrong.With("fact."+name, "workresume.policy_fact_options", "name", name)
		}
	}
	if class, ok := p.Fact("class"); ok {
		for _, o := range class.Options {
			if !Class(o.Value).Valid() {
				wrong.With("fact.class.options."+o.Value, "workresume.class_unknown")
			}
		}
	}
}

// facts is what a policy is told of a firm that has filed. What an officer states
// is read only where the policy asks for it.
func (s *Service) facts(r storage.Reader, p *rule.Pack, firm string, f Filing, roster int64) (map[string]any, error) {
	out := f.facts(roster, s.Clock())
	for _, name := range Attested {
		if _, asked := p.Fact(name); !asked {
			continue
		}
		var yes int64
		err := r.Row(`select value from workresume_attested where firm = $1 and fact = $2`, firm, name).Scan(&yes)
		switch {
		case err == nil:
			out[name] = yes == 1
		case !storage.NoRows(err):
			return nil, err
		}
	}
	return out, nil
}

// facts is the vector the rules read, as far as a filing tells it.
func (f Filing) facts(roster int64, at time.Time) map[string]any {
	return map[string]any{
		"industry": f.Industry, "class": string(f.Class), "promise_signed": f.Promise,
		"declared_headcount": f.Declared, "roster_count": roster, "masks": f.Masks,
		"thermometers": f.Thermometers, "disinfectant_litres": f.Disinfectant, "isolation_rooms": f.IsolationRooms,
		"decided_at": at,
	}
}
