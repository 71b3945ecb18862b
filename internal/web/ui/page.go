// Package ui draws: the frame of every page and the parts pages are made of,
// as templ components. A part takes words that are already chosen and says
// nothing by itself except what belongs to it ("Next page").
//
// It refuses to know a service, a request or a store, to carry a style or a
// script inside a page (the content policy forbids both), and to show a state
// by colour alone.
package ui

import (
	"net/url"

	"breakwater/internal/i18n"
)

// Page is what one answer knows: who reads, in which language, and what
// the frame shows around it. Its Printer says things: p.T("web.next").
type Page struct {
	*i18n.Printer

	District string // the district's name; "" before it has one
	Viewer   Viewer
	Theme    Theme
	Path     string // of the request, without query
	URI      string // with query, to come back to
	Nav      []Link // of this viewer
	Desk     []Link // the places of the officers' desk, beside its pages
	Flash    *Flash // said once, at the top
	Ref      string // reference of this request, for error pages and logs
	Assets   Assets
	Scanner  bool                   // this page may use the camera
	Ticket   func() string          // a fresh idempotency key
	Goes     func(path string) bool // whether a page is there and this reader's role may open it: nothing leads nowhere
	Refresh  int                    // seconds after which the page loads itself again; 0 = never
	Polled   bool                   // a script renews what changes; only a reader without scripts needs Refresh
}

func (p *Page) goes(path string) bool { return p.Goes != nil && p.Goes(path) }

// Viewer is who reads the page; the zero Viewer is nobody.
type Viewer struct {
	ID, Name, Role string
	Demo           bool // a demonstration account, marked so in the head
}

// Signed reports whether somebody is signed in.
func (v Viewer) Signed() bool { return v.ID != "" }

// Link is one place to go. Now marks where the reader is.
type Link struct {
	Href, Text string
	Now        bool
	Count      string // "27", beside the text
	Icon       string
}

// Flash is a message about what was just done.
type Flash struct {
	State State
	Text  string
	Ref   string
}

// Theme is how the reader wants colours. Auto follows the device.
type Theme string

// The themes.
const (
	Auto  Theme = ""
	Light Theme = "light"
	Dark  Theme = "dark"
	Ink   Theme = "ink" // black on white for e-ink screens
)

// Themes lists what can be chosen.
func Themes() []Theme { return []Theme{Auto, Light, Dark, Ink} }

func (t Theme) key() string {
	if t == Auto {
		return "web.theme_auto"
	}
	return "web.theme_" + string(t)
}

// Assets finds the address of a bundled file; Built is false on a clean clone.
type Assets struct {
	Built bool
	URL   func(name string) string
}

func (a Assets) url(name string) string {
	if a.URL == nil {
		return "/static/" + name
	}
	return a.URL(name)
}

// State is one of the four shapes of UX: each has a mark, a word and a colour.
type State string

// The states.
const (
	Valid State = "valid" // ✓
	Warn  State = "warn"  // !
	Stop  State = "stop"  // ✕
	Wait  State = "wait"  // ◷
)

// Form is a form as it is shown again: what was typed, and what is wrong.
type Form struct {
	Values  url.Values
	Faults  []FieldFault // in the order they were found
	Message string       // of the whole form; "" when there is none
	Key     string       // idempotency ticket
	Apart   string       // begins the ids of fields where another form of the page has the same names
}

// FieldFault is a message at one field.
type FieldFault struct{ Name, Text string }

// Value is what the field holds.
func (f *Form) Value(name string) string {
	if f == nil {
		return ""
	}
	return f.Values.Get(name)
}

// Or is Value, or else the given one when the form was not sent yet.
func (f *Form) Or(name, otherwise string) string {
	if f == nil || f.Values == nil || !f.Values.Has(name) {
		return otherwise
	}
	return f.Values.Get(name)
}

// Has reports whether a field that may come several times holds value.
func (f *Form) Has(name, value string) bool {
	if f == nil {
		return false
	}
	for _, v := range f.Values[name] {
		if v == value {
			return true
		}
	}
	return false
}

// Fault is the message at a field, "" when nothing is wrong there.
func (f *Form) Fault(name string) string {
	if f == nil {
		return ""
	}
	for _, e := range f.Faults {
		if e.Name == name {
			return e.Text
		}
	}
	return ""
}

// Bad reports whether the form came back with something to mend.
func (f *Form) Bad() bool { return f != nil && (len(f.Faults) > 0 || f.Message != "") }
