package i18n

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"breakwater/internal/fault"
)

// Printer says things in one language. It may be used by many goroutines.
type Printer struct {
	lang    Lang
	zone    *time.Location
	text    map[string]message
	missing *missing
	plural  func(n int) int
	small   [200]uint8 // plural forms of the counts below 200: asking costs microseconds
	layout  layouts
}

// Key is a value that is itself a message: T("a.b", "what", i18n.Key("c.d")).
type Key string

// Lang is the printer's language.
func (p *Printer) Lang() Lang { return p.lang }

// Zone is where times are shown.
func (p *Printer) Zone() *time.Location { return p.zone }

// T returns the text of key. pairs are names and values; whole numbers, times
// and Keys are written as the language does, anything else as fmt would. The
// value "n" chooses the plural form.
func (p *Printer) T(key string, pairs ...any) string {
	m, ok := p.text[key]
	if !ok {
		p.missing.note(p.lang, key)
		return key
	}
	if len(pairs) == 0 && m[other].cut == nil {
		return m[other].whole
	}
	return p.fill(m, func(name string) (any, bool) {
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1], true
			}
		}
		return nil, false
	})
}

// Args is T with the values of a fault.
func (p *Printer) Args(key string, args fault.Args) string {
	m, ok := p.text[key]
	if !ok {
		p.missing.note(p.lang, key)
		return key
	}
	return p.fill(m, func(name string) (any, bool) { v, ok := args[name]; return v, ok })
}

// Fault is the message of an error: its code's text. An error that is no fault
// says no more than that it was our mistake.
func (p *Printer) Fault(err error) string {
	f := fault.As(err)
	if f == nil {
		return ""
	}
	if f.Kind == fault.Internal {
		return p.T("fault.internal")
	}
	return p.Args(f.Code, f.Args)
}

// Field is the message of one field at fault.
func (p *Printer) Field(f fault.Field) string { return p.Args(f.Code, f.Args) }

// Has reports whether the language has a text for key.
func (p *Printer) Has(key string) bool { _, ok := p.text[key]; return ok }

func (p *Printer) fill(m message, value func(string) (any, bool)) string {
	form := m[other]
	if v, ok := value("n"); ok {
		if n, whole := count(v); whole {
			if f := m[p.form(n)]; f != nil {
				form = f
			}
		}
	}
	if form.cut == nil {
		return form.whole
	}
	var b strings.Builder
	b.Grow(form.size + 32)
	for i, s := range form.cut {
		if i&1 == 0 {
			b.WriteString(s)
			continue
		}
		v, ok := value(s)
		if !ok {
			b.WriteString("{" + s + "}") // a forgotten value is seen, not hidden
			continue
		}
		b.WriteString(p.write(v))
	}
	return b.String()
}

func (p *Printer) form(n int64) int {
	if n >= 0 && n < int64(len(p.small)) {
		return int(p.small[n])
	}
	return p.plural(int(n))
}

// count returns v as a whole number; text counts when it is digits only.
func count(v any) (int64, bool) {
	switch n := v.(type) {
	case int:
		return int64(n), true
	case int64:
		return n, true
	case int32:
		return int64(n), true
	case uint64:
		return int64(n), true
	case string:
		if n == "" || len(n) > 18 {
			return 0, false
		}
		var out int64
		for i := range len(n) {
			if n[i] < '0' || n[i] > '9' {
				return 0, false
			}
			out = out*10 + int64(n[i]-'0')
		}
		return out, true
	}
	return 0, false
}

func (p *Printer) write(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case Key:
		return p.T(string(v))
	case time.Time:
		return p.DateTime(v)
	case time.Duration:
		return p.Span(v)
	case float64:
		return p.Decimal(v, 1)
	case []string:
		return p.List(v)
	case error:
		return p.Fault(v)
	case fmt.Stringer:
		return v.String()
	}
	if n, ok := count(v); ok {
		return p.Number(n)
	}
	return fmt.Sprint(v)
}

// List joins things with the language's own mark: "a, b, c"; "甲、乙、丙".
func (p *Printer) List(items []string) string { return strings.Join(items, p.layout.list) }

// Sorted is List of the items in order.
func (p *Printer) Sorted(items []string) string {
	out := append([]string(nil), items...)
	sort.Strings(out)
	return p.List(out)
}
