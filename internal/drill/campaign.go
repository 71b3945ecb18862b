package drill

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"breakwater/internal/kernel/once"
	"breakwater/internal/service/ration"
)

// office is the desk of a rehearsal: two officers, who open campaigns by the verbs and
// the doors that a city's would.
type office struct {
	p               *Program
	officer, second string // tokens
	shop            string
	day             string // today in the district
	zone            *time.Location
}

// newOffice signs two officers in and opens a shop.
func newOffice(ctx context.Context, p *Program) (*office, error) {
	o := &office{p: p}
	if err := o.signIn(ctx); err != nil {
		return nil, err
	}
	var shop struct{ ID string }
	err := p.send(ctx, "/api/v1/ration/points", o.officer, map[string]any{"kind": "shop", "name": "演练药房", "address": "聚贤路 1 号"}, &shop)
	if err != nil {
		return nil, err
	}
	o.shop = shop.ID
	o.day, o.zone, err = p.today(ctx)
	return o, err
}

// signIn signs both in; a demonstration lets nobody stay for a day.
func (o *office) signIn(ctx context.Context) error {
	for role, into := range map[string]*string{"officer": &o.officer, "second_officer": &o.second} {
		var got struct{ Token string }
		if err := o.p.send(ctx, "/demo/sign-in", "", map[string]string{"role": role}, &got); err != nil {
			return err
		}
		*into = got.Token
	}
	return nil
}

// today is the district's date, and its zone: the program tells it with every moment it
// tells.
func (p *Program) today(ctx context.Context) (string, *time.Location, error) {
	var all struct{ Campaigns []struct{ ID string } }
	if err := p.call(ctx, "/api/v1/ration/campaigns", "", &all); err != nil {
		return "", nil, err
	}
	for _, c := range all.Campaigns {
		var some struct{ Offers []struct{ From time.Time } }
		if err := p.call(ctx, "/api/v1/ration/campaigns/"+c.ID+"/offers", "", &some); err != nil {
			return "", nil, err
		}
		if len(some.Offers) > 0 {
			zone := some.Offers[0].From.Location()
			return time.Now().In(zone).Format(time.DateOnly), zone, nil
		}
	}
	return "", nil, errors.New("drill: the demonstration offers nothing")
}

// The lines of a city's file that a rehearsal alters: its id, for a campaign of its own,
// and the hours, so that it can be held at any time of the day.
var (
	idLine    = regexp.MustCompile(`(?m)^id = "[^"\n]*"$`)
	opensLine = regexp.MustCompile(`(?m)^opens = .*$`)
	queueLine = regexp.MustCompile(`(?m)^queue = .*\n`)
)

// doors are how a rehearsal's campaign lets people in. The zero doors are open all day,
// and there is no waiting room: what is rehearsed is the counter behind it.
type doors struct {
	opens time.Time // a full minute
	pace  int64     // people a minute
}

// fileOf is a city's rule as a campaign of a rehearsal.
func fileOf(city, id string, d doors) (string, error) {
	opens, queue := `opens = "00:00"`, ""
	if d.pace > 0 {
		opens, queue = fmt.Sprintf("opens = %q", d.opens.Format("15:04")), fmt.Sprintf("queue = true\npace = %d\n", d.pace)
	}
	for _, f := range ration.Fixtures() {
		if f.Name != city {
			continue
		}
		first := true
		text := idLine.ReplaceAllStringFunc(string(f.File), func(line string) string {
			if !first {
				return line // of the rules inside
			}
			first = false
			return fmt.Sprintf("id = %q", id)
		})
		return queueLine.ReplaceAllString(opensLine.ReplaceAllString(text, opens), queue), nil
	}
	return "", fmt.Errorf("drill: no city %q among the campaigns", city)
}

// open opens a campaign with one offer today at the shop, and returns its id.
func (o *office) open(ctx context.Context, city, id string, pieces int64, d doors) (offer string, err error) {
	file, err := fileOf(city, id, d)
	if err != nil {
		return "", err
	}
	var act struct{ ID string }
	if err := o.p.send(ctx, "/api/v1/ration/campaigns", o.officer, map[string]string{"source": file, "reason": "演练用活动，结束后整体删除"}, &act); err != nil {
		return "", err
	}
	if err := o.p.send(ctx, "/api/v1/acts/"+act.ID+"/confirm", o.second, nil, nil); err != nil {
		return "", err
	}
	at := "/api/v1/ration/campaigns/" + id
	if err := o.p.send(ctx, at+"/supply", o.officer, map[string]any{"pieces": pieces, "reason": "演练用总量"}, nil); err != nil {
		return "", err
	}
	var made struct {
		Offers []struct{ Offer, Day string }
	}
	err = o.p.send(ctx, at+"/offers", o.officer, map[string]any{"day": o.day, "offers": []map[string]any{{"point": o.shop, "pieces": pieces}}}, &made)
	if err == nil && len(made.Offers) != 1 {
		err = errors.New("drill: the plan made no offer")
	}
	if err != nil {
		return "", err
	}
	return made.Offers[0].Offer, nil
}

// send sends one command in JSON under a key of its own, and reads its answer.
func (p *Program) send(ctx context.Context, path, token string, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	if body == nil {
		text = []byte("{}")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+p.Addr+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", once.Ticket(time.Now()))
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode/100 != 2 {
		err = &notDone{path, resp.StatusCode, strings.TrimSpace(string(got))}
	}
	if err != nil || into == nil {
		return err
	}
	return json.Unmarshal(got, into)
}

// fetch gets a public file.
func (p *Program) fetch(ctx context.Context, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.Addr+path, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = &notDone{path, resp.StatusCode, string(got)}
	}
	return got, err
}

// notDone is a command that was answered with no.
type notDone struct {
	path   string
	status int
	text   string
}

func (e *notDone) Error() string {
	return fmt.Sprintf("drill: %s: %d %.300s", e.path, e.status, e.text)
}
