package ration

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/rule"
)

// fileMost is the largest campaign file read, in bytes.
const fileMost = 64 << 10

// What a campaign's numbers may be at most: far above any of 2020, far below where a
// slip of the hand could empty a warehouse unnoticed.
const (
	piecesMost = 100_000 // of one share
	peopleMost = 20
	daysMost   = 62 // in a row, as a quota counts
	keepMost   = 30 // days a voucher holds
	askMost    = 20
	partsMost  = 8
	factMost   = 1_000_000
	paceMost   = 1_000_000
)

// ReadCampaign reads a campaign's file. Every mistake is listed as a field of one
// fault, with its line in the argument "line".
//
// Faults: TooLarge "ration.file_large"; Malformed "ration.file_toml"; Invalid
// "ration.file".
func ReadCampaign(data []byte) (*Campaign, error) {
	if len(data) > fileMost {
		return nil, fault.New(fault.TooLarge, "ration.file_large", "most", fileMost>>10)
	}
	if err := rule.Shape(string(data)); err != nil {
		return nil, err
	}
	var c Campaign
	meta, err := toml.Decode(string(data), &c)
	if err != nil {
		return nil, fault.Wrap(err, fault.Malformed, "ration.file_toml", "detail", err.Error())
	}
	wrong := fault.New(fault.Invalid, "ration.file")
	for _, k := range meta.Undecoded() {
		wrong.With(k.String(), "rule.unknown_key")
	}
	c.check(wrong)
	if c.Who.Rules != "" {
		c.rules(wrong)
	}
	sum := sha256.Sum256(data)
	c.Digest = hex.EncodeToString(sum[:])
	if err := wrong.OrNil(); err != nil {
		locate(data, wrong)
		return nil, err
	}
	return &c, nil
}

// locate says on which line each mistake is: one of the rules' text, which begins on
// the line after its key, on its own.
func locate(data []byte, wrong *fault.Error) {
	inner := make([]int, len(wrong.Fields))
	for i, f := range wrong.Fields {
		if strings.HasPrefix(f.Name, "who.rules.") {
			inner[i], _ = f.Args["line"].(int)
			delete(f.Args, "line")
		}
	}
	rule.Locate(data, wrong)
	for i, n := range inner {
		if at, ok := wrong.Fields[i].Args["line"].(int); ok && n > 0 {
			wrong.Fields[i].Args["line"] = at + n
		}
	}
}

// rules compiles the pack that travels in the file.
func (c *Campaign) rules(wrong *fault.Error) {
	pack, err := rule.Load([]byte(c.Who.Rules))
	if f := fault.As(err); f != nil {
		if len(f.Fields) == 0 {
			wrong.Fields = append(wrong.Fields, fault.Field{Name: "who.rules", Code: f.Code, Args: f.Args})
		}
		for _, x := range f.Fields {
			wrong.Fields = append(wrong.Fields, fault.Field{Name: "who.rules." + x.Name, Code: x.Code, Args: x.Args})
		}
		return
	}
	c.pack = pack
	for _, f := range pack.Facts {
		if a := c.ask(f.Name); a != nil && a.Type != f.Type {
			wrong.With("ask", "ration.file_ask_type", "name", f.Name)
		} else if a == nil && f.Derive == "" && !known(c.Who.Asks, f.Name) {
			wrong.With("who.rules", "ration.file_fact", "name", f.Name)
		}
	}
}

func (c *Campaign) ask(name string) *Ask {
	for i := range c.Ask {
		if c.Ask[i].Name == name {
			return &c.Ask[i]
		}
	}
	return nil
}

