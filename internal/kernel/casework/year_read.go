package casework

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/BurntSushi/toml"

	"breakwater/internal/fault"
)

const (
	// YearMost is the largest file of a year, in bytes.
	YearMost = 16 << 10
	rowsMost = 400 // its lines: a year has no more days
)

// ParseYear reads a year's file, which may be written in three ways:
//
//   - CSV in UTF-8 with the headings kind, from, to, en, zh (or 类型, 开始, 结束, 英文名, 中文名).
//     A line's kind is holiday (放假), work (上班) for weekend days that are worked,
//     or source (依据), whose notice stands in the last column;
//   - JSON: {"year": 2027, "source": "…", "holidays": [{"name": {"en": "…", "zh-Hans": "…"}, "from": "2027-01-01", "to": "…"}], "work": ["…"]};
//   - TOML with the same words, [[holiday]] for one holiday.
//
// Days are written 2027-02-06; to may be left out for a single day.
//
// Faults: Invalid "casework.calendar" naming each thing wrong in the field "text",
// with its line where the format tells it.
func ParseYear(text []byte) (Year, error) {
	bad := fault.New(fault.Invalid, "casework.calendar")
	if len(text) > YearMost {
		return Year{}, bad.With("text", "fault.too_long", "max", YearMost)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if !utf8.Valid(text) {
		return Year{}, bad.With("text", "casework.calendar_utf8")
	}
	var d draft
	switch head, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n"); {
	case strings.HasPrefix(head, "{"):
		d = draftJSON(text, bad)
	case !strings.Contains(head, "=") && strings.ContainsAny(head, ",，\t;"):
		d = draftCSV(text, bad)
	default:
		d = draftTOML(text, bad)
	}
	if len(d.rows) == 0 && len(bad.Fields) > 0 { // nothing could be read
		return Year{}, bad
	}
	y := d.believe(bad)
	if err := bad.OrNil(); err != nil {
		return Year{}, err
	}
	return y, nil
}

// lineOf is the line on which a word is written first, 0 for none.
func lineOf(text []byte, word string) int {
	at := bytes.Index(text, []byte(word))
	if at < 0 || word == "" {
		return 0
	}
	return 1 + bytes.Count(text[:at], []byte("\n"))
}

func draftTOML(text []byte, bad *fault.Error) draft {
	var in struct {
		Year    int      `toml:"year"`
		Source  string   `toml:"source"`
		Work    []string `toml:"work"`
		Holiday []struct {
			Name map[string]string `toml:"name"`
			From string            `toml:"from"`
			To   string            `toml:"to"`
		} `toml:"holiday"`
	}
	meta, err := toml.Decode(string(text), &in)
	if err != nil {
		line := 0
		var at toml.ParseError
		if errors.As(err, &at) {
			line = at.Position.Line
		}
		bad.With("text", "casework.calendar_toml", "line", line)
		return draft{}
	}
	for _, k := range meta.Undecoded() {
		bad.With("text", "casework.calendar_word", "line", lineOf(text, k[len(k)-1]), "word", k.String())
	}
	d := draft{year: strconv.Itoa(in.Year), source: in.Source}
	for _, h := range in.Holiday {
		d.rows = append(d.rows, draftRow{line: lineOf(text, h.From), from: h.From, to: h.To, name: h.Name})
	}
	for _, w := range in.Work {
		d.rows = append(d.rows, draftRow{line: lineOf(text, w), work: true, from: w})
	}
	return d
}

