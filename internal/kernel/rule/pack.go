// Package rule holds policy as data. A pack is one TOML file: the facts a
// decision may look at, the rules over them as CEL expressions, and for every
// rule the reason and the way to mend it in each language. Deciding is pure:
// the same pack and the same facts give the same decision, byte for byte, on
// any machine and in any year.
//
// It refuses to fetch facts, to know the time, to store anything, and to keep
// a sentence in Go: what a person reads comes from the pack and travels inside
// the decision, so an old decision explains itself without its pack.
package rule

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"time"

	"breakwater/internal/fault"
	"github.com/BurntSushi/toml"
)

// MaxPack is the largest pack file read, in bytes.
const MaxPack = 256 << 10

// Pack is a compiled policy. It is immutable and safe for concurrent use.
type Pack struct {
	ID         string    // "work-resumption.file-and-promise"
	Version    string    // chosen by the policy's owner; ID and Version name one text for ever
	Title      Text      //
	Summary    Text      //
	ValidFrom  time.Time // inclusive
	ValidUntil time.Time // exclusive; zero = until replaced
	Digest     string    // SHA-256 of the file, hex: proves which text decided
	Facts      []Fact    // in the file's order; derived ones included
	Rules      []Rule    // in the file's order

	missing   saying
	failing   failing
	constants map[string]any
	derived   []derivation
	known     map[string]*Fact
	checks    []check
	levers    []*Fact   // the facts with a Change, in the file's order
	numbers   []float64 // numbers the pack names: where an answer is likely to turn
	texts     []string  // texts its expressions name
	clauses   int       // the conditions' parts, before compile leaves any whole
	cost      uint64    // CEL cost units of one Decide at worst, packLimit at most
}

// Type is what a fact's value may be.
type Type string

// The types, with the Go values Decide takes for them.
const (
	Bool      Type = "bool"      // bool
	Int       Type = "int"       // any Go integer, or a float64 without fraction (as JSON gives)
	Double    Type = "double"    // float64 or any Go integer; never NaN or infinite
	String    Type = "string"    // string
	List      Type = "list"      // []string or []any of strings
	Timestamp Type = "timestamp" // time.Time or RFC 3339 text
)

// Fact is something a rule may ask about.
type Fact struct {
	Name    string   `toml:"name"`
	Type    Type     `toml:"type"`
	Title   Text     `toml:"title"`
	Options []Option `toml:"options"` // for string facts chosen from a list; the rules see them as <name>_options
	Derive  string   `toml:"derive"`  // CEL over facts above it; a derived fact is never taken from the caller
	Change  *Change  `toml:"change"`  // an applicant can alter it; nil: cannot, or not for an answer's sake

	itself []string // the name, as what is to blame when it is missing
}

// Change says within what an applicant can alter a fact, so that Turn may propose
// it. Least, Most and Step are of numbers: the values least, least+step, … most.
// Cost weighs one step of a number, or any change of another fact, against those
// of the pack's other facts; 1 if not said.
type Change struct {
	Least float64 `toml:"least"`
	Most  float64 `toml:"most"`
	Step  float64 `toml:"step"` // 1 if not said
	Cost  float64 `toml:"cost"`
}

// Option is one value a string fact may take, with the words a form shows.
type Option struct {
	Value string `toml:"value"`
	Title Text   `toml:"title"`
}

// Rule is one condition and what follows when it is not as it should be.
type Rule struct {
	ID      string            `toml:"id"`
	When    string            `toml:"when"`    // speaks when true; exactly one of When and Require
	Require string            `toml:"require"` // speaks when false
	Outcome Outcome           `toml:"outcome"` // refuse, return or warn
	Reason  Text              `toml:"reason"`
	Mend    Text              `toml:"mend"`
	Basis   Text              `toml:"basis"`   // the document and clause this rests on
	Amounts map[string]string `toml:"amounts"` // CEL values for the placeholders of Reason and Mend
}

// Outcome is what a rule asks for when it speaks.
type Outcome string

