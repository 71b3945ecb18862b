package rationweb

import (
	"fmt"
	"time"

	"breakwater/internal/service/ration"
	"breakwater/internal/web/ui"
)

// ruleFacts is a campaign's rule in plain words, made of its data alone, so that what is
// read is what is reckoned with.
func ruleFacts(p *ui.Page, c *ration.Campaign) []ui.Fact {
	list := []ui.Fact{
		{Term: p.T("rationpages.rule_who"), Text: ruleWho(p, c)},
		{Term: p.T("rationpages.rule_much"), Text: ruleMuch(p, c)},
		{Term: p.T("rationpages.rule_again"), Text: ruleAgain(p, c)},
		{Term: p.T("rationpages.rule_way"), Text: ruleWay(p, c)},
		{Term: p.T("rationpages.rule_when"), Text: p.T("rationpages.rule_hours", "from", c.Give.Opens, "until", c.Give.Closes)},
		{Term: p.T("rationpages.rule_hand"), Text: ruleHand(p, c)},
		{Term: p.T("rationpages.rule_price"), Text: price(p, c)},
	}
	if c.Who.Asks == ration.ByPerson && c.Hand.How == ration.AtPoint {
		proxy := "rationpages.rule_proxy_no"
		if c.Hand.Proxy {
			proxy = "rationpages.rule_proxy"
		}
		list = append(list, ui.Fact{Term: p.T("rationpages.rule_other"), Text: p.T(proxy)})
	}
	return list
}

func ruleWho(p *ui.Page, c *ration.Campaign) string {
	switch {
	case c.Who.AtDesk:
		return p.T("rationpages.who_desk")
	case c.Who.Asks == ration.ByFirm:
		return p.T("rationpages.who_firm")
	case c.Who.People > 1:
		return p.T("rationpages.who_people", "n", c.Who.People)
	}
	return p.T("rationpages.who_person")
}

// ruleMuch is how much one share is, and for whom it counts.
func ruleMuch(p *ui.Page, c *ration.Campaign) string {
	whose := p.T("rationpages.per_" + string(c.Who.Counts))
	if len(c.Share.Least) == 0 {
		return p.T("rationpages.much_fixed", "pieces", pieces(p, c, c.Share.Pieces), "whose", whose)
	}
	parts := make([]string, len(c.Share.Least))
	for i, m := range c.Share.Least {
		parts[i] = p.T("rationpages.times", "n", m.Times, "fact", factName(p, c, m.Of))
	}
	if len(parts) == 1 {
		return p.T("rationpages.much_of", "part", parts[0], "whose", whose)
	}
	return p.T("rationpages.much_least", "parts", parts, "whose", whose)
}

// factName is a fact as the campaign asks for it, or as the house calls it.
func factName(p *ui.Page, c *ration.Campaign, name string) string {
	for _, a := range c.Ask {
		if a.Name == name {
			return a.Title.In(string(p.Lang()))
		}
	}
	return p.T("rationpages.fact_" + name)
}

func ruleAgain(p *ui.Page, c *ration.Campaign) string {
	switch {
	case c.Again.Never:
		return p.T("rationpages.again_never")
	case c.Again.Week:
		return p.T("rationpages.again_week")
	}
	return p.T("rationpages.again_days", "n", c.Again.Days)
}

func ruleWay(p *ui.Page, c *ration.Campaign) string {
	if c.Give.By == ration.ByLot {
		switch {
		case c.Give.ByTown && c.Give.RollOver:
			return p.T("rationpages.way_lot_town_roll")
		case c.Give.ByTown:
			return p.T("rationpages.way_lot_town")
		case c.Give.RollOver:
			return p.T("rationpages.way_lot_roll")
		}
		return p.T("rationpages.way_lot")
	}
	if c.Give.Queue {
		return p.T("rationpages.way_queue")
	}
	return p.T("rationpages.way_arrival")
}

func ruleHand(p *ui.Page, c *ration.Campaign) string {
	switch c.Hand.How {
	case ration.ByPost:
		return p.T("rationpages.hand_post", "n", c.Hand.Days)
	case ration.ToDoor:
		return p.T("rationpages.hand_brought", "n", c.Hand.Days)
	case ration.AtPoint:
	}
	switch c.Give.Ahead {
	case 0:
		return p.T("rationpages.hand_same", "n", c.Hand.Days)
	case 1:
		return p.T("rationpages.hand_next", "n", c.Hand.Days)
	}
	return p.T("rationpages.hand_point", "ahead", c.Give.Ahead, "n", c.Hand.Days)
}

// pieces is a number of the campaign's pieces.
func pieces(p *ui.Page, c *ration.Campaign, n int64) string {
	return p.T("rationpages.pieces", "n", p.Number(n), "piece", c.Item.Piece.In(string(p.Lang())))
}

func price(p *ui.Page, c *ration.Campaign) string {
	if c.Item.Fen == 0 {
		return p.T("rationpages.free")
	}
	return p.T("rationpages.price", "yuan", yuan(p, c.Item.Fen), "piece", c.Item.Piece.In(string(p.Lang())))
}

func yuan(p *ui.Page, fen int64) string {
	return fmt.Sprintf("%s%s%02d", p.Number(fen/100), p.T("format.point"), fen%100)
}

// moment is a time near enough to need no year; the end of a day is named by its own date.
func moment(p *ui.Page, t time.Time) string {
	at := t.In(p.Zone())
	if at.Hour() == 0 && at.Minute() == 0 {
		return p.T("rationpages.end_of", "day", p.Day(at.Add(-time.Minute)))
	}
	return p.T("rationpages.day_time", "day", p.Day(at), "time", p.Time(at))
}

// ends is the end of a time: a day that ends is named by its own date, since midnight is
// read as the night before as often as not.
func ends(p *ui.Page, t time.Time) string {
	if at := t.In(p.Zone()); at.Hour() == 0 && at.Minute() == 0 {
		return p.T("rationpages.end_of", "day", p.Date(at.Add(-time.Minute)))
	}
	return p.DateTime(t)
}

// begins is the beginning of a time; a whole day is its date.
func begins(p *ui.Page, t time.Time) string {
	if at := t.In(p.Zone()); at.Hour() == 0 && at.Minute() == 0 {
		return p.Date(at)
	}
	return p.DateTime(t)
}

// window is when on a day an offer is fetched, "" for all day.
func window(c *ration.Campaign, part int64) string {
	if int(part) >= len(c.Hand.Windows) {
		return ""
	}
	w := c.Hand.Windows[part]
	return fmt.Sprintf("%s–%s", w.From, w.To)
}
