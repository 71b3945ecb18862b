package rationweb_test

import (
	"testing"
	"time"

	"breakwater/internal/ident"
	"breakwater/internal/service/ration"
	"breakwater/internal/storage"
)

// reached are people who speak for themselves.
type reached struct{ nobody }

func (reached) Speaks(storage.Reader, string) (bool, error) { return true, nil }

// Who is asked into a household and sends no answer has not declined.
func TestNoAnswerIsNotNo(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.Applicants = reached{}
		head, asked := w.resident(t, 7), w.resident(t, 8)
		_, waits, err := w.AddFamily(t.Context(), head, ration.FamilyInput{
			Name: "王小明", IDKind: ident.KindMainland, IDNumber: ident.MakeMainlandID("330212", time.Date(1981, 1, 1, 0, 0, 0, 0, time.UTC), 8),
		})
		if err != nil || !waits {
			t.Fatalf("asked: %v, %v", waits, err)
		}
		c, to := w.caller(asked), "/me/supplies/family/"+head.Person+"/answer"
		c.JSON("POST", to, "", struct{}{}).Want(t, 422, "yes")
		c.JSON("POST", to, "", map[string]any{"yes": nil}).Want(t, 422, "yes")
		c.Form(to).Want(t, 422)
		c.Form(to, "yes", "true").Want(t, 303)
	})
}
