package workresume_test

import (
	"bytes"
	"testing"

	"breakwater/internal/service/workresume"
	"breakwater/internal/storage"
)

// A process killed after the last row and before the decision leaves a roster that
// is whole and a firm that was not decided; taking the file up decides.
func TestTakeUpDecides(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		f, office := w.firm(w.park)
		_, err := w.File(t.Context(), office, workresume.FileInput{Firm: f.ID, Filing: goodFiling(3)})
		must(t, err)
		file := roll(w.make(3)...)
		im := w.upload(office, f.ID, file)
		must(t, w.db.Write(t.Context(), func(tx *storage.Tx) error {
			if _, err := tx.Exec(`update workresume_import set state = 'running', ended = 0 where import = $1`, im.ID); err != nil {
				return err
			}
			_, err := tx.Exec(`update workresume_firm set state = 'returned', certificate = '' where firm = $1`, f.ID)
			return err
		}))
		_, err = w.Uploads.Put(im.ID, bytes.NewReader(file))
		must(t, err)

		ended, err := w.TakeUp(t.Context())
		must(t, err)
		if len(ended) != 1 || ended[0].State != workresume.ImportDone || ended[0].Unchanged != 3 {
			t.Errorf("%+v", ended)
		}
		if f, err = w.Firm(t.Context(), office, f.ID); err != nil || f.State != workresume.Certified {
			t.Errorf("%s %v", f.State, err)
		}
	})
}
