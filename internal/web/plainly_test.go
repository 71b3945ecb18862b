package web

import (
	"testing"

	"breakwater/internal/fault"
)

// What turns the direction of writing is taken out, signs for a new line become one, and
// what no keyboard sends is refused.
func TestTextIsPlain(t *testing.T) {
	s := slot{name: "reason", max: 100}
	for in, want := range map[string]string{
		"same \u202eperson\u202c, \u2066checked\u2069": "same person, checked",
		"\u202d13800000000\u202c":                      "13800000000",
		"one\r\ntwo\u2028three\u0085four":              "one\ntwo\nthree\nfour",
		"سلام":                                         "سلام",
	} {
		bad := fault.New(fault.Invalid, "fault.fields")
		if got := s.text(in, bad); got != want || bad.OrNil() != nil {
			t.Errorf("%q is read as %q, want %q (%v)", in, got, want, bad.OrNil())
		}
	}
	for _, in := range []string{"a\x00b", "a\x7fb", "a\u0081b", "a\u009fb", "a\xffb"} {
		bad := fault.New(fault.Invalid, "fault.fields")
		if s.text(in, bad); bad.OrNil() == nil {
			t.Errorf("%q is taken", in)
		}
	}
}
