package rationweb

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"breakwater/internal/admission"
	"breakwater/internal/ident"
	"breakwater/internal/service/ration"
	"breakwater/internal/web"
	"breakwater/internal/web/api"
)

const feedBase = "/open/stock"

func (p *pages) feedRoutes() web.Routes {
	return web.Routes{
		{Method: "GET", Path: feedBase, Handler: p.feedShow, Access: web.Public, Class: admission.Result},
		{Method: "GET", Path: feedBase + ".csv", Handler: p.feedCSV, Access: web.Public, Class: admission.Result, Hot: true},
		{Method: "GET", Path: feedBase + ".json", Handler: p.feedJSON, Access: web.Public, Class: admission.Result, Twin: "stockFeed", Hot: true},
	}
}

// feedAPI tells of the feed among the operations: it is one file for everybody.
func feedAPI(a *api.API) {
	op := api.Op{ID: "stockFeed", Method: http.MethodGet, Path: feedBase + ".json", Group: group, Access: web.Public, Class: admission.Result}
	api.Tell[stockFeedAnswer](a, op, "application/json")
	op.ID, op.Path = "stockFeedCSV", feedBase+".csv"
	api.Tell[string](a, op, "text/csv")
}

// stockLine is one line of the feed: an item of a campaign at a point.
type stockLine struct {
	Point     string  `json:"point"`
	Name      string  `json:"name"`
	Kind      string  `json:"kind" enum:"shop,depot"`
	Town      string  `json:"town,omitempty"`
	Address   string  `json:"address"`
	Lat       float64 `json:"lat,omitempty" doc:"Degrees, WGS 84; absent where nobody measured."`
	Lon       float64 `json:"lon,omitempty"`
	Campaign  string  `json:"campaign"`
	Item      string  `json:"item" doc:"What the campaign gives, in Chinese."`
	OnHand    int64   `json:"on_hand" doc:"Pieces on the shelf; recalled lots do not count."`
	Reserved  int64   `json:"reserved" doc:"Pieces held for vouchers that were not fetched yet."`
	Available int64   `json:"available" doc:"Pieces that could be booked at that moment."`
	Promised  int64   `json:"promised" doc:"Pieces published for a later round or for a draw, booked by nobody yet."`
	Closed    bool    `json:"closed" doc:"The point is closed now: nothing can be booked or fetched there."`
}

// stockFeedAnswer is the whole feed.
type stockFeedAnswer struct {
	Updated time.Time   `json:"updated_at" doc:"The figures hold what was committed by then. At most 30 seconds ago while the store answers."`
	Late    bool        `json:"late" doc:"The store is slow: the figures are older than 30 seconds."`
	Stock   []stockLine `json:"stock"`

	Closed []closedPoint `json:"closed" doc:"Points that are closed at that moment, whether anything stands there or not."`
}

func feedSaid(f *ration.Feed, now time.Time) stockFeedAnswer {
	at, items := map[string]ration.Point{}, map[string]string{}
	for _, x := range slices.Concat(f.Points, f.Closed) {
		at[x.ID] = x
	}
	for _, v := range f.Campaigns {
		items[v.ID] = v.Item.Name.In("zh-Hans")
	}
	out := stockFeedAnswer{Updated: f.Updated.UTC(), Late: f.Late(now), Stock: make([]stockLine, 0, len(f.Stock)), Closed: []closedPoint{}}
	for _, x := range f.Closed {
		out.Closed = append(out.Closed, closedPointOf(x))
	}
	for _, s := range f.Stock {
		x, ok := at[s.Point]
		if !ok {
			continue // closed since
		}
		out.Stock = append(out.Stock, stockLine{x.ID, x.Name, x.Kind, x.Town, x.Address, x.Lat, x.Lon, s.Campaign, items[s.Campaign], s.OnHand, s.Reserved, s.Available, s.Promised, !x.Closed.IsZero()})
	}
	return out
}

// copyMost is how long a copy may be kept on its way, and copyUntil the age of the figures
// at which it must not be given out any more: what is left to the thirty seconds is for
// the way itself.
const copyMost, copyUntil = 10 * time.Second, ration.FeedPromise - 5*time.Second

// fresh lets any page read the feed, says how long a copy may be kept, and whether the
// reader has it already.
func (p *pages) fresh(w http.ResponseWriter, r *http.Request, f *ration.Feed, kind string) bool {
	h, now := w.Header(), p.Now()
	h.Set("Cache-Control", "no-cache")
	if keep := min(copyUntil-now.Sub(f.Updated), copyMost); keep >= time.Second {
		h.Set("Cache-Control", "public, max-age="+strconv.Itoa(int(keep/time.Second)))
	}
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "ETag, Last-Modified")
	h.Set("Last-Modified", f.Updated.UTC().Format(http.TimeFormat))
	h.Set("Vary", "Accept-Encoding") // and nothing else: one for everybody
	if f.Late(now) {
		kind += "-late"
	}
	return web.Same(w, r, `W/"`+kind+"-"+strconv.FormatInt(f.Updated.UnixMicro(), 36)+`"`)
}

