package drill

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The kinds of request of a morning, and how many shows go with one check.
const (
	shows      = 0
	checks     = 1
	showsToOne = 9
)

func morning() []Kind { return []Kind{{Name: "show"}, {Name: "check", Keep: true}} }

// crowd is who comes in the morning: people with a token each, and the guards of
// the gates their firms use.
type crowd struct {
	people  []person
	guards  map[string][]guard // by park
	through []int              // people who have a code that can be checked
	keys    string             // begins the key of every check of this rehearsal
	turn    int64              // checks so far

	answered map[string]int64 // the references the gates were told
	sent     int64            // checks that may have been carried out
	admitted int64
}

type person struct {
	park        string
	show        []byte // the whole request
	text, short string // of the code shown
}

type guard struct {
	head []byte // of the request, up to the key
	body []byte // from its beginning up to the code
}

// gather makes the tokens: of so many people if the district has them, each park
// in proportion, and of a guard at each gate.
func gather(ctx context.Context, p *Program, people int) (*crowd, error) {
	c := &crowd{guards: map[string][]guard{}, keys: "drill-" + strconv.FormatInt(time.Now().Unix(), 36) + "-", answered: map[string]int64{}}
	places, err := p.Command(ctx, "place", "list")
	if err != nil {
		return nil, err
	}
	gates := map[string]int{}
	var parks []string
	for line := range strings.Lines(places) {
		words := strings.Fields(line)
		switch {
		case len(words) < 2:
		case words[0] == "park":
			parks = append(parks, words[1])
		case words[0] == "gate" && len(parks) > 0:
			gates[parks[len(parks)-1]]++
		}
	}
	for _, park := range parks {
		if gates[park] == 0 {
			continue
		}
		standing, err := tokens(ctx, p, "guard", "park:"+park, gates[park])
		if err != nil {
			return nil, err
		}
		for _, token := range standing {
			var at struct{ Gate string }
			if err := p.call(ctx, "/api/v1/gate", token, &at); err != nil {
				return nil, err
			}
			c.guards[park] = append(c.guards[park], guard{
				fmt.Appendf(nil, "POST /api/v1/gate/checks HTTP/1.1\r\nHost: drill\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nIdempotency-Key: ", token),
				fmt.Appendf(nil, `{"gate":%q,"direction":"`, at.Gate),
			})
		}
		all, err := asMany(ctx, p, "worker", "park:"+park, people/len(parks))
		if err != nil {
			return nil, err
		}
		for _, token := range all {
			c.people = append(c.people, person{park: park, show: fmt.Appendf(nil, "GET /api/v1/me/code HTTP/1.1\r\nHost: drill\r\nAuthorization: Bearer %s\r\n\r\n", token)})
		}
	}
	if len(c.people) == 0 {
		return nil, errors.New("drill: the district has no people at parks with a gate")
	}
	// People of different parks take turns, as they do on a morning.
	mixed := make([]person, 0, len(c.people))
	const stride = 7919 // prime: visits everybody once where it does not divide their number
	for i, at := 0, 0; i < len(c.people); i++ {
		mixed = append(mixed, c.people[at])
		at = (at + stride) % len(c.people)
	}
	if len(c.people)%stride != 0 {
		c.people = mixed
	}
	return c, nil
}

// asMany makes tokens of people in a role at a scope: as many as wanted, or about as many
// as there are.
func asMany(ctx context.Context, p *Program, role, scope string, want int) ([]string, error) {
	for {
		list, err := tokens(ctx, p, role, scope, want)
		if err == nil || want < 20 || ctx.Err() != nil {
			return list, err
		}
		want = want * 19 / 20
	}
}

func tokens(ctx context.Context, p *Program, role, scope string, n int) ([]string, error) {
	words := []string{"token", "create", "--role", role, "--count", strconv.Itoa(n)}
	if scope != "" {
		words = append(words, "--scope", scope)
	}
	out, err := p.Command(ctx, words...)
	return strings.Fields(out), err
}

