package eventlog

import "breakwater/internal/storage"

// VerifyIn is Verify inside a transaction, so that a test can tamper, look and
// undo it all.
func (l *Log) VerifyIn(r storage.Reader, external []byte) (Report, error) {
	rep := Report{OK: true}
	err := l.verify(r, external, &rep)
	return rep, err
}
