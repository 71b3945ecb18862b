package workresumeweb

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"breakwater/internal/service/workresume"
)

// openFirm is one firm as the open data has it.
type openFirm struct {
	Name        string           `json:"name"`
	CreditCode  string           `json:"credit_code"`
	Class       workresume.Class `json:"class"`
	Standing    bool             `json:"standing"` // whether this certificate holds now
	Certificate string           `json:"certificate"`
	Issued      time.Time        `json:"issued"`
	Until       time.Time        `json:"until"`
	Ended       time.Time        `json:"ended,omitzero"`
}

func openFirmOf(f workresume.Public, standing bool) openFirm {
	c := f.Certificate
	return openFirm{f.Name, f.CreditCode, f.Class, standing, c.Code, c.Issued, c.Until, c.Ended}
}

// openFresh is how long a copy of the open data may be kept on the way.
const openFresh = "public, max-age=30"

// eachOpen visits every firm on the public list, a chunk at a time.
func (p *pages) eachOpen(r *http.Request, do func(workresume.Public) error) error {
	for after := ""; ; {
		list, next, err := p.Open(r.Context(), after, openChunk)
		if err != nil {
			return err
		}
		for _, f := range list {
			if err := do(f); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		after = next
	}
}

// listCSV is the whole list as a table that spreadsheets open without running
// anything in it.
func (p *pages) listCSV(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", openFresh)
	w.Header().Set("Access-Control-Allow-Origin", "*")
	t, err := openTable(w, "resumption.csv")
	if err != nil {
		return err
	}
	if err := t.line("name", "credit_code", "class", "certificate", "issued", "until"); err != nil {
		return err
	}
	err = p.eachOpen(r, func(f workresume.Public) error {
		c := f.Certificate
		return t.line(f.Name, f.CreditCode, string(f.Class), c.Code, c.Issued.Format(time.RFC3339), c.Until.Format(time.RFC3339))
	})
	if err != nil {
		return err
	}
	return t.end()
}

// listJSON is the whole list, streamed: {"as_of": …, "firms": […]}.
func (p *pages) listJSON(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", openFresh)
	h.Set("Access-Control-Allow-Origin", "*")
	b := bufio.NewWriterSize(w, 64<<10)
	asOf, err := json.Marshal(p.Now())
	if err != nil {
		return err
	}
	_, _ = b.WriteString(`{"as_of":` + string(asOf) + `,"firms":[`) // a bufio.Writer keeps its first error for Flush
	comma := ""
	err = p.eachOpen(r, func(f workresume.Public) error {
		one, err := json.Marshal(openFirmOf(f, true))
		if err != nil {
			return err
		}
		_, err = b.WriteString(comma + "\n" + string(one))
		comma = ","
		return err
	})
	if err != nil {
		return err
	}
	_, _ = b.WriteString("\n]}\n")
	return b.Flush()
}

// table writes a CSV with a byte order mark, by which Excel knows that it is UTF-8.
type table struct{ w *csv.Writer }

func openTable(w http.ResponseWriter, name string) (table, error) {
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, err := io.WriteString(w, "\ufeff")
	return table{csv.NewWriter(w)}, err
}

func (t table) line(cells ...string) error {
	for i, c := range cells {
		cells[i] = harmless(c)
	}
	return t.w.Write(cells)
}

func (t table) end() error {
	t.w.Flush()
	return t.w.Error()
}

// harmless keeps a cell from being taken for a formula: by the signs that begin one,
// in the width of a Chinese keyboard too, behind whatever blanks a program skips.
func harmless(s string) string {
	first, _ := utf8.DecodeRuneInString(s)
	begins, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\ufeff' }))
	if unicode.IsControl(first) || strings.ContainsRune("=+-@＝＋－＠", begins) {
		return "'" + s
	}
	return s
}
