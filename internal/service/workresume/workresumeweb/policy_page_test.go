package workresumeweb_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"strings"
	"testing"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/web/webtest"
)

func policyFile(t *testing.T, version string, swaps ...string) []byte {
	t.Helper()
	text := string(got(os.ReadFile("../pack/file-and-promise.toml"))(t))
	return []byte(strings.NewReplacer(append([]string{`version = "2020-02-11"`, `version = "` + version + `"`}, swaps...)...).Replace(text))
}

// An officer uploads a policy, is told each mistake with its line, looks at what it
// would change, asks for it; a second officer confirms, and the firm reads why.
func TestPolicyPages(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		f, office := w.open(t, 2)
		c := w.caller(w.officer)
		c.Get("/desk/policies").Want(t, 200, "企业复工：备案制、负面清单与承诺制", "企业复工：取消审批", "执行中", "尚未变更过政策")
		c.Get("/desk/resumption/"+f.ID).Want(t, 200, "/explanation")

		upload := func(data []byte) webtest.Answer {
			kind, body := form("policy.toml", data, "key", once.Ticket(w.Clock())+version(data))
			return c.Send("POST", "/desk/policies", kind, body, "Accept", "text/html")
		}
		bad := policyFile(t, "bad", "masks >= 0 &&", "mask >= 0 &&", `zh-Hans = "消毒液（升）"`, "")
		line := strings.Count(strings.Split(string(bad), "Disinfectant (litres)")[0], "\n") + 1
		upload(bad).Want(t, 422, "缺少文字说明", fmt.Sprintf("第%d行", line))
		upload([]byte("id = ")).Want(t, 400, "TOML", "line 1")
		upload(policyFile(t, "2020-02-11", "masks_per_person_per_day = 1", "masks_per_person_per_day = 2")).Want(t, 409, "f-file", "请使用新的版本号")

		// What was refused stands there to be mended, and is taken from there.
		mended := policyFile(t, "mended")
		if page := upload(bad).Want(t, 422, `name="source"`).Body; !strings.Contains(page, "negative_industries = [") {
			t.Error("the text is lost")
		}
		pasted := c.Form("/desk/policies", "source", strings.ReplaceAll(string(mended), "\n", "\r\n")).Want(t, 303).Header.Get("Location")
		if got := c.Get(pasted+"/policy.toml").Want(t, 200); got.Body != string(mended) {
			t.Error("another text than was sent")
		}
		c.Form("/desk/policies", "source", "").Want(t, 422, "f-file")

		strict := policyFile(t, "strict", "mask_days_required = 3", "mask_days_required = 9")
		here := upload(strict).Want(t, 303).Header.Get("Location")
		c.Get(here).Want(t, 200, "strict", "启用本政策", "口罩可用", "masks")
		if got := c.Get(here+"/policy.toml").Want(t, 200); got.Body != string(strict) {
			t.Error("the file is another than was uploaded")
		}
		c.Get(here+"/what-if").Want(t, 200, "准予复工", "退回补正", "1家", f.Name, "口罩可用")
		c.Get(here+"/what-if?from=certified&to=returned").Want(t, 200, f.Name)
		c.Get(here+"/what-if?after="+f.ID).Want(t, 200, "此处没有企业")
		lines := got(csv.NewReader(strings.NewReader(strings.TrimPrefix(c.Get(here+"/what-if.csv").Want(t, 200).Body, "\ufeff"))).ReadAll())(t)
		if len(lines) != 2 || lines[1][0] != f.CreditCode || lines[1][5] == "" || lines[1][5] == "masks" || lines[1][6] != "masks" {
			t.Errorf("%v", lines)
		}

		c.Form(here+"/activation", "reason", "").Want(t, 422, "f-reason")
		c.Form(here+"/activation", "reason", "口罩恢复供应", "from", "soon").Want(t, 422, "f-from")
		c.Form(here+"/activation", "reason", "口罩恢复供应").Want(t, 422, "请勾选已知悉", "自第二人确认时起执行") // it names another first day
		act := strings.TrimPrefix(c.Form(here+"/activation", "reason", "口罩恢复供应", "dated", "on").Want(t, 303).Header.Get("Location"), "/desk/second/")
		c.Form(here+"/activation", "reason", "再来一次", "dated", "on").Want(t, 409)
		second := auth.Principal{ID: "acc_second", Role: auth.SecondOfficer, Scope: w.officer.Scope}
		ok(t, w.ConfirmPolicy(t.Context(), second, act, once.Key{}))
		ok(t, w.Enact(t.Context()))
		change := got(w.Activations(t.Context(), w.officer))(t)[0]
		c.Get("/desk/policy-changes/"+change.ID).Want(t, 200, "全部企业已重新审核", "100", "退回补正")
		c.Get("/desk/policies").Want(t, 200, "1家企业结果改变")
		c.Get("/desk/policies/pol_none").Want(t, 404)
		c.Get("/desk/policy-changes/atn_none").Want(t, 404)

		own := w.caller(office)
		own.Get("/firm").Want(t, 200, "/firm/explanation")
		own.Get("/firm/explanation").Want(t, 200, "按规则须先补正", "版本strict", "口罩库存（只）：由10改为18，增加8", "条规则没有异议")
		english := webtest.Caller{T: t, Site: w.site, As: w.as(office), Lang: "en"}
		english.Get("/firm/explanation").Want(t, 200, "The smallest change", "Masks in stock (pieces): from 10 to 18, 8 more")
		own.Get("/desk/policies").Want(t, 403)
	})
}

