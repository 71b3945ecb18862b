package workresume_test

import (
	"testing"
	"testing/cryptotest"
	"time"

	"breakwater/internal/ident"
	"breakwater/internal/kernel/party"
	"breakwater/internal/service/workresume"
)

// Two certificates that draw the same code do not end the demonstration: the
// second draws again.
func TestSeedDrawsAnotherCode(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		seed := func(code string) {
			t.Helper()
			cryptotest.SetGlobalRandom(t, 7) // the same chance again, so the same first code
			filing := goodFiling(1)
			number := ident.MakeMainlandID("330299", time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, len(code)+int(code[16])), 5)
			must(t, w.Seed(t.Context(), []workresume.SeedFirm{{
				CreditCode: code, Name: "试验企业 " + code, Park: w.park.ID, Since: w.hand.Now(), Filing: &filing,
				People: []party.Person{{Name: "李娜", IDKind: ident.KindMainland, IDNumber: number, Phone: "13800001234"}}, Posts: []string{"操作工"},
			}}))
		}
		a, b := ident.MakeCreditCode("91990201000000001"), ident.MakeCreditCode("91990201000000002")
		seed(a)
		seed(b)
		first, err := w.FirmByCode(t.Context(), w.officer, a)
		must(t, err)
		second, err := w.FirmByCode(t.Context(), w.officer, b)
		must(t, err)
		if first.Certificate == nil || second.Certificate == nil || first.Certificate.Code == second.Certificate.Code {
			t.Fatalf("certificates %+v and %+v", first.Certificate, second.Certificate)
		}
	})
}
