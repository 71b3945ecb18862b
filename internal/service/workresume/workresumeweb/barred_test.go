package workresumeweb_test

import (
	"strings"
	"testing"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/workresume"
)

// Whoever decided what is appealed is told who can, and offered nothing that would be
// refused; a colleague is offered all of it.
func TestFirstDeciderIsOfferedNothing(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		f, by := w.open(t, 1)
		got(w.Decide(t.Context(), w.officer, workresume.DecideInput{Firm: f.ID, State: workresume.Refused, Reason: "现场复核"}))(t)
		c := got(w.Appeal(t.Context(), by, workresume.AppealInput{Firm: f.ID, Reason: "我们不在负面清单，附执照"}))(t)
		verbs := []string{`value="take"`, `value="ask"`, `value="check"`, `value="appeal"`}
		page := w.caller(w.officer).Get("/desk/cases/"+c.ID).Want(t, 200, "该申诉须由其他工作人员办理").Body
		for _, v := range verbs {
			if strings.Contains(page, v) {
				t.Errorf("offered %s", v)
			}
		}
		other := auth.Principal{ID: "acc_other", Role: auth.Officer, Name: "审核员二", Scope: w.officer.Scope}
		w.caller(other).Get("/desk/cases/"+c.ID).Want(t, 200, verbs...)
	})
}

// Neither the sheet of codes nor its twin tells the firm a colour.
func TestPrintedCodesSayNoColour(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		_, by := w.open(t, 2)
		people := w.members(t, by)
		me := auth.Principal{ID: "acc_me", Role: auth.Worker, Person: people[0], Scope: auth.Person(people[0])}
		got(w.ReportHealth(t.Context(), me, workresume.ReportInput{Tenths: 385}))(t)
		c := w.caller(by)
		sheet := c.Form("/firm/roster/codes", "people", people[0], "people", people[1]).Want(t, 200, "目前不能为此人打印个人码", "qr30").Body
		twin := c.JSON("POST", "/firm/roster/codes", "", map[string]any{"people": people}).Want(t, 200, "BW1:", "目前不能为此人打印个人码").Body
		for _, said := range []string{sheet, twin} {
			if strings.Contains(said, "黄") || strings.Contains(said, "yellow") {
				t.Error("a colour is told")
			}
		}
		w.caller(me).Get("/me/code").Want(t, 200, "您目前为黄色")
		if body := w.caller(me).Get("/me/code").Body; strings.Contains(body, "有效至") {
			t.Error("a code that stops is valid until some day")
		}
	})
}