// check lists what is wrong with the file beside its rules.
func (c *Campaign) check(wrong *fault.Error) {
	bad := func(at, code string, args ...any) { wrong.With(at, "ration.file_"+code, args...) }
	within := func(at string, n, least, most int64) {
		if n < least || n > most {
			bad(at, "range", "least", least, "most", most)
		}
	}
	if !regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`).MatchString(c.ID) || len(c.ID) > 40 {
		bad("id", "id")
	}
	for at, t := range map[string]rule.Text{"title": c.Title, "summary": c.Summary, "source": c.Source, "item.name": c.Item.Name, "item.piece": c.Item.Piece} {
		t.Check(wrong, at)
	}
	within("item.fen", c.Item.Fen, 0, 1_000_000)
	switch w := c.Who; {
	case w.Asks != ByPerson && w.Asks != ByFirm:
		bad("who.asks", "asks")
	case w.Asks == ByPerson && w.Counts != ByPerson && w.Counts != ByHousehold && w.Counts != ByAddress,
		w.Asks == ByFirm && w.Counts != ByFirm && w.Counts != ByEmployee:
		bad("who.counts", "counts")
	case w.Asks == ByFirm && w.People != 0:
		bad("who.people", "people")
	}
	within("who.people", c.Who.People, 0, peopleMost)
	c.checkShare(wrong, bad, within)
	switch c.Give.By {
	case ByArrival:
		if c.Give.RollOver || c.Give.ByTown {
			bad("give", "lot_only")
		}
	case ByLot:
		if c.Give.Queue {
			bad("give.queue", "arrival_only")
		}
	default:
		bad("give.by", "by")
	}
	if c.Give.Closes == 0 {
		c.Give.Closes = 24 * 60
	}
	if c.Give.Closes <= c.Give.Opens {
		bad("give.closes", "hours")
	}
	within("give.pace", c.Give.Pace, 0, paceMost)
	if c.Give.Pace != 0 && !c.Give.Queue {
		bad("give.pace", "queue_only")
	}
	if c.Give.Queue && c.Who.Counts == ByEmployee {
		bad("give.queue", "queue_employee")
	}
	within("give.ahead", c.Give.Ahead, 0, keepMost)
	if said := btoi(c.Again.Never) + btoi(c.Again.Days != 0) + btoi(c.Again.Week); said != 1 {
		bad("again", "again")
	}
	within("again.days", c.Again.Days, 0, daysMost)
	if !slices.Contains([]Handing{AtPoint, ByPost, ToDoor}, c.Hand.How) {
		bad("hand.how", "how")
	}
	within("hand.days", c.Hand.Days, 1, keepMost)
	last := Clock(0)
	for _, w := range c.Hand.Windows {
		if w.From < last || w.To <= w.From {
			bad("hand.windows", "windows")
			break
		}
		last = w.To
	}
	if len(c.Hand.Windows) > 24 {
		bad("hand.windows", "windows")
	}
}

func (c *Campaign) checkShare(wrong *fault.Error, bad func(at, code string, args ...any), within func(at string, n, least, most int64)) {
	switch fixed, least := c.Share.Pieces != 0, len(c.Share.Least) != 0; {
	case fixed && least:
		bad("share", "share")
	case !fixed && !least:
		bad("share", "share_none")
	}
	within("share.pieces", c.Share.Pieces, 0, piecesMost)
	if len(c.Share.Least) > partsMost {
		bad("share.least", "parts", "most", partsMost)
	}
	if len(c.Ask) > askMost {
		bad("ask", "parts", "most", askMost)
	}
	names := map[string]bool{}
	for _, a := range c.Ask {
		a.Title.Check(wrong, "ask."+a.Name+".title")
		if !regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`).MatchString(a.Name) || names[a.Name] || known(c.Who.Asks, a.Name) {
			bad("ask", "ask_name", "name", a.Name)
		}
		names[a.Name] = true
		if a.Type != rule.Bool && a.Type != rule.Int {
			bad("ask", "ask_type", "name", a.Name)
		}
		within("ask", a.Most, 0, factMost)
	}
	for _, m := range c.Share.Least {
		within("share.least", m.Times, 1, 1000)
		if a := c.ask(m.Of); a == nil && !slices.Contains(counted(c.Who.Asks), m.Of) || a != nil && a.Type != rule.Int {
			bad("share.least", "fact", "name", m.Of)
		}
	}
	if c.Who.Counts == ByEmployee && c.Share.Pieces == 0 {
		bad("share", "share_employee")
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// UnmarshalText reads "08:30" to "24:00".
func (c *Clock) UnmarshalText(text []byte) error {
	m := regexp.MustCompile(`^([0-2]\d):([0-5]\d)$`).FindSubmatch(text)
	if m == nil {
		return fmt.Errorf("a time of day is written like 08:30, not %q", text)
	}
	h, _ := strconv.Atoi(string(m[1]))
	min, _ := strconv.Atoi(string(m[2]))
	if *c = Clock(h*60 + min); *c > 24*60 {
		return fmt.Errorf("a day ends at 24:00, before %q", text)
	}
	return nil
}

// MarshalText writes it as it is read.
func (c Clock) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%02d:%02d", c/60, c%60), nil }

// String is the time as it is written.
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }
