package workresumeweb_test

import (
	"regexp"
	"strings"
	"testing"
)

var sheetNumber = regexp.MustCompile(`[2-9A-Z]{4}-[2-9A-Z]{4}`)

// An officer prints a firm's sheets, types one in by its figures, and sees each row
// that is wrong beside what was typed; a number that is none is told at its field.
func TestPaperByForm(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		f, _ := w.open(t, 2)
		desk := w.caller(w.officer)
		desk.Get("/desk/paper?firm="+f.CreditCode).Want(t, 200, f.CreditCode)
		today := w.hand.Now().In(w.Zone).Format("2006-01-02")
		to := desk.Form("/desk/paper", "who", "missing", "firm", f.CreditCode, "first", today, "days", "1").Want(t, 303).Header.Get("Location")
		paper := desk.Get(to).Want(t, 200, f.Name, "健康申报表 Daily health reports", "气促 Short of breath").Body
		number := sheetNumber.FindString(paper)
		at := "/desk/paper/" + number
		if got := desk.Get("/desk/paper?number="+strings.ToLower(number)).Want(t, 303).Header.Get("Location"); got != at {
			t.Errorf("led to %s", got)
		}
		desk.Get("/desk/paper?number=K7M2-9QXE").Want(t, 422, "表号有误")
		desk.Get("/desk/paper/nothing").Want(t, 404)
		rows := []string{"row", "1 " + today, "marks", "0", "temperature", "36.6", "row", "2 " + today, "marks", "09", "temperature", ""}
		desk.Form(at, rows...).Want(t, 200, "保存1行", "1行需更正", `value="09"`, "数字0至6", "已录入")
		rows[7+2] = "12"
		desk.Form(at, rows...).Want(t, 200, "保存1行", "0行需更正")
		desk.Form(at).Want(t, 422)
		desk.Form("/desk/paper", "who", "firm", "firm", "", "first", today, "days", "1").Want(t, 422, "请填写单位统一社会信用代码")
		desk.Form("/desk/paper", "who", "firm", "firm", "91990201000000001X", "first", today, "days", "1").Want(t, 422)
		desk.Form("/desk/paper", "who", "helped", "first", today, "days", "1").Want(t, 422, "没有需要列入的人员")
	})
}
