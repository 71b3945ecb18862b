package i18n

import (
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/BurntSushi/toml"
	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed text/*.toml
var texts embed.FS

// Lang is a language by its BCP 47 tag.
type Lang string

// The languages that are complete. Another one is a set of files and a line here.
const (
	English Lang = "en"
	Chinese Lang = "zh-Hans"
)

// Langs lists the languages in the order they are offered.
func Langs() []Lang { return []Lang{English, Chinese} }

// Known reports whether l is one of Langs.
func Known(l Lang) bool { return slices.Contains(Langs(), l) }

// Zone is the district's time zone unless another is passed to In.
const Zone = "Asia/Shanghai"

// Bundle holds every message of every language. It does not change once loaded
// and may be used by many goroutines.
type Bundle struct {
	printers map[Lang]*Printer
	missing  *missing
}

// Load reads the embedded files. It fails when a file cannot be read, a key
// appears twice or a language has no text at all.
func Load() (*Bundle, error) { return load(texts, "text/*.toml") }

func load(files fs.FS, pattern string) (*Bundle, error) {
	zone, err := time.LoadLocation(Zone)
	if err != nil {
		return nil, fmt.Errorf("time zone of the district: %w", err)
	}
	names, err := fs.Glob(files, pattern)
	if err != nil {
		return nil, err
	}
	rules := goi18n.NewBundle(language.English)
	b := &Bundle{printers: map[Lang]*Printer{}, missing: &missing{keys: map[string]int{}}}
	for _, l := range Langs() {
		p := &Printer{lang: l, zone: zone, text: map[string]message{}, missing: b.missing}
		if p.plural, err = pluralOf(rules, l); err != nil {
			return nil, err
		}
		b.printers[l] = p
	}
	for _, name := range names {
		if err := b.read(files, name); err != nil {
			return nil, err
		}
	}
	for _, l := range Langs() {
		if err := b.printers[l].prepare(); err != nil {
			return nil, fmt.Errorf("language %s: %w", l, err)
		}
	}
	return b, nil
}

func (b *Bundle) read(files fs.FS, name string) error {
	data, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	// The name's second to last part is the language: web.zh-Hans.toml.
	parts := strings.Split(path.Base(name), ".")
	p := b.printers[Lang(parts[max(0, len(parts)-2)])]
	if p == nil {
		return fmt.Errorf("%s: not a known language", name)
	}
	f, err := goi18n.ParseMessageFileBytes(data, name, map[string]goi18n.UnmarshalFunc{"toml": toml.Unmarshal})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for _, m := range f.Messages {
		if _, twice := p.text[m.ID]; twice {
			return fmt.Errorf("%s: %q is there twice", name, m.ID)
		}
		p.text[m.ID] = compile(m)
	}
	return nil
}

// In returns the bundle with times shown in another zone.
func (b *Bundle) In(zone *time.Location) *Bundle {
	out := &Bundle{printers: make(map[Lang]*Printer, len(b.printers)), missing: b.missing}
	for l, p := range b.printers {
		q := *p
		q.zone = zone
		out.printers[l] = &q
	}
	return out
}

// Printer returns the printer of a language; an unknown one gets English.
func (b *Bundle) Printer(l Lang) *Printer {
	if p := b.printers[l]; p != nil {
		return p
	}
	return b.printers[English]
}

// Has reports whether l has a text for key.
func (b *Bundle) Has(l Lang, key string) bool {
	_, ok := b.Printer(l).text[key]
	return ok
}

// Keys lists the keys of a language in order.
func (b *Bundle) Keys(l Lang) []string {
	p := b.Printer(l)
	keys := make([]string, 0, len(p.text))
	for k := range p.text {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Missing lists the keys that were asked for and are in no file, as
// "lang key", in order.
func (b *Bundle) Missing() []string {
	b.missing.Lock()
	defer b.missing.Unlock()
	out := make([]string, 0, len(b.missing.keys))
	for k := range b.missing.keys {
		out = append(out, k)
	}
	slices.SortFunc(out, cmp.Compare)
	return out
}

// missingMost bounds what a stream of wrong keys can take.
const missingMost = 1000

type missing struct {
	sync.Mutex
	keys map[string]int
}

func (m *missing) note(l Lang, key string) {
	m.Lock()
	defer m.Unlock()
	if len(m.keys) < missingMost {
		m.keys[string(l)+" "+key]++
	}
}
