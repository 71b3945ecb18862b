package workresumeweb_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
)

// secondOfficer is another person who may confirm.
func (w *apiWorld) secondOfficer() auth.Principal {
	return auth.Principal{ID: "acc_second", Name: "吴主任", Role: auth.SecondOfficer, Scope: w.officer.Scope}
}

// nobodys is a worker's account without a person: it has nothing to report.
func nobodys() auth.Principal { return auth.Principal{ID: "acc_nobodys", Role: auth.Worker} }

var restriction = map[string]any{"reason_code": "close-contact", "days": 7, "note": "疾控协查函 2020-117 号"}

func onReport(w *apiWorld) command {
	_, office, _ := w.certified(1)
	return command{
		path: "/me/health", by: w.worker(office, 0), body: map[string]any{"temperature": 36.8}, other: map[string]any{"contact": true},
		wrong: office, alien: nobodys(), denied: true,
	}
}

func onRestrict(w *apiWorld) command {
	_, office, _ := w.certified(1)
	return command{
		path: "/people/" + w.worker(office, 0).Person + "/restrictions", by: w.officer, body: restriction,
		other: map[string]any{"reason_code": "test-awaited", "days": 2, "note": "等待核酸检测结果，已采样"}, wrong: office, alien: w.distant,
	}
}

// asked is a restriction that waits for a second officer, and the person's account.
func (w *apiWorld) asked() (act string, me, office auth.Principal) {
	_, office, _ = w.certified(1)
	me = w.worker(office, 0)
	var made struct{ ID string }
	w.by(w.officer).JSON(http.MethodPost, "/api/v1/people/"+me.Person+"/restrictions", "", restriction).Want(w.t, 200).Decode(w.t, &made)
	return made.ID, me, office
}

func onConfirmRestriction(w *apiWorld) command {
	act, _, office := w.asked()
	return command{
		path: "/restrictions/" + act + "/confirm", by: w.secondOfficer(), body: map[string]any{}, path2: "/restrictions/act_0/confirm",
		wrong: office, alien: w.distant,
	}
}

// held is a restriction that holds.
func (w *apiWorld) held() (id string, me, office auth.Principal) {
	act, me, office := w.asked()
	w.by(w.secondOfficer()).JSON(http.MethodPost, "/api/v1/restrictions/"+act+"/confirm", "", map[string]any{}).Want(w.t, 200)
	var health struct {
		Colour      string
		Restriction struct{ ID string }
	}
	w.by(me).JSON(http.MethodGet, "/api/v1/me/health", "", nil).Want(w.t, 200, `"confirmed_by":"吴主任"`).Decode(w.t, &health)
	if health.Colour != "red" {
		w.t.Errorf("%+v", health)
	}
	return health.Restriction.ID, me, office
}

func onAppealRestriction(w *apiWorld) command {
	id, me, office := w.held()
	return command{
		path: "/me/restrictions/" + id + "/appeal", by: me, body: map[string]any{"reason": "当天在单位打卡，有记录可查"},
		other: map[string]any{"reason": "当天在家中休息，邻居可证"}, wrong: office, alien: w.worker(w.anotherOffice(), 0),
	}
}

func (w *apiWorld) anotherOffice() auth.Principal {
	_, office, _ := w.certified(1)
	return office
}

func onAnswerRestriction(w *apiWorld) command {
	id, _, office := w.held()
	return command{
		path: "/restrictions/" + id + "/answer", by: w.officer, body: map[string]any{"outcome": "lifted", "reason": "核实无误"},
		other: map[string]any{"outcome": "upheld", "reason": "核实有误"}, wrong: office, alien: w.distant,
	}
}

func onRemindReports(w *apiWorld) command {
	f, office, _ := w.certified(2)
	return command{
		path: "/firms/" + f.ID + "/reports/remind", by: office, body: map[string]any{"people": []string{w.worker(office, 0).Person}},
		other: map[string]any{}, wrong: w.auditor, alien: w.anotherOffice(),
	}
}