func draftJSON(text []byte, bad *fault.Error) draft {
	var in struct {
		Year     int      `json:"year"`
		Source   string   `json:"source"`
		Work     []string `json:"work"`
		Holidays []struct {
			Name map[string]string `json:"name"`
			From string            `json:"from"`
			To   string            `json:"to"`
		} `json:"holidays"`
	}
	read := json.NewDecoder(bytes.NewReader(text))
	read.DisallowUnknownFields()
	if err := read.Decode(&in); err != nil {
		at := read.InputOffset()
		var syntax *json.SyntaxError
		var kind *json.UnmarshalTypeError
		switch {
		case errors.As(err, &syntax):
			at = syntax.Offset
		case errors.As(err, &kind):
			at = kind.Offset
		}
		line := 1 + bytes.Count(text[:min(at, int64(len(text)))], []byte("\n"))
		if _, word, unknown := strings.Cut(err.Error(), "unknown field "); unknown {
			word = strings.Trim(word, `"`)
			bad.With("text", "casework.calendar_word", "line", lineOf(text, word), "word", word)
		} else {
			bad.With("text", "casework.calendar_json", "line", line)
		}
		return draft{}
	}
	d := draft{year: strconv.Itoa(in.Year), source: in.Source}
	for _, h := range in.Holidays {
		d.rows = append(d.rows, draftRow{line: lineOf(text, h.From), from: h.From, to: h.To, name: h.Name})
	}
	for _, w := range in.Work {
		d.rows = append(d.rows, draftRow{line: lineOf(text, w), work: true, from: w})
	}
	return d
}

// csvWords are the headings and kinds of a CSV file, each with its Chinese.
var csvWords = [...][]string{{"kind", "类型"}, {"from", "开始"}, {"to", "结束"}, {"en", "英文名"}, {"zh", "中文名"}}

func draftCSV(text []byte, bad *fault.Error) (d draft) {
	rows := csv.NewReader(bytes.NewReader(text))
	rows.FieldsPerRecord = -1
	rows.TrimLeadingSpace = true
	head, err := rows.Read()
	at := [len(csvWords)]int{}
	for k, words := range csvWords {
		at[k] = slices.IndexFunc(head, func(h string) bool { return slices.Contains(words, strings.ToLower(strings.TrimSpace(h))) })
	}
	if err != nil || slices.Contains(at[:], -1) {
		bad.With("text", "casework.calendar_csv", "line", 1)
		return d
	}
	for n := 0; ; n++ {
		cells, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return d
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) || n == rowsMost {
			line := n + 2
			if broken != nil {
				line = broken.StartLine
			}
			bad.With("text", "casework.calendar_csv", "line", line)
			return d
		}
		line, _ := rows.FieldPos(0)
		cell := func(k int) string {
			if at[k] >= len(cells) {
				return ""
			}
			return strings.TrimSpace(cells[at[k]])
		}
		row := draftRow{line: line, from: cell(1), to: cell(2), name: map[string]string{english: cell(3), chinese: cell(4)}}
		switch strings.ToLower(cell(0)) {
		case "source", "依据":
			d.source = cell(4)
		case "holiday", "放假", "休":
			d.rows = append(d.rows, row)
		case "work", "上班", "班":
			row.work = true
			d.rows = append(d.rows, row)
		case "":
			if strings.Join(cells, "") != "" {
				bad.With("text", "casework.calendar_kind", "line", line, "word", cell(0))
			}
		default:
			bad.With("text", "casework.calendar_kind", "line", line, "word", cell(0))
		}
	}
}

// CSV is the year as ParseYear reads it: a pattern for the next.
func (y Year) CSV() []byte {
	var b bytes.Buffer
	b.WriteString("\ufeff") // Excel takes the file for UTF-8 by it
	w := csv.NewWriter(&b)
	lines := [][]string{{"kind", "from", "to", "en", "zh"}, {"source", "", "", "", y.Source}}
	for _, h := range y.Holidays {
		lines = append(lines, []string{"holiday", h.From.String(), h.To.String(), h.Name[english], h.Name[chinese]})
	}
	for _, d := range y.Work {
		lines = append(lines, []string{"work", d.String(), d.String(), "", ""})
	}
	_ = w.WriteAll(lines) // memory takes it all
	return b.Bytes()
}
