package web

import "testing"

func TestTwice(t *testing.T) {
	for in, want := range map[string]string{
		`{"a":1,"b":{"a":2},"c":[{"a":1},{"a":2}]}`: "",
		`{"a":1,"a":2}`:             "a",
		`{"a":1,"A":2}`:             "A",
		`{"a":"a","b":"a"}`:         "",
		`{"a":{"b":1,"c":[],"b":2}`: "b",
		`[{"a":1,"\u0061":2}]`:      "a",
		`{"sink":1,"sinK":2}`:       "sinK", // the Kelvin sign, as encoding/json folds it
		`{"a":["a","a"],"b":1}`:     "",
		`"a"`:                       "",
		`{"a":1,`:                   "",
		``:                          "",
	} {
		if got := twice([]byte(in)); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}
