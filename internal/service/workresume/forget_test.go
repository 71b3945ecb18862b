package workresume_test

import (
	"testing"

	"breakwater/internal/kernel/credential"
	"breakwater/internal/storage"
)

// Whoever is erased takes along the codes in every phone and on paper.
func TestForgetEndsCodes(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		_, office := w.certified(w.park, 2)
		me, other := w.workerOf(office, 0), w.workerOf(office, 1)
		code, err := w.ShowCode(t.Context(), me)
		must(t, err)
		theirs, err := w.ShowCode(t.Context(), other)
		must(t, err)
		w.says("before", code.Credential, credential.StatusValid)
		must(t, w.Store.Write(t.Context(), func(tx *storage.Tx) error { return w.Forget(tx, me.Person) }))
		w.says("after", code.Credential, credential.Revoked)
		w.says("a colleague's", theirs.Credential, credential.StatusValid)
	})
}
