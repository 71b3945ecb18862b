package workresumeweb_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/jpeg"
	"net/http"
	"testing"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/once"
	"breakwater/internal/service/workresume"
	"breakwater/internal/storage"
	"breakwater/internal/web/webtest"
)

// command is one POST and those it must refuse.
type command struct {
	path   string
	by     auth.Principal
	body   any
	file   []byte         // sent instead of body
	other  any            // the same key with this is refused
	path2  string         // or with this address
	sole   bool           // there is nothing else that could be asked with the key
	wrong  auth.Principal // a role that may not
	alien  auth.Principal // the role, of another scope
	denied bool           // alien is told so: what it asks for is no secret
}

// commands prepares each operation in a world of its own.
var commands = map[string]func(w *apiWorld) command{
	"registerFirm": func(w *apiWorld) command {
		return command{
			path: "/firms", by: w.officer, body: map[string]any{"credit_code": apiCredit(900), "name": "新企业", "park": w.park.ID},
			other: map[string]any{"credit_code": apiCredit(901)}, wrong: w.guard, alien: w.distant, denied: true,
		}
	},
	"fileResumption": func(w *apiWorld) command {
		f, office := w.firm(w.park)
		_, alien := w.firm(w.park)
		return command{path: "/firms/" + f.ID + "/filing", by: office, body: apiFiling(2), other: apiFiling(3), wrong: w.guard, alien: alien}
	},
	"decideResumption": func(w *apiWorld) command {
		f, office, _ := w.certified(1)
		return command{
			path: "/firms/" + f.CreditCode + "/decision", by: w.officer, body: map[string]any{"state": "returned", "reason": "现场复核"},
			other: map[string]any{"state": "refused", "reason": "现场复核"}, wrong: office, alien: w.distant,
		}
	},
	"markNoticesSeen": func(w *apiWorld) command {
		f, office, _ := w.certified(1)
		_, alien := w.firm(w.park)
		list, err := w.Notices(w.t.Context(), office, f.ID)
		apiMust(w.t, err)
		return command{
			path: "/firms/" + f.ID + "/notices/seen", by: office, body: map[string]any{"up_to": list[0].ID},
			other: map[string]any{"up_to": "not_0"}, wrong: w.auditor, alien: alien,
		}
	},
	"importRoster": func(w *apiWorld) command {
		f, office := w.firm(w.park)
		_, alien := w.firm(w.park)
		return command{
			path: "/firms/" + f.ID + "/imports?name=r.csv", by: office, file: w.roll(3), other: w.roll(2),
			wrong: w.guard, alien: alien,
		}
	},
	"importRosters": func(w *apiWorld) command {
		_, office := w.firm(w.park)
		return command{path: "/imports?name=r.csv", by: w.officer, file: w.roll(3), other: w.roll(2), wrong: office, alien: w.distant, denied: true}
	},
	"cancelImport": func(w *apiWorld) command {
		f, office, file := w.certified(1)
		_, alien := w.firm(w.park)
		var im struct{ ID string }
		w.upload(office, "/api/v1/firms/"+f.ID+"/imports?name=r.csv", "", file).Want(w.t, 200).Decode(w.t, &im)
		return command{path: "/imports/" + im.ID + "/cancel", by: office, path2: "/imports/imp_0/cancel", wrong: w.guard, alien: alien}
	},
	"leaveRoster": func(w *apiWorld) command {
		f, office, _ := w.certified(2)
		_, alien := w.firm(w.park)
		one, two := w.worker(office, 0).Person, w.worker(office, 1).Person
		return command{
			path: "/firms/" + f.ID + "/members/leave", by: office, body: map[string]any{"people": []string{one}},
			other: map[string]any{"people": []string{two}}, wrong: w.auditor, alien: alien,
		}
	},
	"returnToRoster": func(w *apiWorld) command {
		f, office, _ := w.certified(2)
		_, alien := w.firm(w.park)
		one, two := w.worker(office, 0).Person, w.worker(office, 1).Person
		w.by(office).JSON(http.MethodPost, "/api/v1/firms/"+f.ID+"/members/leave", "", map[string]any{"people": []string{one, two}}).Want(w.t, 200, `"moved":2`)
		return command{
			path: "/firms/" + f.ID + "/members/return", by: office, body: map[string]any{"people": []string{one}},
			other: map[string]any{"people": []string{two}}, wrong: w.auditor, alien: alien,
		}
	},
	"revealPerson": func(w *apiWorld) command {
		f, office, _ := w.certified(1)
		_, alien := w.firm(w.park)
		return command{
			path: "/firms/" + f.ID + "/members/" + w.worker(office, 0).Person + "/reveal", by: office, body: map[string]any{"reason": "核对身份证件"},
			other: map[string]any{"reason": "核对联系电话"}, wrong: w.auditor, alien: alien,
		}
	},
	"renamePerson": func(w *apiWorld) command {
		f, office, _ := w.certified(1)
		return command{
			path: "/firms/" + f.ID + "/members/" + w.worker(office, 0).Person + "/name", by: w.officer, body: map[string]any{"name": "赵六", "reason": "核对身份证件"},
			other: map[string]any{"name": "赵七", "reason": "核对身份证件"}, wrong: office, alien: w.distant,
		}
	},
	"parkFirm": func(w *apiWorld) command {
		f, office := w.firm(w.park)
		return command{
			path: "/firms/" + f.ID + "/park", by: w.officer, body: map[string]any{"park": ""},
			other: map[string]any{"park": w.park.ID}, wrong: office, alien: w.distant, denied: true,
		}
	},
	"askReview": func(w *apiWorld) command {
		review, asking, _ := w.twice()
		_, alien := w.firm(w.park)
		return command{path: "/reviews/" + review + "/ask", by: asking, body: map[string]any{"note": "已到岗"}, other: map[string]any{"note": "未到岗"}, wrong: w.guard, alien: alien}
	},
	"settleReview": func(w *apiWorld) command {
		review, asking, _ := w.twice()
		return command{
			path: "/reviews/" + review + "/settle", by: w.officer, body: map[string]any{"move": true, "reason": "劳动合同已核"},
			other: map[string]any{"move": false, "reason": "劳动合同已核"}, wrong: asking, alien: w.distant,
		}
	},
	"reportStock": func(w *apiWorld) command {
		f, office, _ := w.certified(1)
		_, alien := w.firm(w.park)
		return command{path: "/firms/" + f.ID + "/stock", by: office, body: map[string]any{"masks": 50}, other: map[string]any{"masks": 60}, wrong: w.guard, alien: alien}
	},
	"importMeterReadings": func(w *apiWorld) command {
		f, office := w.firm(w.park)
		readings := func(kwh string) map[string]any {
			return map[string]any{"readings": []any{map[string]any{"credit_code": f.CreditCode, "at": "2020-02-17", "kwh": kwh, "normal_kwh": "900"}}}
		}
		return command{path: "/meters", by: w.officer, body: readings("100"), other: readings("200"), wrong: office, alien: w.distant, denied: true}
	},
	"importMeterReadings by file": func(w *apiWorld) command {
		f, office := w.firm(w.park)
		return command{
			path: "/meters?name=m.xlsx", by: w.officer, file: meterBook(w.t, f.CreditCode, 100), other: meterBook(w.t, f.CreditCode, 200),
			wrong: office, alien: w.distant, denied: true,
		}
	},
	"reportHealth":       onReport,
	"restrictPerson":     onRestrict,
	"remindReports":      onRemindReports,
	"readHealth":         onReadHealth,
	"offerHelp":          onOfferHelp,
	"acceptHelp":         onAcceptHelp,
	"reportHelped":       onReportHelped,
	"endHelp":            onEndHelp,
	"arrangeHelp":        onArrangeHelp,
	"saveTravel":         onSaveTravel,
	"saveTravelHelped":   onSaveTravelHelped,
	"takeBackTravel":     onTakeBackTravel,
	"printPaper":         onPrintPaper,
	"typePaper":          onTypePaper,
	"addRisks":           onAddRisks,
	"endRisk":            onEndRisk,
	"proposeRisks":       onProposeRisks,
	"confirmRestriction": onConfirmRestriction,
	"mergePeople":        onMerge,
	"confirmMerge":       onConfirmMerge,
	"splitPeople":        onSplit,
	"appealRestriction":  onAppealRestriction,
	"appealHelped":       onAppealHelped,
	"answerRestriction":  onAnswerRestriction,

	"takeCase":    onCase("take", nil, nil),
	"releaseCase": onCase("release", nil, nil),
	"giveCase":    onCase("give", map[string]any{"to": apiColleague}, map[string]any{"to": "acc_0"}),
	"askCase":     onCase("ask", map[string]any{"points": []string{"消毒记录", "隔离间照片"}}, map[string]any{"points": []string{"消毒记录"}}),
	"checkCase": onCase("check", map[string]any{"how": "video", "passed": true, "note": "已核实"},
		map[string]any{"how": "site", "passed": true, "note": "已核实"}),
	"decideAppeal": func(w *apiWorld) command {
		f, office, _ := w.stopped()
		var made struct{ ID string }
		w.by(office).JSON(http.MethodPost, "/api/v1/firms/"+f.ID+"/appeal", "", map[string]any{"reason": appealReason}).Want(w.t, 200).Decode(w.t, &made)
		return command{
			path: "/cases/" + made.ID + "/appeal", by: w.officer, body: map[string]any{"outcome": "changed", "state": "certified", "reason": "核实为展厅"},
			other: map[string]any{"outcome": "upheld", "reason": "核实为影院"}, wrong: office, alien: w.distant,
		}
	},
	"appealDecision": func(w *apiWorld) command {
		f, office, _ := w.stopped()
		_, alien := w.firm(w.park)
		return command{
			path: "/firms/" + f.CreditCode + "/appeal", by: office, body: map[string]any{"reason": appealReason},
			other: map[string]any{"reason": appealReason + "二"}, wrong: w.guard, alien: alien,
		}
	},
	"answerCase": func(w *apiWorld) command {
		f, office := w.waiting()
		_, alien := w.firm(w.park)
		return command{path: "/firms/" + f.ID + "/case/answer", by: office, path2: "/firms/" + f.CreditCode + "/case/answer", wrong: w.guard, alien: alien}
	},
	"decideMany": func(w *apiWorld) command {
		a, office, _ := w.stopped()
		b, _, _ := w.stopped()
		return command{
			path: "/decisions", by: w.officer, body: map[string]any{"firms": []string{a.ID, b.ID}, "state": "certified", "reason": "统一核准"},
			other: map[string]any{"firms": []string{a.ID}, "state": "certified", "reason": "统一核准"}, wrong: office, alien: w.distant,
		}
	},
	"addPolicy": func(w *apiWorld) command {
		return command{
			path: "/policies", by: w.officer, body: map[string]any{"source": string(policyFile(w.t, "a"))},
			other: map[string]any{"source": string(policyFile(w.t, "b"))}, wrong: w.auditor, alien: w.distant, denied: true,
		}
	},
	"activatePolicy": func(w *apiWorld) command {
		return command{
			path: "/policies/" + w.policy("work-resumption.lifted") + "/activation", by: w.officer, body: map[string]any{"reason": "疫情平稳", "dated": true},
			other: map[string]any{"reason": "疫情反复"}, wrong: w.auditor, alien: w.distant, denied: true,
		}
	},
	"stateFact": func(w *apiWorld) command {
		f, office, _ := w.certified(1)
		act, err := w.Activate(w.t.Context(), w.officer, workresume.ActivateInput{Dated: true, Policy: w.policy("work-resumption.four-classes"), Reason: "演练"})
		apiMust(w.t, err)
		apiMust(w.t, w.ConfirmPolicy(w.t.Context(), auth.Principal{ID: "acc_second", Role: auth.SecondOfficer, Scope: w.officer.Scope}, act.ID, once.Key{}))
		return command{
			path: "/firms/" + f.ID + "/statements", by: w.officer, body: map[string]any{"fact": "township_check", "value": true, "reason": "现场合格"},
			other: map[string]any{"fact": "township_check", "value": false, "reason": "现场合格"}, wrong: office, alien: w.distant,
		}
	},
	"checkAtGate": func(w *apiWorld) command {
		_, office, _ := w.certified(1)
		code := w.code(w.worker(office, 0))
		return command{
			path: "/gate/checks", by: w.guard, body: map[string]any{"gate": w.gate.ID, "short_code": code.ShortCode, "direction": "in"},
			other: map[string]any{"gate": w.gate.ID, "short_code": code.ShortCode, "direction": "out"}, wrong: office, alien: w.remote,
		}
	},
	"undoCheck": func(w *apiWorld) command {
		_, office, _ := w.certified(1)
		code := w.code(w.worker(office, 0))
		var check struct{ Reference string }
		w.by(w.guard).JSON(http.MethodPost, "/api/v1/gate/checks", "", map[string]any{"text": code.Credential, "direction": "in"}).Want(w.t, 200).Decode(w.t, &check)
		return command{
			path: "/gate/checks/" + check.Reference + "/undo", by: w.guard, body: map[string]any{}, other: map[string]any{"gate": w.gate.ID},
			wrong: office, alien: w.remote,
		}
	},
	"addCasePhoto": func(w *apiWorld) command {
		_, office, id := w.stopped()
		return command{path: "/cases/" + id + "/photos", by: w.officer, file: snapshot(w.t, 40), other: snapshot(w.t, 50), wrong: office, alien: w.distant}
	},
	"addAppealPhoto": func(w *apiWorld) command {
		f, office, _ := w.stopped()
		_, foreign := w.firm(w.park)
		w.by(office).JSON(http.MethodPost, "/api/v1/firms/"+f.ID+"/appeal", "", map[string]any{"reason": appealReason}).Want(w.t, 200)
		return command{path: "/firms/" + f.ID + "/appeal/photos", by: office, file: snapshot(w.t, 40), other: snapshot(w.t, 50), wrong: w.guard, alien: foreign}
	},
	"undoAssignment": func(w *apiWorld) command {
		_, office, id := w.stopped()
		w.by(w.officer).JSON(http.MethodPost, "/api/v1/cases/"+id+"/take", "", map[string]any{}).Want(w.t, 200)
		return command{path: "/cases/" + id + "/undo", by: w.officer, path2: "/cases/cas_0/undo", wrong: office, alien: w.distant}
	},
	"addRestrictionPhoto": func(w *apiWorld) command {
		id, me, office := w.held()
		var health struct {
			Restriction struct{ Appeal struct{ Case string } }
		}
		w.by(me).JSON(http.MethodPost, "/api/v1/me/restrictions/"+id+"/appeal", "", map[string]any{"reason": "当天在单位打卡，有记录可查"}).Want(w.t, 200).Decode(w.t, &health)
		return command{path: "/me/appeals/" + health.Restriction.Appeal.Case + "/photos", by: me, file: snapshot(w.t, 40), other: snapshot(w.t, 50), wrong: office, alien: w.worker(w.anotherOffice(), 0)}
	},
	"addHelpedPhoto": func(w *apiWorld) command {
		said := onAppealHelped(w)
		w.by(said.by).JSON(http.MethodPost, "/api/v1"+said.path, "", said.body).Want(w.t, 200, `"outcome":""`)
		return command{path: said.path + "/photos", by: said.by, file: snapshot(w.t, 40), other: snapshot(w.t, 50), wrong: said.wrong, alien: said.alien}
	},
	"markLateSeen": func(w *apiWorld) command {
		office, id := w.late()
		return command{
			path: "/cases/late/seen", by: w.officer, body: map[string]any{"case": id, "step": "officer"},
			other: map[string]any{"case": id, "step": "chief"}, wrong: office, alien: w.distant,
		}
	},
	"correctCount": func(w *apiWorld) command {
		return command{
			path: "/gate/count", by: w.guard, body: map[string]any{"gate": w.gate.ID, "number": 7, "reason": "清点"},
			other: map[string]any{"gate": w.gate.ID, "number": 8, "reason": "清点"}, wrong: w.officer, alien: w.remote,
		}
	},
}