// The outcomes, gravest first.
const (
	Refuse Outcome = "refuse" // cannot be mended by the applicant
	Return Outcome = "return" // something is missing or too little; mend it and come again
	Warn   Outcome = "warn"   // told, but does not change the verdict
)

// saying is a reason and its remedy; the pack's [missing] table.
type saying struct {
	Reason Text `toml:"reason"`
	Mend   Text `toml:"mend"`
}

// file is the pack as written.
type file struct {
	ID         string         `toml:"id"`
	Version    string         `toml:"version"`
	Title      Text           `toml:"title"`
	Summary    Text           `toml:"summary"`
	ValidFrom  time.Time      `toml:"valid_from"`
	ValidUntil time.Time      `toml:"valid_until"`
	Missing    saying         `toml:"missing"`
	Constants  map[string]any `toml:"constants"`
	Facts      []Fact         `toml:"fact"`
	Rules      []Rule         `toml:"rule"`
}

type derivation struct {
	fact    *Fact
	program program
	rests   uint32 // as of clause
}

// LoadFile reads a pack from a file system, as Load does.
//
// Faults: Internal when the file cannot be read; else as Load.
func LoadFile(fsys fs.FS, name string) (*Pack, error) {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "rule.unreadable", "file", name)
	}
	return Load(data)
}

// Load reads, type-checks and compiles a pack. Every mistake in the file is
// listed as a field of one fault, named by its place in the file, its line in the
// argument "line".
//
// Faults: TooLarge "rule.too_large"; Malformed "rule.not_toml" and "rule.shape_…";
// Invalid "rule.pack", the first hundred mistakes listed.
func Load(data []byte) (*Pack, error) {
	if len(data) > MaxPack {
		return nil, fault.New(fault.TooLarge, "rule.too_large", "limit", MaxPack>>10)
	}
	if err := shape(string(data)); err != nil {
		return nil, err
	}
	var f file
	meta, err := toml.Decode(string(data), &f)
	if err != nil {
		return nil, fault.Wrap(err, fault.Malformed, "rule.not_toml", "detail", err.Error())
	}
	wrong := fault.New(fault.Invalid, "rule.pack", "pack", f.ID)
	for _, k := range meta.Undecoded() { // a misspelt key must not silently drop a rule's force
		if wrong.With(k.String(), "rule.unknown_key"); len(wrong.Fields) == maxMistakes {
			break
		}
	}
	sum := sha256.Sum256(data)
	p := &Pack{
		ID: f.ID, Version: f.Version, Title: f.Title, Summary: f.Summary,
		ValidFrom: f.ValidFrom, ValidUntil: f.ValidUntil, Digest: hex.EncodeToString(sum[:]),
		Facts: f.Facts, Rules: f.Rules, missing: f.Missing, constants: f.Constants,
		known: make(map[string]*Fact, len(f.Facts)),
	}
	if p.failing, err = loadFailing(); err != nil {
		return nil, fault.Wrap(err, fault.Internal, "rule.unreadable", "file", "failed.toml")
	}
	p.validate(wrong)
	if len(wrong.Fields) == 0 { // expressions make sense only over sound declarations
		p.compile(wrong)
		p.affordable(wrong)
		p.look()
	}
	wrong.Fields = wrong.Fields[:min(len(wrong.Fields), maxMistakes)]
	if err := wrong.OrNil(); err != nil {
		findLines(string(data)).mark(wrong)
		return nil, err
	}
	return p, nil
}

// InForce reports whether the pack governs decisions taken at this time.
func (p *Pack) InForce(at time.Time) bool {
	return !at.Before(p.ValidFrom) && (p.ValidUntil.IsZero() || at.Before(p.ValidUntil))
}

// Fact returns a declared fact by name; forms draw their choices from it.
func (p *Pack) Fact(name string) (Fact, bool) {
	f, ok := p.known[name]
	if !ok {
		return Fact{}, false
	}
	return *f, true
}

// Whole returns a constant that is a whole number: for settings that stand in a
// pack beside the rules they belong to.
func (p *Pack) Whole(name string) (int64, bool) {
	n, ok := p.constants[name].(int64)
	return n, ok
}
