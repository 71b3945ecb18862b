package auth

// The permissions of this package.
const (
	ManageAccounts Permission = "auth.account_manage" // add, disable, see the list
	DecideClaims   Permission = "auth.claim_decide"   // release or refuse a firm's claim
)

// Permits says which roles have them.
func Permits() Grants {
	return Grants{
		ManageAccounts: {Officer},
		DecideClaims:   {Officer},
	}
}
