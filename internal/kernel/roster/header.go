package roster

import (
	"strings"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
)

// headerWithin is how far down headings are looked for: titles, the firm's
// name, a note on how to fill, blank lines.
const headerWithin = 40

// binding ties a field to the column it is read from.
type binding struct {
	field Field
	col   int
}

// header is the place and meaning of a file's headings.
type header struct {
	line  int      // the last line of the headings
	texts []string // as the file has them, by column
	bound []binding
}

func (h *header) col(f Field) int {
	for _, b := range h.bound {
		if b.field == f {
			return b.col
		}
	}
	return -1
}

// missing lists the needed fields no column was found for.
func (h *header) missing() []string {
	var out []string
	if h.col(FieldName) < 0 {
		out = append(out, string(FieldName))
	}
	if h.col(FieldIDNumber) < 0 && h.col(FieldPassport) < 0 {
		out = append(out, string(FieldIDNumber))
	}
	return out
}

// keptLine is a row kept while headings are looked for.
type keptLine struct {
	line  int
	texts []string
}

// findHeader returns the first headings with all needed columns, else the ones
// that come nearest, else nil. Two lines are taken as one heading where the
// lower one names a needed column the upper one does not: 证件 over 类型, 号码.
func findHeader(index map[string]heading, lines []keptLine) *header {
	var best *header
	for i, l := range lines {
		h := bind(index, l.line, l.texts)
		if len(h.bound) == 0 {
			continue
		}
		if len(h.missing()) > 0 && i+1 < len(lines) {
			low := lines[i+1]
			both := bind(index, low.line, overlay(l.texts, low.texts))
			alone := bind(index, low.line, low.texts)
			if len(both.missing()) == 0 && len(alone.missing()) > 0 {
				h = both
			}
		}
		if len(h.missing()) == 0 {
			return h
		}
		if best == nil || len(h.bound) > len(best.bound) {
			best = h
		}
	}
	return best
}

// overlay joins two lines of headings: the lower text where there is one.
func overlay(upper, lower []string) []string {
	out := make([]string, max(len(upper), len(lower)))
	copy(out, upper)
	for i, s := range lower {
		if ident.Fold(s) == "" {
			continue
		}
		out[i] = s
	}
	return out
}

// bind recognises the headings of one line.
func bind(index map[string]heading, line int, texts []string) *header {
	h := &header{line: line, texts: texts}
	rank := map[Field]int{}
	at := map[Field]int{}
	for col, text := range texts {
		found, ok := recognise(index, text)
		if !ok {
			continue
		}
		if r, again := rank[found.field]; again && r <= found.rank {
			continue
		}
		rank[found.field], at[found.field] = found.rank, col
	}
	for _, known := range headings {
		if col, ok := at[known.field]; ok {
			h.bound = append(h.bound, binding{known.field, col})
		}
	}
	return h
}

// refusal says why a sheet with these headings is no roster.
func (h *header) refusal() error {
	if h == nil || len(h.bound) < 2 && h.col(FieldName) < 0 && h.col(FieldIDNumber) < 0 {
		return refuse("roster.not_a_roster")
	}
	err := fault.New(fault.Invalid, "roster.columns_missing")
	var titles []string
	for _, f := range h.missing() {
		title := title(Field(f))
		titles = append(titles, title)
		err = err.With(f, "roster.column_missing", "column", title)
	}
	err.Args = fault.Args{"columns": strings.Join(titles, " + ")}
	return err
}