// snapshot is a small photo, so many pixels wide.
func snapshot(t *testing.T, side int) []byte {
	var b bytes.Buffer
	apiMust(t, jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, side, 30)), nil))
	return b.Bytes()
}

// late is a case that nobody has, past its deadline, and said so.
func (w *apiWorld) late() (office auth.Principal, id string) {
	w.t.Helper()
	f, office := w.firm(w.park)
	apiMust(w.t, w.Store.Write(w.t.Context(), func(tx *storage.Tx) error {
		c, err := w.Cases.Open(tx, office, casework.Opening{
			Kind: workresume.CaseAppeal, Subject: f.ID, Title: f.Name, At: w.Clock().AddDate(0, 0, -15),
			Scope: []auth.Scope{auth.OfFirm(f.ID), auth.Park(f.Park), auth.District(w.District)},
		})
		if err != nil {
			return err
		}
		id = c.ID
		_, err = w.Cases.Escalate(tx)
		return err
	}))
	return office, id
}

// stopped is a firm that the rules refuse, its office, and the case an officer has.
func (w *apiWorld) stopped() (f workresume.Firm, office auth.Principal, id string) {
	w.t.Helper()
	f, office = w.firm(w.park)
	body := apiFiling(2)
	body["industry"] = "cinema"
	w.by(office).JSON(http.MethodPost, "/api/v1/firms/"+f.ID+"/filing", "", body).Want(w.t, 200, `"state":"refused"`)
	var list struct{ Cases []struct{ ID string } }
	w.get(office, "/api/v1/firms/"+f.ID+"/cases").Want(w.t, 200, `"rule":"negative-list"`).Decode(w.t, &list)
	return f, office, list.Cases[0].ID
}

