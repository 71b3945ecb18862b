package statuslist

import (
	"io"
	"os"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/credential"
)

// maxFile bounds a list in a file, in bytes.
const maxFile = 4 << 20

// At answers for a moment, from this list alone: not_checked for a credential that
// names another list, stale where the list says valid but is past its end. That
// something does not hold is believed of an old list too.
func (t *Token) At(at time.Time) credential.StatusChecker { return checker{t, at} }

type checker struct {
	*Token
	at time.Time
}

// Status implements credential.StatusChecker.
func (c checker) Status(of credential.Claims) credential.Status {
	if of.Status == nil || !c.names(of) {
		return credential.NotChecked
	}
	state, ok := c.Token.Status(of.Status.Index)
	if !ok {
		return credential.Unknown
	}
	if state == Valid && !c.Expires.IsZero() && !c.at.Before(c.Expires) {
		return credential.Stale
	}
	return word(state)
}

// names reports whether the credential means this list: by its address or, where
// the district has moved to another one since, as the same list of the same issuer.
func (t *Token) names(of credential.Claims) bool {
	if of.Status.URI == t.Subject {
		return true
	}
	theirs, ours := refOf(of.Status.URI, 0), refOf(t.Subject, 0)
	return t.Issuer != "" && t.Issuer == of.Issuer && !ours.Zero() && ours == theirs
}

// Load reads a list from a file, as the address of the list gave it.
//
// Faults: NotFound "statuslist.file_missing"; those of Open.
func Load(path string, trust *credential.Trust, at time.Time) (*Token, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.Wrap(err, fault.NotFound, "statuslist.file_missing", "file", path)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fault.Wrap(err, fault.NotFound, "statuslist.file_missing", "file", path)
	}
	if len(data) > maxFile {
		return nil, fault.New(fault.Invalid, "statuslist.unreadable")
	}
	return Open(data, trust, at)
}
