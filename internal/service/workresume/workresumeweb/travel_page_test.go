package workresumeweb_test

import (
	"strings"
	"testing"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/service/workresume"
)

// The form begins with one place and grows by a button, for oneself and for somebody
// helped; nothing typed is lost, and nothing is kept before it is sent.
func TestTravelGrowsByOnePlace(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		_, office := w.open(t, 2)
		people := w.members(t, office)
		me := auth.Principal{ID: "acc_me", Role: auth.Worker, Person: people[0], Scope: auth.Person(people[0])}
		old := auth.Principal{ID: "acc_old", Role: auth.Worker, Person: people[1], Scope: auth.Person(people[1])}
		code := got(w.OfferHelp(t.Context(), old, 1, once.Key{}))(t)
		help := got(w.AcceptHelp(t.Context(), me, code.Code, once.Key{}))(t)

		c := w.caller(me)
		rows := func(page string) int { return strings.Count(page, `name="place"`) }
		for _, to := range []string{"/me/travel", "/me/helping/" + help.ID + "/travel"} {
			if n := rows(c.Get(to).Want(t, 200, "再添加一处").Body); n != 1 {
				t.Errorf("%s begins with %d places", to, n)
			}
			said := []string{"act", "more", "origin", "河南省郑州市", "lodging", "东园 3 号宿舍", "place", "湖北省武汉市", "from", "2020-02-05", "until", ""}
			page := c.Form(to, said...).Want(t, 200, `value="河南省郑州市"`, `value="东园 3 号宿舍"`, `value="湖北省武汉市"`, `value="2020-02-05"`, "autofocus")
			if n := rows(page.Body); n != 2 {
				t.Errorf("%s: one more than one is %d", to, n)
			}
			for range workresume.MostVisits {
				said = append(said, "place", "湖北省武汉市", "from", "2020-02-05", "until", "2020-02-06")
			}
			full := c.Form(to, said[:len(said)-6]...).Want(t, 200)
			if n := rows(full.Body); n != workresume.MostVisits || strings.Contains(full.Body, `value="more"`) {
				t.Errorf("%s: %d places, and the button for more", to, n)
			}
		}
		if kept := got(w.TravelOf(t.Context(), me))(t); kept.Origin != "" {
			t.Errorf("kept before it was sent: %+v", kept)
		}
		// A program that says "more" says it to a form; what it sends is sent.
		c.JSON("POST", "/me/travel", "k", map[string]any{
			"act": "more", "origin": "河南省郑州市", "arrived": "2020-02-16", "lodging": "东园 3 号宿舍", "place": []string{}, "from": []string{}, "until": []string{},
		}).Want(t, 200, `"origin":"河南省郑州市"`)
	})
}

// Days on the list of places of risk are said as the reader's language writes them.
func TestRiskDaysInWords(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		c := w.caller(w.officer)
		c.Form("/desk/risk", "lines", "湖北省武汉市,high,2020-01-23,,省指挥部 1 号通告").Want(t, 200)
		page := c.Get("/open/risk").Want(t, 200, "2020年1月23日")
		if strings.Contains(page.Body, "2020-01-23") {
			t.Error("a day stands as a program writes it")
		}
	})
}