func (p *pages) feedJSON(w http.ResponseWriter, r *http.Request) error {
	f, err := p.Feed(r.Context())
	if err != nil || p.fresh(w, r, f, "json") {
		return err
	}
	return web.JSON(w, r, http.StatusOK, feedSaid(f, p.Now()))
}

var feedColumns = [...]string{
	"point", "name", "kind", "town", "address", "lat", "lon", "campaign", "item", "on_hand", "reserved", "available", "promised", "updated_at", "closed",
}

func (p *pages) feedCSV(w http.ResponseWriter, r *http.Request) error {
	f, err := p.Feed(r.Context())
	if err != nil || p.fresh(w, r, f, "csv") {
		return err
	}
	var b bytes.Buffer
	b.WriteString("\ufeff") // by which Excel knows that it is UTF-8
	c := csv.NewWriter(&b)
	_ = c.Write(feedColumns[:]) // into memory
	said := feedSaid(f, p.Now())
	for _, s := range said.Stock {
		_ = c.Write([]string{
			s.Point, inert(s.Name), s.Kind, inert(s.Town), inert(s.Address), degrees(s.Lat), degrees(s.Lon), s.Campaign, inert(s.Item),
			count(s.OnHand), count(s.Reserved), count(s.Available), count(s.Promised), said.Updated.Format(time.RFC3339), strconv.FormatBool(s.Closed),
		})
	}
	c.Flush()
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="stock.csv"`)
	_, err = w.Write(b.Bytes())
	return err
}

func count(n int64) string { return strconv.FormatInt(n, 10) }

func degrees(x float64) string {
	if x == 0 {
		return ""
	}
	return strconv.FormatFloat(x, 'f', 6, 64)
}

// degree reads a number of degrees; empty is nobody measured.
func degree(text string) (float64, bool) {
	if text = ident.Fold(text); text == "" {
		return 0, true
	}
	x, err := strconv.ParseFloat(text, 64)
	return x, err == nil && x == x
}

// inert keeps a name from being taken for a formula by a spreadsheet.
func inert(s string) string {
	begins, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }))
	if strings.ContainsRune("=+-@＝＋－＠", begins) {
		return "'" + s
	}
	return s
}

// stockRow is a line of the page: a shop's item, or a shop that gives out nothing.
type stockRow struct {
	*onMap
	ration.Stock
	Item string
	None bool
}

// short is whether fewer stand on the shelf than people have vouchers for.
func (x stockRow) short() bool { return x.OnHand < x.Reserved }

// rowsShown is how many lines the page shows; a search narrows them down.
const rowsShown = 300

// feedData is the page of the stock.
type feedData struct {
	*ration.Feed
	Now       time.Time
	Query     string
	Item      string // campaign that is shown, or everyItem
	Items     map[string]string
	Campaigns []ration.View
	Shops     []*onMap
	Rows      []stockRow
	More      int
	Map       chart
}

func (p *pages) feedShow(w http.ResponseWriter, r *http.Request) error {
	f, err := p.Feed(r.Context())
	if err != nil {
		return err
	}
	d := feedData{Feed: f, Now: p.Now(), Query: r.URL.Query().Get("q"), Item: r.URL.Query().Get("item"), Items: map[string]string{}}
	if len(d.Query) > 100 {
		d.Query = ""
	}
	itemNames(d.Items, f.Campaigns, string(web.Language(r)))
	d.Campaigns = f.Campaigns
	if d.Items[d.Item] == "" && d.Item != everyItem {
		d.Item = d.first()
	}
	d.find()
	d.Map = drawn(web.From(r), d.Shops)
	return web.Render(w, r, feedView(web.From(r), d))
}

// everyItem stands for all items in the address.
const everyItem = "all"

// first is the item that is shown unless another is chosen: that of which most can be
// booked. A page of everything is too long to be read on a phone.
func (d *feedData) first() string {
	if len(d.Campaigns) == 0 {
		return everyItem
	}
	sums, first := map[string]int64{}, d.Campaigns[0].ID
	for _, s := range d.Stock {
		if sums[s.Campaign] += s.Available; sums[s.Campaign] > sums[first] {
			first = s.Campaign
		}
	}
	return first
}

// find keeps the shops that fit the search, and what they have of the item.
func (d *feedData) find() {
	lines := map[string][]ration.Stock{}
	for _, s := range d.Stock {
		if d.Item == everyItem || s.Campaign == d.Item {
			lines[s.Point] = append(lines[s.Point], s)
		}
	}
	for _, x := range slices.Concat(d.Points, d.Closed) {
		if x.Kind != ration.Shop || !pointFits(x, d.Query) {
			continue
		}
		m := &onMap{Point: x, N: len(d.Shops) + 1}
		m.Open = slices.ContainsFunc(lines[x.ID], func(s ration.Stock) bool { return s.Available > 0 })
		d.Shops = append(d.Shops, m)
		for _, s := range lines[x.ID] {
			d.add(stockRow{onMap: m, Stock: s, Item: d.Items[s.Campaign]})
		}
		if len(lines[x.ID]) == 0 {
			d.add(stockRow{onMap: m, None: true})
		}
	}
}

func (d *feedData) add(x stockRow) {
	if len(d.Rows) == rowsShown {
		d.More++
		return
	}
	d.Rows = append(d.Rows, x)
}