// waiting is a firm that has to mend its filing.
func (w *apiWorld) waiting() (workresume.Firm, auth.Principal) {
	w.t.Helper()
	f, office := w.firm(w.park)
	w.by(office).JSON(http.MethodPost, "/api/v1/firms/"+f.ID+"/filing", "", apiFiling(2)).Want(w.t, 200, `"state":"returned"`)
	return f, office
}

const appealReason = "我们不是影院，附营业执照"

// onCase is a command about a case, of one officer and not another park's.
func onCase(verb string, body, other any) func(w *apiWorld) command {
	return func(w *apiWorld) command {
		_, office, id := w.stopped()
		c := command{path: "/cases/" + id + "/" + verb, by: w.officer, body: body, other: other, wrong: office, alien: w.distant}
		if other == nil {
			c.path2 = "/cases/cas_0/" + verb
		}
		return c
	}
}

// policy is the id of a policy that came with the program.
func (w *apiWorld) policy(pack string) string {
	w.t.Helper()
	list, err := w.Policies(w.t.Context(), w.officer)
	apiMust(w.t, err)
	for _, p := range list {
		if p.Pack.ID == pack {
			return p.ID
		}
	}
	w.t.Fatalf("no policy %s", pack)
	return ""
}

// twice is a person on one firm's roster and in another's file: the review, the
// office that names the person, and the office that has them.
func (w *apiWorld) twice() (review string, asking, having auth.Principal) {
	w.t.Helper()
	_, having, file := w.certified(1)
	f, asking := w.firm(w.park)
	w.upload(asking, "/api/v1/firms/"+f.ID+"/imports?name=r.csv", "", file).Want(w.t, 200, `"review":1`)
	var list struct{ Reviews []struct{ ID string } }
	w.get(asking, "/api/v1/firms/"+f.ID+"/reviews").Want(w.t, 200, `"other_firm":""`).Decode(w.t, &list)
	return list.Reviews[0].ID, asking, having
}

