package web_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/web"
)

func fields(b []byte) (map[string]string, bool) {
	got := map[string]string{}
	ok := web.Fields(b, func(name, value []byte) bool {
		_, twice := got[string(name)]
		got[string(name)] = string(value)
		return !twice
	})
	return got, ok
}

func TestFields(t *testing.T) {
	for _, x := range []struct {
		text string
		want map[string]string // nil: left to encoding/json
	}{
		{`{"a":"b"}`, map[string]string{"a": "b"}},
		{" { \"a\" : \"b c\" , \"d\":\"\" } \n", map[string]string{"a": "b c", "d": ""}},
		{`{}`, nil},
		{``, nil},
		{`{`, nil},
		{`"a"`, nil},
		{`{"a"}`, nil},
		{`{"a":}`, nil},
		{`{"a":"b",}`, nil},
		{`{,"a":"b"}`, nil},
		{`{"a":"b" "c":"d"}`, nil},
		{`{"a":"b","a":"c"}`, nil},
		{`{"a":1}`, nil},
		{`{"a":null}`, nil},
		{`{"a":{"b":"c"}}`, nil},
		{`{"a":"\\n"}`, nil},
		{`{"a":" b"}`, nil},
		{`{"a":"b "}`, nil},
		{`{"a":"中"}`, nil},
		{"{\"a\":\"\x00\"}", nil},
		{`{"a":"b"}{"a":"b"}`, nil},
		{`{"a":"b"}x`, nil},
	} {
		got, ok := fields([]byte(x.text))
		if ok != (x.want != nil) {
			t.Errorf("%s: %v", x.text, ok)
		} else if d := cmp.Diff(x.want, got); ok && d != "" {
			t.Errorf("%s: %s", x.text, d)
		}
	}
}

// FuzzFields holds the short reading against encoding/json: what it takes, both read alike.
func FuzzFields(f *testing.F) {
	f.Add([]byte(`{"gate":"plc_1","direction":"in","text":"BW1:6BF"}`))
	f.Add([]byte(` {"a" : "", "b": "c d"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, ok := fields(b)
		if !ok {
			return
		}
		var want map[string]string
		if err := json.Unmarshal(b, &want); err != nil {
			t.Fatalf("%q: %v", b, err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("%q: %s", b, d)
		}
	})
}
