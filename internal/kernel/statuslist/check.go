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
	if of.Status == nil || of.Status.URI != c.Subject {
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
