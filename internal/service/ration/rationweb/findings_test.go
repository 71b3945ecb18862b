package rationweb_test

import (
	"encoding/json"
	"net/http"
	"os"
	"testing"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/service/ration"
	"breakwater/internal/web"
)

// A program is told why the rules said no, as a page is: each rule, by which fact, and
// what would change it.
func TestFindingsForPrograms(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		file := got(os.ReadFile("../campaign/chancheng-firms.toml"))(t)
		act := got(w.OpenCampaign(t.Context(), w.officer, ration.OpenInput{File: file, Reason: "按通知启动"}))(t)
		ok(t, w.ConfirmOpen(t.Context(), w.second, act.ID, once.Key{}))
		ok(t, w.Supply(t.Context(), w.officer, "chancheng-firms-2020", 1000, "市里调拨", once.Key{}))
		o := got(w.Plan(t.Context(), w.officer, ration.PlanInput{
			Campaign: "chancheng-firms-2020", Day: ration.DayOf(w.hand.Now().In(w.Zone)), Offers: []ration.OfferInput{{Point: w.shop.ID, Pieces: 500}},
		}))(t)[0]
		firm := auth.Principal{ID: "acc_f", Name: "企业", Role: auth.Firm, Scope: auth.OfFirm("fir_1")}
		a := w.caller(firm).JSON(http.MethodPost, "/supplies/chancheng-firms-2020/book/"+o.ID, "one", map[string]any{"answers": map[string]string{"sourcing_failed": "no"}})
		var said web.Problem
		if err := json.Unmarshal([]byte(a.Body), &said); err != nil || said.Code != "ration.not_entitled" {
			t.Fatalf("%v %s", err, a.Body)
		}
		if len(said.Findings) != 1 || said.Findings[0].Rule != "tried" || said.Findings[0].Facts["sourcing_failed"] != false ||
			said.Findings[0].Mend != "请先联系名录内经销企业采购，采购不到再申请。" {
			t.Errorf("%+v", said.Findings)
		}
	})
}
