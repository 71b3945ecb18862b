package drill

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"breakwater/internal/kernel/draw"
	"breakwater/internal/kernel/once"
)

// lots is a draw among firms under way.
type lots struct {
	Stage
	s       Scenario
	program *Program
	out     *Outcome
	office  *office
	firms   []firm
	pieces  int64

	answered map[string]bool // tickets that firms were told
	differs  int64           // asked again and told other tickets
	again    int64
	refused  int64 // firms that the rule leaves out
	text     []byte
	took     [3]time.Duration // freezing, drawing with placing, replaying
}

// firm is one that enters for its people.
type firm struct {
	token, key string
	tickets    string // as it was told; "no" if the rule leaves it out
	heard      bool
	twice      bool // has asked again, or is about to
}

// lotsCampaign is the campaign of a draw's rehearsal.
const lotsCampaign = "drill-lots"

// rehearseLots plays a day of a draw among firms: all enter over HTTP, a share of them
// twice under one key; the night passes, which is the demonstration's clock set forward;
// the list is frozen with three witnesses, drawn, and the shares are placed. What the
// transcript says is reckoned again by code of the drill's own (reckon.go).
func (s Stage) rehearseLots(ctx context.Context, sc Scenario, out *Outcome) error {
	l := &lots{Stage: s, s: sc, program: s.program(), out: out, answered: map[string]bool{}}
	err := l.hold(ctx)
	return errors.Join(err, l.program.Stop())
}

func (l *lots) hold(ctx context.Context) error {
	l.say("building the district")
	if err := l.program.Start(ctx, "demo", "--people", strconv.Itoa(l.Demo)); err != nil {
		return err
	}
	l.say("making tokens")
	tokens, err := asMany(ctx, l.program, "firm", "", max(20, l.Demo/10))
	if err != nil {
		return err
	}
	for _, t := range tokens {
		l.firms = append(l.firms, firm{token: t})
	}
	l.out.People = len(l.firms)
	if l.office, err = newOffice(ctx, l.program); err != nil {
		return err
	}
	l.pieces = max(1, l.s.Lots.Pieces*int64(l.Demo)/l.s.Lots.Of/sharePieces) * sharePieces
	if _, err := l.office.open(ctx, l.s.Lots.City, lotsCampaign, l.pieces, doors{}); err != nil {
		return err
	}
	if err := l.enter(ctx); err != nil {
		return err
	}
	l.say("%d firms entered with %d numbers, the rule left %d out; the night passes", len(l.firms)-int(l.refused), len(l.answered), l.refused)
	if err := l.program.Stop(); err != nil {
		return err
	}
	if err := l.program.Start(ctx, "demo", "--ahead", "24h"); err != nil {
		return err
	}
	if err := l.office.signIn(ctx); err != nil {
		return err
	}
	if err := l.draw(ctx); err != nil {
		return err
	}
	return l.judge(ctx)
}

// enter lets every firm enter, and one in ten do it again under the same key; who is told
// to come again does so.
func (l *lots) enter(ctx context.Context) error {
	path := "/api/v1/ration/campaigns/" + lotsCampaign + "/entries"
	body := fmt.Sprintf(`{"point":%q}`, l.office.shop)
	line := make([]int, len(l.firms))
	for i := range line {
		line[i] = i
	}
	var asked, turned []int // by the requests' numbers; who was told to come again
	load := Load{
		Addr: l.program.Addr, Lines: 32, Beside: l.program.Used, Second: l.second,
		Kinds: []Kind{{Name: "entry", Keep: true, No: []int{conflict}}},
		Ask: func(_ int64, b []byte) ([]byte, int) {
			if len(line) == 0 {
				return b, 0
			}
			f := &l.firms[line[0]]
			asked, line = append(asked, line[0]), line[1:]
			if f.key == "" {
				f.key = once.Ticket(time.Now())
			}
			return fmt.Appendf(b, "POST %s HTTP/1.1\r\nHost: drill\r\nContent-Type: application/json\r\nAuthorization: Bearer %s\r\nIdempotency-Key: %s\r\nContent-Length: %d\r\n\r\n%s",
				path, f.token, f.key, len(body), body), 0
		},
		Hear: func(i int64, _ int, a *Answer) {
			n := asked[i]
			f := &l.firms[n]
			switch again := l.heard(f, a); {
			case again:
				turned = append(turned, n)
			case n%10 == 0 && !f.twice:
				f.twice, line = true, append(line, n)
			}
		},
	}
	run, err := load.Drive(ctx, Phase{"entries", 0, 10 * time.Minute})
	l.out.Odd = run.Odd
	turned = append(turned, line...) // few firms are through before the first is answered, and asks again
	for round := 0; err == nil && len(turned) > 0 && round < rounds; round++ {
		if err = rest(ctx); err == nil {
			asked, line, turned = nil, turned, nil
			_, err = load.Drive(ctx, Phase{"those told to come again", 0, time.Minute})
		}
	}
	if err != nil {
		return err
	}
	m := &run.Phases[0]
	all := m.All()
	x := Row{
		Scenario: l.s.Name, Act: m.Name, Seconds: m.For.Seconds(), Offered: m.Offered(), Achieved: m.Achieved(), Goodput: m.Goodput(),
		P50: ms(all.Latency.Quantile(0.5)), P99: ms(all.Latency.Quantile(0.99)), Max: ms(all.Latency.Max()), Errors: all.Errors(), Refused: all.Refused, GivenUp: m.GivenUp,
		Drill: m.Own.Seconds() / m.For.Seconds(), Program: max(0, m.Beside.Seconds()/m.For.Seconds()), Verdict: Passed,
	}
	l.out.Acts, l.out.Errors = append(l.out.Acts, x), all.Errors()
	l.out.figures(x)
	l.out.goal(x.Act, "failed", x.Errors == 0, "0", "%d", x.Errors)
	left := 0
	for _, f := range l.firms {
		if !f.heard {
			left++
		}
	}
	l.out.goal(x.Act, "all_answered", left == 0, "0", "%d / %d", left, x.Refused)
	return nil
}

