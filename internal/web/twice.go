package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"unicode"

	"breakwater/internal/fault"
)

// once refuses a request that says twice who asks or under which key: whoever reads
// the first would act for another than who reads the second. The lane leaves such a
// request to this.
func (s *Site) once(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, name := range [...]string{"Authorization", keyHeader} {
			if len(r.Header[name]) > 1 {
				s.answer(w, r, fault.New(fault.Malformed, "fault.header_twice", "name", name))
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// twice finds a name that an object of a JSON text has twice, in whichever case: the
// reader takes the last, and a program before it may have judged the first. "" for none,
// and for a text that is no JSON.
func twice(text []byte) string {
	type level struct {
		names map[string]bool // nil in a list
		value bool            // what comes next is a value, not a name
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var open []level
	for {
		token, err := d.Token()
		if err != nil {
			return ""
		}
		end, _ := token.(json.Delim)
		if n := len(open); n > 0 && open[n-1].names != nil && end != '}' {
			at := &open[n-1]
			if name, is := token.(string); is && !at.value {
				folded := strings.Map(fold, name)
				if at.names[folded] {
					return name
				}
				at.names[folded], at.value = true, true
				continue
			}
			at.value = false
		}
		switch end {
		case '{':
			open = append(open, level{names: map[string]bool{}})
		case '[':
			open = append(open, level{})
		case '}', ']':
			open = open[:len(open)-1]
		}
	}
}

// fold is one of all the cases of a letter, as encoding/json finds a field by any.
func fold(r rune) rune {
	least := r
	for x := unicode.SimpleFold(r); x != r; x = unicode.SimpleFold(x) {
		least = min(least, x)
	}
	return least
}