// call asks the running program once and reads its JSON.
func (p *Program) call(ctx context.Context, path, token string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.Addr+path, nil)
	if err != nil {
		return err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("drill: %s: %d %.300s", path, resp.StatusCode, text)
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// first is the load of everybody's first show of the day, which has their code
// signed; it keeps the codes for the gates.
//
// Who is told to come again is left in turned; the others are asked no more.
func (c *crowd) first(ask []int) (l Load, turned *[]int) {
	turned = new([]int)
	return Load{
		Lines: 64, // they come before the crowd does
		Kinds: []Kind{{Name: "first show", Keep: true}},
		Ask: func(i int64, b []byte) ([]byte, int) {
			if i >= int64(len(ask)) {
				return b, 0
			}
			return append(b, c.people[ask[i]].show...), 0
		},
		Hear: func(i int64, _ int, a *Answer) {
			if a.Status == 503 {
				*turned = append(*turned, ask[i])
				return
			}
			text := field(a.Body, "credential")
			if a.Status != 200 || len(text) == 0 {
				return // a stopped or waiting code: its person shows that
			}
			who := &c.people[ask[i]]
			who.text, who.short = string(text), string(field(a.Body, "short_code"))
			c.through = append(c.through, ask[i])
		},
	}, turned
}

// load is a morning: every show of the next person in turn, and after nine shows
// the next person with a code goes through a gate: in, and the next time out. One
// in ten of them reads the code aloud.
func (c *crowd) load() Load {
	return Load{
		Kinds: morning(),
		Ask: func(i int64, b []byte) ([]byte, int) {
			if i%(showsToOne+1) < showsToOne || len(c.through) == 0 {
				return append(b, c.people[i%int64(len(c.people))].show...), shows
			}
			return c.check(b), checks
		},
		Hear: func(_ int64, kind int, a *Answer) {
			if kind == checks {
				c.hear(a)
			}
		},
	}
}

func (c *crowd) check(b []byte) []byte {
	n, round := c.turn%int64(len(c.through)), c.turn/int64(len(c.through))
	c.turn++
	c.sent++
	who := &c.people[c.through[n]]
	at := &c.guards[who.park][n%int64(len(c.guards[who.park]))]
	direction, name, code := `in"`, `,"text":"`, who.text
	if round%2 == 1 {
		direction = `out"`
	}
	if c.turn%10 == 0 {
		name, code = `,"short_code":"`, who.short
	}
	b = append(append(b, at.head...), c.keys...)
	for digits := int64(1e9); digits > max(c.turn, 1); digits /= 10 { // keys in the order of time
		b = append(b, '0')
	}
	b = strconv.AppendInt(b, c.turn, 10)
	b = append(b, "\r\nContent-Length: "...)
	b = strconv.AppendInt(b, int64(len(at.body)+len(direction)+len(name)+len(code)+2), 10)
	b = append(append(append(b, "\r\n\r\n"...), at.body...), direction...)
	return append(append(append(b, name...), code...), `"}`...)
}

// hear notes what a gate was told: that is what must be in the store.
func (c *crowd) hear(a *Answer) {
	if a.Status == 503 {
		c.sent-- // a refused command was surely not carried out
		return
	}
	if a.Status != 200 {
		return
	}
	c.answered[string(field(a.Body, "reference"))]++
	if bytes.Contains(a.Body, []byte(`"admit":true`)) {
		c.admitted++
	}
}

// field is a text field of a JSON object, found without reading the rest; nil if
// it is not there or holds an escape.
func field(body []byte, name string) []byte {
	_, after, ok := bytes.Cut(body, []byte(`"`+name+`":"`))
	if !ok {
		return nil
	}
	end := bytes.IndexAny(after, `"\`)
	if end < 0 || after[end] == '\\' {
		return nil
	}
	return after[:end]
}
