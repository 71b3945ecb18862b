package rationweb

import (
	"encoding/json"

	"breakwater/internal/kernel/dual"
	"breakwater/internal/service/ration"
	"breakwater/internal/web/ui"
)

func deskColumns(p *ui.Page) []ui.Column {
	out := []ui.Column{{Label: p.T("rationpages.campaign"), Title: true}, {Label: p.T("rationpages.state")}}
	for _, key := range [...]string{"supply", "offered", "reserved", "collected", "shelves"} {
		out = append(out, ui.Column{Label: p.T("supplydesk.sum_" + key), Number: true})
	}
	return out
}

func deskOfferColumns(p *ui.Page) []ui.Column {
	return []ui.Column{
		{Label: p.T("counterpages.kind_shop"), Title: true},
		{Label: p.T("rationpages.fetch")},
		{Label: p.T("supplydesk.offered"), Number: true},
		{Label: p.T("supplydesk.left"), Number: true},
	}
}

func pointColumnsOf(p *ui.Page) []ui.Column {
	return []ui.Column{
		{Label: p.T("supplydesk.point_name"), Title: true},
		{Label: p.T("supplydesk.point_kind")},
		{Label: p.T("supplydesk.point_address")},
		{Label: p.T("rationpages.phone")},
	}
}

// overviewFacts is how a campaign stands, from what may be offered to what left the
// shelves.
func overviewFacts(p *ui.Page, o ration.Overview) []ui.Fact {
	var out []ui.Fact
	for _, one := range []struct {
		key string
		n   int64
	}{
		{"supply", o.Supply},
		{"offered", o.Offered},
		{"reserved", o.Reserved},
		{"collected", o.Collected},
		{"lapsed", o.Lapsed},
		{"given_back", o.GivenBack},
		{"shelves", o.Shelves},
		{"recalled", o.Recalled},
		{"handed", o.Handed},
		{"spoiled", o.Spoiled},
	} {
		out = append(out, ui.Fact{Term: p.T("supplydesk.sum_" + one.key), Text: p.Number(one.n)})
	}
	return out
}

func campaignState(state string) ui.State {
	if state == "open" {
		return ui.Valid
	}
	return ui.Wait
}

// unitWords is a unit of the ledger as people say it.
func unitWords(p *ui.Page, unit string) string {
	if key := "supplydesk.unit_" + unit; p.Has(key) {
		return p.T(key)
	}
	return unit
}

// bookTitle is what the desk does for somebody who stands before it.
func bookTitle(p *ui.Page, c *ration.Campaign) string {
	if c.Give.By == ration.ByLot {
		return p.T("supplydesk.enter_title")
	}
	return p.T("supplydesk.book_title")
}

// campaignFacts is a campaign as two officers read it before it is open.
func campaignFacts(p *ui.Page, c *ration.Campaign) []ui.Fact {
	lang := string(p.Lang())
	return append([]ui.Fact{
		{Term: p.T("supplydesk.rule_id"), Text: c.ID},
		{Term: p.T("rationpages.item"), Text: c.Item.Name.In(lang)},
	}, append(ruleFacts(p, c),
		ui.Fact{Term: p.T("rationpages.source"), Text: c.Source.In(lang)},
		ui.Fact{Term: p.T("rationpages.digest"), Text: c.Digest[:16]},
	)...)
}

// asksFor is the campaign that an act asks for; an empty one where its file is not to be
// read.
func asksFor(a dual.Act) *ration.Campaign {
	var b ration.OpenAct
	if json.Unmarshal(a.Body, &b) == nil {
		if c, err := ration.ReadCampaign([]byte(b.File)); err == nil {
			return c
		}
	}
	return &ration.Campaign{}
}
