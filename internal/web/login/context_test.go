package login_test

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
	"breakwater/internal/web/login"
)

// While the store does not answer, nobody waits without end to be known: they are told
// to come again.
func TestNobodyWaitsToBeKnown(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		a := h.add(t, "officer-one", auth.Officer, auth.District(district))
		token := must(h.auth.CreateToken(t.Context(), auth.Operator(), a.ID, "test", h.hand.Now().Add(time.Hour)))(t)
		other := token[:len("bwt_")] + "02" + token[len("bwt_02"):] // known to no memory
		free := make(chan struct{})
		defer close(free)
		readers := runtime.NumCPU()
		if h.db.Engine() == storage.Postgres {
			readers = max(16, 8*readers)
		}
		in := make(chan struct{})
		for range readers {
			go h.db.Read(t.Context(), func(storage.Reader) error {
				in <- struct{}{}
				<-free
				return nil
			})
			<-in
		}
		pages := login.New(login.Deps{Auth: h.auth, Know: time.Millisecond})
		var got error
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Authorization", "Bearer "+other)
		pages.Authenticate(http.NotFoundHandler(), func(_ http.ResponseWriter, _ *http.Request, err error) { got = err }).ServeHTTP(httptest.NewRecorder(), r)
		if got == nil || fault.KindOf(got) != fault.Busy {
			t.Errorf("%v", got)
		}
	})
}