func onReadHealth(w *apiWorld) command {
	_, office, _ := w.certified(1)
	return command{
		path: "/people/" + w.worker(office, 0).Person + "/health", by: w.officer, body: map[string]any{"reason": "本人来电申诉"},
		other: map[string]any{"reason": "核实纸质申报"}, wrong: office, alien: w.distant,
	}
}

// helped is a relation between two workers of one firm, and their office.
func (w *apiWorld) helped() (help string, helped, helper, office auth.Principal) {
	_, office, _ = w.certified(2)
	helped, helper = w.worker(office, 0), w.worker(office, 1)
	code, err := w.OfferHelp(w.t.Context(), helped, 1, once.Key{})
	apiMust(w.t, err)
	var made struct{ ID string }
	w.by(helper).JSON(http.MethodPost, "/api/v1/me/helping", "", map[string]any{"code": code.Code}).Want(w.t, 200).Decode(w.t, &made)
	return made.ID, helped, helper, office
}

func onOfferHelp(w *apiWorld) command {
	_, office, _ := w.certified(1)
	return command{path: "/me/helping/code", by: w.worker(office, 0), body: map[string]any{}, other: map[string]any{"hours": 2}, wrong: office, alien: nobodys(), denied: true}
}

func onAcceptHelp(w *apiWorld) command {
	_, office, _ := w.certified(2)
	code, err := w.OfferHelp(w.t.Context(), w.worker(office, 0), 1, once.Key{})
	apiMust(w.t, err)
	return command{
		path: "/me/helping", by: w.worker(office, 1), body: map[string]any{"code": code.Code}, other: map[string]any{"code": ident.NewAloud(7)},
		wrong: office, alien: nobodys(), denied: true,
	}
}

func onReportHelped(w *apiWorld) command {
	help, helped, helper, office := w.helped()
	return command{path: "/helping/" + help + "/report", by: helper, body: map[string]any{}, other: map[string]any{"temperature": 38.2}, wrong: office, alien: helped}
}

func onEndHelp(w *apiWorld) command {
	help, helped, _, office := w.helped()
	return command{path: "/helping/" + help + "/end", by: helped, body: map[string]any{}, other: map[string]any{"reason": "搬走"}, wrong: office, alien: w.worker(w.anotherOffice(), 0)}
}

func onArrangeHelp(w *apiWorld) command {
	_, office, _ := w.certified(1)
	child := map[string]any{"name": "Maria Silva", "kind": "passport", "number": "AB1234567", "reason": "没有手机，请社区代报"}
	return command{
		path: "/helping", by: w.officer, body: child, other: map[string]any{"name": "Ana Souza", "kind": "passport", "number": "AB7654321", "reason": "没有手机，请社区代报"},
		wrong: office, alien: auth.Principal{ID: "acc_noscope", Role: auth.Officer}, denied: true,
	}
}

func onSaveTravel(w *apiWorld) command {
	_, office, _ := w.certified(1)
	came := func(from string) map[string]any {
		return map[string]any{"origin": from, "arrived": "2020-02-16", "lodging": "东园 3 号宿舍"}
	}
	return command{path: "/me/travel", by: w.worker(office, 0), body: came("河南省郑州市"), other: came("湖北省武汉市"), wrong: office, alien: nobodys(), denied: true}
}

func onSaveTravelHelped(w *apiWorld) command {
	help, helped, helper, office := w.helped()
	own := onSaveTravel(w)
	return command{path: "/helping/" + help + "/travel", by: helper, body: own.body, other: own.other, wrong: office, alien: helped}
}

// onAppealHelped is a helper of somebody whom two officers hold, reported for today.
func onAppealHelped(w *apiWorld) command {
	help, helped, helper, office := w.helped()
	w.by(helper).JSON(http.MethodPost, "/api/v1/helping/"+help+"/report", "", map[string]any{}).Want(w.t, 200)
	var act struct{ ID string }
	w.by(w.officer).JSON(http.MethodPost, "/api/v1/people/"+helped.Person+"/restrictions", "", restriction).Want(w.t, 200).Decode(w.t, &act)
	w.by(w.secondOfficer()).JSON(http.MethodPost, "/api/v1/restrictions/"+act.ID+"/confirm", "", map[string]any{}).Want(w.t, 200)
	return command{
		path: "/helping/" + help + "/appeal", by: helper, body: map[string]any{"reason": "母亲那天没有出门，有社区登记"},
		other: map[string]any{"reason": "母亲那天在医院，有挂号单"}, wrong: office, alien: helped,
	}
}

