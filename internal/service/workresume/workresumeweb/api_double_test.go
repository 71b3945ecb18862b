package workresumeweb_test

import (
	"net/http"
	"strings"
	"testing"

	"breakwater/internal/kernel/auth"
)

// twins are two records of two firms, and one of the offices.
func (w *apiWorld) twins() (a, b, office auth.Principal) {
	_, office, _ = w.certified(1)
	_, other, _ := w.certified(1)
	return w.worker(office, 0), w.worker(other, 0), office
}

func onMerge(w *apiWorld) command {
	a, b, office := w.twins()
	body := func(why string) map[string]any { return map[string]any{"other": b.Person, "reason": why} }
	return command{
		path: "/people/" + a.Person + "/same", by: w.officer, body: body("两份证件原件均已核对，系同一人"), other: body("两份证件原件均已再次核对"),
		wrong: office, alien: w.distant,
	}
}

// askedMerge is two records that wait for a second officer.
func (w *apiWorld) askedMerge() (act string, a, office auth.Principal) {
	a, b, office := w.twins()
	var made struct{ ID string }
	w.by(w.officer).JSON(http.MethodPost, "/api/v1/people/"+a.Person+"/same", "", map[string]any{"other": b.Person, "reason": "两份证件原件均已核对，系同一人"}).
		Want(w.t, 200).Decode(w.t, &made)
	return made.ID, a, office
}

func onConfirmMerge(w *apiWorld) command {
	act, _, office := w.askedMerge()
	return command{
		path: "/doubles/" + act + "/confirm", by: w.secondOfficer(), body: map[string]any{}, path2: "/doubles/act_0/confirm",
		wrong: office, alien: w.distant,
	}
}

func onSplit(w *apiWorld) command {
	act, a, office := w.askedMerge()
	w.by(w.secondOfficer()).JSON(http.MethodPost, "/api/v1/doubles/"+act+"/confirm", "", map[string]any{}).Want(w.t, 200)
	return command{
		path: "/people/" + a.Person + "/split", by: w.officer, body: map[string]any{"reason": "再次核对后确认不是同一人"},
		other: map[string]any{"reason": "再次核对证件后确认不是一人"}, wrong: office, alien: w.distant,
	}
}

// What a program reads of a person's records names no number and no report.
func TestRecordsOfOnePerson(t *testing.T) {
	w := newAPIWorld(t)
	act, a, _ := w.askedMerge()
	w.by(w.secondOfficer()).JSON(http.MethodPost, "/api/v1/doubles/"+act+"/confirm", "", map[string]any{}).Want(t, 200)
	got := w.by(w.officer).JSON(http.MethodGet, "/api/v1/people/"+a.Person+"/records", "", nil).Want(t, 200, act, "两份证件原件均已核对")
	if strings.Contains(got.Body, "symptoms") || strings.Contains(got.Body, "1380000") {
		t.Error(got.Body)
	}
	w.by(w.officer).JSON(http.MethodGet, "/api/v1/doubles", "", nil).Want(t, 200, a.Person)
}
