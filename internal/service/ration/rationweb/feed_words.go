package rationweb

import (
	"net/url"

	"breakwater/internal/web/ui"
)

func feedTable(p *ui.Page) []ui.Column {
	return []ui.Column{
		{Label: p.T("rationpages.shop"), Title: true},
		{Label: p.T("rationpages.item")},
		{Label: p.T("openstock.available"), Number: true},
		{Label: p.T("openstock.on_hand"), Number: true},
		{Label: p.T("openstock.reserved"), Number: true},
		{Label: p.T("openstock.promised"), Number: true},
	}
}

// chips choose one item of those that are given out.
func (d feedData) chips(p *ui.Page) []ui.Link {
	if len(d.Campaigns) < 2 {
		return nil
	}
	href := func(item string) string {
		v := url.Values{"item": {item}}
		if d.Query != "" {
			v.Set("q", d.Query)
		}
		return feedBase + "?" + v.Encode()
	}
	var out []ui.Link
	for _, v := range d.Campaigns {
		out = append(out, ui.Link{Href: href(v.ID), Text: d.Items[v.ID], Now: d.Item == v.ID})
	}
	return append(out, ui.Link{Href: href(everyItem), Text: p.T("openstock.all_items"), Now: d.Item == everyItem})
}

// kept is what a search keeps of the address.
func (d feedData) kept() []ui.Option {
	if d.Item == "" {
		return nil
	}
	return []ui.Option{{Value: "item", Text: d.Item}}
}

func mapLabel(p *ui.Page, c chart) string {
	if c.Plan {
		return p.T("openstock.map_plan_label")
	}
	return p.T("openstock.map_label", "n", len(c.Dots))
}
