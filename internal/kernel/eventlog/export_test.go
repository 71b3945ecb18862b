package eventlog

import "breakwater/internal/storage"

// VerifyIn is Verify inside a transaction, so that a test can tamper, look and
// undo it all.
func (l *Log) VerifyIn(r storage.Reader, external []byte) (Report, error) {
	rep := Report{OK: true}
	err := l.verify(r, external, &rep)
	return rep, err
}

// SmallSegments makes segments of the stream index of one verifier's page, so
// that a test need not fill a large one.
func (l *Log) SmallSegments() int64 {
	l.segment = verifyPage
	return l.segment
}