func onTakeBackTravel(w *apiWorld) command {
	said := onSaveTravelHelped(w)
	w.by(said.by).JSON(http.MethodPost, "/api/v1"+said.path, "", said.body).Want(w.t, 200, `"travel_themself":false`)
	return command{path: "/me/travel/take-back", by: said.alien, wrong: said.wrong, alien: nobodys(), denied: true, sole: true}
}

var oneRisk = map[string]any{"lines": []any{map[string]any{"place": "湖北省武汉市", "level": "high", "from": "2020-01-23", "source": "省指挥部 1 号通告"}}}

func onAddRisks(w *apiWorld) command {
	_, office, _ := w.certified(1)
	return command{
		path: "/risks", by: w.officer, body: oneRisk, wrong: office, alien: w.distant, denied: true,
		other: map[string]any{"lines": []any{map[string]any{"place": "湖北省", "level": "low", "from": "2020-01-23", "source": "省指挥部 1 号通告"}}},
	}
}

func onProposeRisks(w *apiWorld) command {
	_, office, _ := w.certified(1)
	with := func(reason string) map[string]any {
		return map[string]any{"lines": oneRisk["lines"], "reason": reason}
	}
	return command{
		path: "/risks/acts", by: w.officer, body: with("省指挥部今日名单"), other: with("市指挥部今日名单"), wrong: office, alien: w.distant, denied: true,
	}
}

func onEndRisk(w *apiWorld) command {
	_, office, _ := w.certified(1)
	w.by(w.officer).JSON(http.MethodPost, "/api/v1/risks", "", oneRisk).Want(w.t, 200)
	list, _, err := w.Risks(w.t.Context())
	apiMust(w.t, err)
	return command{
		path: "/risks/" + list[0].ID + "/end", by: w.officer, body: map[string]any{"reason": "通告已撤销"}, other: map[string]any{"reason": "录入有误，撤回"},
		wrong: office, alien: w.distant, denied: true,
	}
}

// paperDay is the day of the world in which these commands run.
const paperDay = "2020-02-18"

func onPrintPaper(w *apiWorld) command {
	f, office, _ := w.certified(2)
	body := func(days int) map[string]any {
		return map[string]any{"firm": f.CreditCode, "first": paperDay, "days": days}
	}
	return command{path: "/paper", by: w.officer, body: body(1), other: body(2), wrong: office, alien: w.distant}
}

// sheet is one of a firm, for today.
func (w *apiWorld) sheet() (number string, office auth.Principal) {
	f, office, _ := w.certified(2)
	var made struct{ Sheets []struct{ Number string } }
	w.by(w.officer).JSON(http.MethodPost, "/api/v1/paper", "", map[string]any{"firm": f.ID, "first": paperDay, "days": 1}).Want(w.t, 200).Decode(w.t, &made)
	return made.Sheets[0].Number, office
}

func onTypePaper(w *apiWorld) command {
	number, office := w.sheet()
	rows := func(row map[string]any) map[string]any {
		row["line"], row["day"] = 1, paperDay
		return map[string]any{"rows": []any{row}}
	}
	return command{
		path: "/paper/" + number + "/reports", by: w.officer, body: rows(map[string]any{"well": true}),
		other: rows(map[string]any{"symptoms": []string{"cough"}}), wrong: office, alien: w.distant,
	}
}

// As many lines as one act takes, each as long as it may be, fit the door.
func TestRisksFitTheirBody(t *testing.T) {
	w := newAPIWorld(t)
	lines := make([]any, 500)
	for i := range lines {
		lines[i] = map[string]any{
			"place": "湖北省" + strings.Repeat("武", 70) + strconv.Itoa(i), "level": "high", "from": "2020-01-23", "source": strings.Repeat("省卫", 100),
		}
	}
	w.by(w.officer).JSON(http.MethodPost, "/api/v1/risks", "", map[string]any{"lines": lines}).Want(t, 200, `"taken":500`)
}
