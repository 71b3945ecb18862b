package auth

import (
	"slices"
	"strings"

	"breakwater/internal/fault"
)

// Role is what kind of work an account does.
type Role string

// The roles. System is nobody's account: it is the operator at the machine's
// own command line, who holds the store's files and keys anyway.
const (
	Worker    Role = "worker"    // sees and does what is the person's own
	Resident  Role = "resident"  // lives here, on no roster; what is the person's own
	Firm      Role = "firm"      // a firm's office
	Guard     Role = "guard"     // stands at a gate
	Officer   Role = "officer"   // acts for the district
	Auditor   Role = "auditor"   // reads the log and its proofs, all masked
	Commander Role = "commander" // reads the board
	System    Role = "system"

	// Storekeeper hands out what is rationed at a shop, or keeps a depot.
	Storekeeper Role = "storekeeper"

	// SecondOfficer reads what an officer reads and is one of the two whom an act
	// of two people needs; it does nothing by itself.
	SecondOfficer Role = "second_officer"
)

// Personal reports whether an account of this role is a person's own: it has no
// password and no name of its own, and what it does is about that person.
func (r Role) Personal() bool { return r == Worker || r == Resident }

// The kinds of scope, from wide to narrow. A gate belongs to a firm or a park.
const (
	AtDistrict = "district"
	AtPark     = "park"
	AtFirm     = "firm"
	AtGate     = "gate"
	AtPerson   = "person"
	AtPoint    = "point" // a shop or depot
)

// Scope is where a role holds: one node of the district.
type Scope struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

// String is the scope as the command line spells it, "firm:fir_…".
func (s Scope) String() string { return s.Kind + ":" + s.ID }

// District is a scope by its kind; like the next four it lets a chain of scopes
// read as what it means.
func District(id string) Scope { return Scope{AtDistrict, id} }

// Park is a park's scope.
func Park(id string) Scope { return Scope{AtPark, id} }

// OfFirm is a firm's scope.
func OfFirm(id string) Scope { return Scope{AtFirm, id} }

// Gate is a gate's scope.
func Gate(id string) Scope { return Scope{AtGate, id} }

// Point is the scope of a shop or depot.
func Point(id string) Scope { return Scope{AtPoint, id} }

// Person is a person's scope.
func Person(id string) Scope { return Scope{AtPerson, id} }

// Principal is who is asking. The zero Principal is nobody.
type Principal struct {
	ID      string // account id "acc_…", or "system"
	Role    Role
	Person  string // party.ID of the person behind the account, if one is known
	Name    string // for the page's head; masked for workers
	Scope   Scope
	Session string // session or token id this request came with; never the secret
	Demo    bool   // signed in by the demonstration's one click
}

// Operator is the principal of local command-line acts.
func Operator() Principal { return Principal{ID: "system", Role: System, Name: "system"} }

// Zero reports whether nobody is signed in.
func (p Principal) Zero() bool { return p.ID == "" }

// Program reports whether p came by a token instead of a browser's session.
func (p Principal) Program() bool { return strings.HasPrefix(p.Session, "bwt_") }

// Permission names one kind of act, "workresume.file".
type Permission string

// Grants says which roles have a permission. Each service declares its own in
// permits.go; what is absent is granted to nobody but System.
type Grants map[Permission][]Role

// Permit says whether p may do perm to a target. chain is the target's scopes,
// narrow to wide: {firm fir_x}, {park pla_y}, {district dis_z}. The role must
// have the permission and p's own scope must be one of the chain.
//
// An empty chain permits nobody but System, and so does a scope without an id.
// A firm is denied any target that is tied to a second firm or person as well:
// such an act is two acts, and each asks for itself.
//
// Faults: Unauthenticated "auth.unauthenticated", Denied "auth.denied".
func (p Principal) Permit(perm Permission, g Grants, chain ...Scope) error {
	switch {
	case p.Zero():
		return fault.New(fault.Unauthenticated, "auth.unauthenticated")
	case p.Role == System:
		return nil
	case !slices.Contains(g[perm], p.Role), !p.Role.sits(p.Scope.Kind), p.Scope.ID == "":
		return denied()
	}
	found := false
	for _, s := range chain {
		switch {
		case s == p.Scope:
			found = true
		case s.Kind == p.Scope.Kind && (s.Kind == AtFirm || s.Kind == AtPerson):
			return denied() // somebody else's as well
		}
	}
	if !found {
		return denied()
	}
	return nil
}

func denied() error { return fault.New(fault.Denied, "auth.denied") }

// sits says at which kinds of scope a role can be held. It is part of Permit
// so that a row written wrongly cannot widen a role: a firm's account is at a
// firm and nowhere else.
func (r Role) sits(kind string) bool {
	switch r {
	case Worker, Resident:
		return kind == AtPerson
	case Firm:
		return kind == AtFirm
	case Guard:
		return kind == AtGate || kind == AtFirm || kind == AtPark
	case Storekeeper:
		return kind == AtPoint
	case Officer, SecondOfficer:
		return kind == AtDistrict || kind == AtPark
	case Auditor, Commander:
		return kind == AtDistrict
	}
	return false
}