func (w *apiWorld) code(worker auth.Principal) workresume.Code {
	w.t.Helper()
	c, err := w.ShowCode(w.t.Context(), worker)
	apiMust(w.t, err)
	return c
}

func (c command) send(w *apiWorld, by auth.Principal, path, key string, body any) webtest.Answer {
	w.t.Helper()
	if file, ok := body.([]byte); ok {
		return w.upload(by, "/api/v1"+path, key, file)
	}
	return w.by(by).JSON(http.MethodPost, "/api/v1"+path, key, body)
}

// TestEveryCommand sends each POST as who may, again, changed under the same key,
// and as those who may not.
func TestEveryCommand(t *testing.T) {
	for id, prepare := range commands {
		t.Run(id, func(t *testing.T) {
			t.Parallel() // most of it waits for the disk
			w := newAPIWorld(t)
			c := prepare(w)
			body := c.body
			if c.file != nil {
				body = c.file
			}
			c.send(w, auth.Principal{}, c.path, "", body).Want(t, 401, `"code":"fault.unauthenticated"`)
			c.send(w, c.wrong, c.path, "", body).Want(t, 403, `"status":403`)
			if c.denied {
				c.send(w, c.alien, c.path, "", body).Want(t, 403, `"status":403`)
			} else {
				c.send(w, c.alien, c.path, "", body).Want(t, 404, `"status":404`)
			}
			c.send(w, c.by, c.path, "no space", body).Want(t, 422, `"code":"once.key"`)
			first := c.send(w, c.by, c.path, "key_1", body).Want(t, 200)
			again := c.send(w, c.by, c.path, "key_1", body).Want(t, 200)
			if first.Body != again.Body {
				t.Errorf("sent again:\n%s\nfirst:\n%s", again.Body, first.Body)
			}
			switch {
			case c.path2 != "":
				c.send(w, c.by, c.path2, "key_1", body).Want(t, 422, `"code":"once.other_body"`)
			case !c.sole:
				c.send(w, c.by, c.path, "key_1", c.other).Want(t, 422, `"code":"once.other_body"`)
			}
			if !json.Valid([]byte(first.Body)) {
				t.Errorf("no JSON: %.200s", first.Body)
			}
		})
	}
}

// TestCommandsAreAllThere holds the table above to the routes.
func TestCommandsAreAllThere(t *testing.T) {
	for _, r := range newAPIWorld(t).routes {
		if r.Method == http.MethodPost && commands[r.Twin] == nil && r.Twin != "verifyCredential" {
			t.Errorf("%s has no test", r.Twin)
		}
	}
}
