package web

import (
	"bytes"
	"encoding/json"
	"html"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"

	"breakwater/internal/fault"
	"breakwater/internal/i18n"
)

// A crowd that was refused together must not come back together: each is told
// another number of seconds.
const (
	againFrom = 2
	againTo   = 9
)

// busy is every answer to who is not let in, written once at the start. It is a
// page without a single other file: each would be another request.
type busy struct {
	byLang map[i18n.Lang]*busyTexts
}

type busyTexts struct {
	page    [againTo + 1]answerBytes // to a GET: it loads itself again
	kept    answerBytes              // to a command: it was not carried out
	part    answerBytes              // the same beside a form of ours, by htmx
	nothing answerBytes              // to htmx that only looks again
	problem [2]answerBytes           // to a program: reads, writes
}

// answerBytes are the body and its length as a header has it.
type answerBytes struct {
	body   []byte
	length []string
}

func whole(body string) answerBytes {
	return answerBytes{[]byte(body), []string{strconv.Itoa(len(body))}}
}

// The headers, as the values that are put into the map: nothing is made per answer.
var (
	busyKind    = []string{"text/html; charset=utf-8"}
	busyProblem = []string{"application/problem+json; charset=utf-8"}
	busyStore   = []string{"no-store"}
	busyPolicy  = []string{"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}
	busySniff   = []string{"nosniff"}
	busyVary    = []string{changesWith}
	busyNoSwap  = []string{"none"}
	busyAgain   = []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}
)

func newBusy(texts *i18n.Bundle) busy {
	b := busy{byLang: map[i18n.Lang]*busyTexts{}}
	for _, lang := range i18n.Langs() {
		p := texts.Printer(lang)
		t := &busyTexts{nothing: whole("")}
		for n := range t.page {
			t.page[n] = whole(busyPage(p, `<meta http-equiv="refresh" content="`+strconv.Itoa(n)+`">`, p.T("web.busy_read"), p.T("web.retries_itself", "n", n)))
		}
		t.kept = whole(busyPage(p, "", p.T("web.busy_write"), p.T("web.busy_send_again")))
		t.part = whole(`<div class="notice wait" role="alert" data-refused><p><b>` + html.EscapeString(p.T("web.busy_write")) + `</b></p><p>` + html.EscapeString(p.T("web.refused_busy_todo")) + `</p></div>`)
		for i, code := range [...]string{"web.busy_read", "web.busy_write"} {
			var out bytes.Buffer
			_ = json.NewEncoder(&out).Encode(NewProblem(p, fault.New(fault.Busy, code), "none")) // texts only
			t.problem[i] = whole(out.String())
		}
		b.byLang[lang] = t
	}
	return b
}

func busyPage(p *i18n.Printer, head, text, next string) string {
	title := html.EscapeString(p.T("web.kind_busy"))
	return `<!DOCTYPE html><html lang="` + string(p.Lang()) + `"><head><meta charset="utf-8">` +
		`<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">` + head +
		`<title>` + title + `</title></head><body><main><h1>` + title + `</h1><p>` + html.EscapeString(text) + `</p><p>` + html.EscapeString(next) +
		`</p></main></body></html>`
}

// answer refuses a request. Nothing of it has been looked at but its first lines,
// so that a command was surely not carried out, and is told so.
func (b *busy) answer(w http.ResponseWriter, r *http.Request) {
	again := againFrom + rand.IntN(againTo-againFrom+1)
	h := w.Header()
	h["Retry-After"] = busyAgain[again : again+1 : again+1]
	h["Cache-Control"] = busyStore
	h["X-Content-Type-Options"] = busySniff
	h["Content-Security-Policy"] = busyPolicy
	h["Vary"] = busyVary
	h["Content-Type"] = busyKind
	t, writes := b.byLang[quickLanguage(r)], !safe(r.Method)
	var out *answerBytes
	switch {
	case WantsJSON(r):
		h["Content-Type"] = busyProblem
		out = &t.problem[0]
		if writes {
			out = &t.problem[1]
		}
	case Fragment(r) && writes:
		h["Hx-Reswap"] = busyNoSwap // a script puts it beside the form, which keeps what was typed
		out = &t.part
	case Fragment(r):
		h["Hx-Reswap"] = busyNoSwap // what is on the screen stays, and asks again
		out = &t.nothing
	case writes:
		out = &t.kept
	default:
		out = &t.page[again]
	}
	h["Content-Length"] = out.length
	w.WriteHeader(http.StatusServiceUnavailable)
	if r.Method != http.MethodHead {
		_, _ = w.Write(out.body) // the caller has gone, if anything
	}
}

// quick appends the refusal of a request on the lane, with all its headers.
func (b *busy) quick(dst []byte, q *QuickAnswer, date string) []byte {
	again := againFrom + rand.IntN(againTo-againFrom+1)
	t := b.byLang[q.Say.Lang()]
	out, kind := &t.problem[0], busyProblem[0]
	switch {
	case q.Page:
		out, kind = &t.page[again], busyKind[0]
	case q.Sent != nil:
		out = &t.problem[1]
	}
	dst = append(append(dst, "HTTP/1.1 503 Service Unavailable\r\nCache-Control: no-store\r\nContent-Security-Policy: "...), busyPolicy[0]...)
	dst = append(append(dst, "\r\nContent-Type: "...), kind...)
	dst = append(append(dst, "\r\nVary: "...), busyVary[0]...)
	dst = append(append(dst, "\r\nX-Content-Type-Options: nosniff\r\nRetry-After: "...), busyAgain[again]...)
	dst = append(append(dst, "\r\nDate: "...), date...)
	dst = append(append(dst, "\r\nContent-Length: "...), out.length[0]...)
	return append(append(dst, "\r\n\r\n"...), out.body...)
}

// quickLanguage is Language without parsing the cookies.
func quickLanguage(r *http.Request) i18n.Lang {
	if c := r.Header.Get("Cookie"); c != "" {
		for _, l := range i18n.Langs() {
			if i := strings.Index(c, "lang="+string(l)); i >= 0 && (i == 0 || c[i-1] == ' ') {
				return l
			}
		}
	}
	return i18n.Match(r.Header.Get("Accept-Language"))
}