// heard notes what a firm was told, and says whether it has to come again.
func (l *lots) heard(f *firm, a *Answer) (again bool) {
	told := "no"
	switch a.Status {
	case 503:
		return true
	case conflict:
	case 200:
		var got struct{ Entries []struct{ Ticket string } }
		if err := json.Unmarshal(a.Body, &got); err != nil {
			l.differs++
			return false
		}
		var list []string
		for _, e := range got.Entries {
			list = append(list, e.Ticket)
			l.answered[e.Ticket] = true
		}
		slices.Sort(list)
		told = strings.Join(list, " ")
	default:
		return false
	}
	switch {
	case !f.heard:
		if f.heard, f.tickets = true, told; told == "no" {
			l.refused++
		}
	case told != f.tickets:
		l.again, l.differs = l.again+1, l.differs+1
	default:
		l.again++
	}
	return false
}

// draw freezes the list, reveals what the witnesses kept and waits until every winner has
// their share.
func (l *lots) draw(ctx context.Context) error {
	id := lotsCampaign + "." + l.office.day
	var names, values []string
	for _, name := range [...]string{"居民代表", "企业代表", "公证员"} {
		secret := make([]byte, sha256.Size)
		if _, err := rand.Read(secret); err != nil {
			return err
		}
		names = append(names, fmt.Sprintf("%s, %x", name, draw.Commit(id, name, secret)))
		values = append(values, fmt.Sprintf("%x", secret))
	}
	at := "/api/v1/ration/campaigns/" + lotsCampaign + "/draws"
	began := time.Now()
	if err := l.program.send(ctx, at+"/freeze", l.office.officer, map[string]string{"day": l.office.day, "witnesses": strings.Join(names, "\n")}, nil); err != nil {
		return err
	}
	l.took[0], began = time.Since(began), time.Now()
	var no *notDone
	err := l.program.send(ctx, at+"/run", l.office.officer, map[string]string{"day": l.office.day, "values": strings.Join(values, "\n")}, nil)
	if err != nil && !errors.As(err, &no) {
		return err
	}
	// A large draw is still being placed when the caller has been answered: the program
	// goes on by itself.
	for {
		var list struct{ Draws []struct{ Day, State string } }
		if err := l.program.call(ctx, at, "", &list); err != nil {
			return err
		}
		if len(list.Draws) > 0 && list.Draws[0].State == "placed" {
			break
		}
		if time.Since(began) > 5*time.Minute {
			return fmt.Errorf("drill: five minutes after the draw not every winner has a share: %v; %w", list.Draws, err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
	l.took[1] = time.Since(began)
	l.text, err = l.program.fetch(ctx, at+"/"+l.office.day+"/draw.txt")
	return err
}

// judge replays the transcript twice, stops the program and holds its store against the
// transcript: each winner has one share, and nobody else has any.
func (l *lots) judge(ctx context.Context) error {
	file := filepath.Join(l.Dir, "draw.txt")
	if err := os.WriteFile(file, l.text, 0o600); err != nil {
		return err
	}
	began := time.Now()
	_, err := l.program.alone(ctx, "draw", "replay", file) // by the kernel's code, as anybody may
	replayed := "ok"
	if err != nil {
		replayed = err.Error()
	}
	l.took[2] = time.Since(began)
	audit, err := l.program.audit(ctx)
	if err != nil {
		return err
	}
	if err := l.program.Stop(); err != nil {
		return err
	}
	read, facts, err := l.program.readings(ctx, lotsCampaign)
	if err != nil {
		return err
	}
	l.out.Facts = facts
	return l.verdict(read["campaign:"+lotsCampaign], replayed, audit)
}

// verdict is all of the judgement, so that a test can tamper with what it is given.
func (l *lots) verdict(r *reading, replayed, audit string) error {
	again, err := reckon(bytes.NewReader(l.text))
	if err != nil {
		return err
	}
	o := l.out
	f := holdAgainst(nil, int64(again.Places), r)
	listed, strangers := 0, 0
	for _, e := range again.Entries {
		if l.answered[e] {
			listed++
		} else {
			strangers++
		}
	}
	// Every winner has a share, and there are no others: as many shares as places drawn,
	// each holder's once.
	o.Lost = max(0, int64(again.Places)-f.Promised) + int64(len(l.answered)-listed)
	o.Duplicated, o.Oversold = f.Duplicated, f.Oversold
	o.none("lost", o.Lost)
	o.none("duplicated", o.Duplicated)
	o.none("oversold", o.Oversold)
	o.none("agree", f.Odds)
	o.goal("", "same_answer", l.differs == 0 && l.again > 0, "0", "%d / %d", l.differs, l.again)
	o.goal("", "listed", strangers == 0 && listed > 0, strconv.Itoa(len(l.answered)), "%d + %d", listed, strangers)
	o.goal("", "replay", replayed == "ok", "ok", "%s, %.1f s", replayed, l.took[2].Seconds())
	o.goal("", "reckoned", again.Same, "ok", "%d / %d", again.Agree, again.Drawn)
	o.goal("", "placed", f.Pieces == int64(again.Places)*sharePieces && again.Places > 0, strconv.Itoa(again.Places*sharePieces), "%d, %.1f s", f.Pieces, l.took[1].Seconds())
	o.goal("", "audit", audit == "ok", "ok", "%s", audit)
	o.close()
	return nil
}
