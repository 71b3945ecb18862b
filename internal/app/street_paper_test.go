package app

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"breakwater/internal/kernel/auth"
)

// Whoever names the street of a lodging, or has a helper name it, is found by the street
// when sheets are printed; the address stands on none.
func TestPaperByStreet(t *testing.T) {
	s := newStreet(t)
	worker, officer := s.as(auth.Worker), s.as(auth.Officer)
	form := worker.Get("/me/travel").Want(t, http.StatusOK, "Street you live in", "Tingchao Street").Body
	street := regexp.MustCompile(`value="([^"]+)"[^>]*>Tingchao Street`).FindStringSubmatch(form)[1]
	said := []string{"origin", "浙江省杭州市", "arrived", "2020-03-10", "lodging", "听潮里 3 号 501 室", "street"}
	worker.Form("/me/travel", append(said, "plc_none")...).Want(t, http.StatusUnprocessableEntity, "not a street of the district", "听潮里 3 号")
	worker.Form("/me/travel", append(said, street)...).Want(t, http.StatusSeeOther)
	worker.Get("/me/travel").Want(t, http.StatusOK, `value="`+street+`" selected`)

	officer.Get("/desk/paper").Want(t, http.StatusOK, "People who lodge in a street", "Tingchao Street")
	officer.Form("/desk/paper", "who", "street", "first", "2020-03-20", "days", "1").Want(t, http.StatusUnprocessableEntity, "Choose the street.")
	officer.Form("/desk/paper", "who", "street", "street", "plc_none", "first", "2020-03-20", "days", "1").Want(t, http.StatusUnprocessableEntity, "not a street of the district")
	to := officer.Form("/desk/paper", "who", "street", "street", street, "first", "2020-03-20", "days", "1").Want(t, http.StatusSeeOther).Header.Get("Location")
	sheet := officer.Get(to).Want(t, http.StatusOK, "听潮街道 Tingchao Street · 住宿人员 People who lodge here").Body
	if strings.Contains(sheet, "听潮里") {
		t.Error("the address stands on the sheet")
	}
	number := regexp.MustCompile(`[2-9A-Z]{4}-[2-9A-Z]{4}`).FindString(sheet)
	officer.Get("/desk/paper/"+number).Want(t, http.StatusOK, "People who lodge in Tingchao Street")
	officer.Get("/desk/paper").Want(t, http.StatusOK, number, "People who lodge in Tingchao Street")
	officer.JSON("POST", "/api/v1/paper", "a-key-of-a-program-2", map[string]any{"street": street, "first": "2020-03-20", "days": 2}).
		Want(t, http.StatusOK, `"street":"`+street+`"`)
}
