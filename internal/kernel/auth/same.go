package auth

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Same says whether two principals are, or may well be, one person: by the account
// (a token acts as its account), by the person behind it, and where that is not
// known of both, by the name staff are shown under. A namesake has to be told
// apart in the accounts once; a person with two accounts never acts twice.
func (p Principal) Same(other Principal) bool {
	switch {
	case p.ID == other.ID:
		return true
	case p.Person != "" && other.Person != "":
		return p.Person == other.Person
	}
	name := plainName(p.Name)
	return name != "" && name == plainName(other.Name)
}

func plainName(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(norm.NFKC.String(s)), " "))
}
