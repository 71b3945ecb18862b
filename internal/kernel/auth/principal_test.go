package auth

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"breakwater/internal/fault"
)

const file Permission = "test.file"

func TestPermit(t *testing.T) {
	grants := Grants{file: {Firm, Officer, Guard, Worker}}
	firmChain := []Scope{OfFirm("fir_1"), Park(park1), District(district)}
	gateChain := append([]Scope{Gate("pla_gate1")}, firmChain...)
	as := func(r Role, s Scope) Principal { return Principal{ID: "acc_1", Role: r, Scope: s} }
	for _, c := range []struct {
		name  string
		by    Principal
		perm  Permission
		chain []Scope
		want  string
	}{
		{"nobody", Principal{}, file, firmChain, "auth.unauthenticated"},
		{"operator", Operator(), "test.other", nil, ""},
		{"own firm", as(Firm, OfFirm("fir_1")), file, firmChain, ""},
		{"other firm", as(Firm, OfFirm("fir_2")), file, firmChain, "auth.denied"},
		{"own and another firm's", as(Firm, OfFirm("fir_1")), file, append([]Scope{OfFirm("fir_2")}, firmChain...), "auth.denied"},
		{"firm, permission not granted", as(Firm, OfFirm("fir_1")), "test.other", firmChain, "auth.denied"},
		{"firm account written at a district", as(Firm, District(district)), file, firmChain, "auth.denied"},
		{"firm account written at a park", as(Firm, Park(park1)), file, firmChain, "auth.denied"},
		{"district officer", as(Officer, District(district)), file, firmChain, ""},
		{"park officer", as(Officer, Park(park1)), file, firmChain, ""},
		{"other park's officer", as(Officer, Park(park2)), file, firmChain, "auth.denied"},
		{"officer written at a firm", as(Officer, OfFirm("fir_1")), file, firmChain, "auth.denied"},
		{"officer of another district", as(Officer, District("pla_other")), file, firmChain, "auth.denied"},
		{"auditor, not granted", as(Auditor, District(district)), file, firmChain, "auth.denied"},
		{"guard at the gate", as(Guard, Gate("pla_gate1")), file, gateChain, ""},
		{"guard of the firm", as(Guard, OfFirm("fir_1")), file, gateChain, ""},
		{"guard at another gate", as(Guard, Gate("pla_gate2")), file, gateChain, "auth.denied"},
		{"worker, self", as(Worker, Person("per_1")), file, []Scope{Person("per_1")}, ""},
		{"worker, another", as(Worker, Person("per_1")), file, []Scope{Person("per_2")}, "auth.denied"},
		{"no chain", as(Officer, District(district)), file, nil, "auth.denied"},
		{"empty ids never match", as(Firm, OfFirm("")), file, []Scope{OfFirm("")}, "auth.denied"},
		{"same id, other kind", as(Officer, Park("fir_1")), file, []Scope{OfFirm("fir_1")}, "auth.denied"},
		{"unknown role", as("mayor", District(district)), file, firmChain, "auth.denied"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.by.Permit(c.perm, grants, c.chain...)
			if c.want == "" && err != nil || c.want != "" && !fault.Is(err, c.want) {
				t.Errorf("Permit: %v, want %q", err, c.want)
			}
		})
	}
}

// Whatever the chain and the table say, a firm is never permitted an act whose
// target is not its own and only its own.
func TestPermitNeverCrossesFirms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.SampledFrom([]string{"", "1", "2", "3"})
		scope := rapid.Custom(func(t *rapid.T) Scope {
			return Scope{rapid.SampledFrom([]string{AtDistrict, AtPark, AtFirm, AtGate, AtPerson, ""}).Draw(t, "kind"), id.Draw(t, "id")}
		})
		by := Principal{
			ID: "acc", Role: rapid.SampledFrom([]Role{Worker, Firm, Guard, Officer, Auditor, Commander}).Draw(t, "role"),
			Scope: scope.Draw(t, "scope"),
		}
		chain := rapid.SliceOfN(scope, 0, 5).Draw(t, "chain")
		all := Grants{file: {Worker, Firm, Guard, Officer, Auditor, Commander}}
		if by.Permit(file, all, chain...) != nil {
			return
		}
		if !slices.Contains(chain, by.Scope) || by.Scope.ID == "" {
			t.Fatalf("%v permitted outside its scope: %v", by, chain)
		}
		for _, s := range chain {
			if by.Role == Firm && s.Kind == AtFirm && s != by.Scope || by.Role == Worker && s.Kind == AtPerson && s != by.Scope {
				t.Fatalf("%v permitted what is also %v's", by, s)
			}
		}
		if by.Role == Firm && by.Scope.Kind != AtFirm {
			t.Fatalf("a firm at %v", by.Scope)
		}
	})
}