// version keeps two uploads' keys apart.
func version(data []byte) string {
	_, rest, _ := strings.Cut(string(data), "version = \"")
	v, _, _ := strings.Cut(rest, "\"")
	return v + string(rune('a'+len(data)%26))
}

// The regime of 4 February asks an officer for two statements.
func TestStatementPages(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		f, office := w.open(t, 1)
		c, page := w.caller(w.officer), "/desk/resumption/"+f.ID
		c.Form(page+"/statement", "fact", "township_check", "value", "yes", "reason", "合格").Want(t, 409)
		var four string
		for _, p := range got(w.Policies(t.Context(), w.officer))(t) {
			if p.Pack.ID == "work-resumption.four-classes" {
				four = p.ID
			}
		}
		c.Get("/desk/policies/"+four).Want(t, 200, "今天不在该政策自身的有效期内")
		act := strings.TrimPrefix(c.Form("/desk/policies/"+four+"/activation", "reason", "演练", "dated", "on").Want(t, 303).Header.Get("Location"), "/desk/second/")
		ok(t, w.ConfirmPolicy(t.Context(), auth.Principal{ID: "acc_second", Role: auth.SecondOfficer, Scope: w.officer.Scope}, act, once.Key{}))
		ok(t, w.Enact(t.Context()))
		c.Get(page+"/explanation").Want(t, 200, "镇街现场核查通过", "作出认定", "企业自行可改变的事项不足以改变结果")
		c.Form(page+"/statement", "fact", "township_check", "reason", "合格").Want(t, 422, "请选择是或否")
		c.Form(page+"/statement", "fact", "township_check", "value", "yes", "reason", "").Want(t, 422, "f-reason")
		c.Form(page+"/statement", "fact", "township_check", "value", "yes", "reason", "现场合格").Want(t, 303)
		c.Form(page+"/statement", "fact", "district_approval", "value", "yes", "reason", "同意").Want(t, 303)
		own := w.caller(office)
		own.Get("/firm/explanation").Want(t, 200, "按规则可以复工", "距离结果改变还有多少余量", "现场合格")
		own.Form("/firm/statement", "fact", "township_check", "value", "yes", "reason", "自评").Want(t, 404)
	})
}
