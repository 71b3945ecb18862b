package rule

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"breakwater/internal/fault"
	"github.com/BurntSushi/toml"
)

// bombs are files of a few kilobytes that would keep a TOML reader busy for minutes.
func bombs() map[string]string {
	return map[string]string{
		"rule.shape_parts":   "x = 1\n" + strings.Repeat("a.", 6000) + "a = 1",
		"rule.shape_nesting": "x = 1\na = {" + strings.Repeat("b = {", 3000),
		"rule.shape_key":     "x = 1\n[" + strings.Repeat("k", maxKey+2) + "]",
		"rule.shape_lines":   strings.Repeat("\n", maxLines+1),
		"rule.shape_entries": "x = 1\na = {" + strings.Repeat("b=1,", maxEntries+1),
	}
}

func TestShapeRefuses(t *testing.T) {
	for code, text := range bombs() {
		e := fault.As(shape(text))
		want := 2
		if code == "rule.shape_lines" {
			want = maxLines + 1
		}
		if e == nil || e.Kind != fault.Malformed || e.Code != code || e.Args["line"] != want {
			t.Errorf("%s: %v %v", code, e, e.Args)
		}
		if _, err := Load([]byte(text)); !fault.Is(err, code) {
			t.Errorf("%s: it reached the reader: %v", code, err)
		}
	}
	for _, text := range []string{ // what ends a text or a comment must not hide what follows
		"a = \"\\\"\"\n", "a = '\\'\n", "a = \"\"\n", "a = \"\"\"\"\"\"\n", "a = \"\"\"x\"\"\"\"\"\n", "a = '''it's\n''''\n",
		"# \"\n", "a = 1 # '''\n", "a = \"\"\"\\\"\"\"\"\n", "a = \"#\"\n", "\"a]\" = 1\n", "[a.\"]\"]\n", "a = [ # ]\n]\n", "a = \"open\n",
	} {
		if err := shape(text + strings.Repeat("a.", 9) + "a = 1"); !fault.Is(err, "rule.shape_parts") {
			t.Errorf("%q hides a key: %v", text, err)
		}
		if err := shape(text + "z = " + strings.Repeat("[", 17)); !fault.Is(err, "rule.shape_nesting") {
			t.Errorf("%q hides brackets: %v", text, err)
		}
	}
}

func TestShapeLetsPass(t *testing.T) {
	dots, open := strings.Repeat("a.", 50), strings.Repeat("[{", 50)
	for _, text := range []string{
		"", "# " + dots + open, "a = \"" + dots + open + "\"", "a = '" + dots + open + "'",
		"a = \"\"\"\n" + dots + "\"\n" + open + "\"\"\"", "a = '''" + dots + "''\n" + open + "'''", "a = \"\\\"" + dots + "\"",
		"a.b.c.d.e.f.g.h = 1", "[[a.b]]\nc = [[1.5, 2.5], [2020-02-17T00:00:00.5+08:00]]", "a = \"" + strings.Repeat("long ", 400) + "\"",
		"a = [\n" + strings.Repeat("\"x\", \n", 900) + "]",
	} {
		if err := shape(text); err != nil {
			t.Errorf("%.60q: %v", text, err)
		}
		var any map[string]any
		if _, err := toml.Decode(text, &any); err != nil {
			t.Errorf("%.60q is no TOML: %v", text, err)
		}
	}
}

// Of a file full of mistakes the first hundred are listed.
func TestMistakesAreCapped(t *testing.T) {
	var text strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&text, "c%d = 1\n", i)
	}
	_, err := Load([]byte(text.String()))
	if e := fault.As(err); !fault.Is(err, "rule.pack") || len(e.Fields) != maxMistakes || e.Fields[99].Args["line"] != 100 {
		t.Errorf("%d mistakes", len(e.Fields))
	}
}

// FuzzShape holds the walk against the reader: what it lets pass and the reader
// takes has no key of more parts, and nothing that it saw as text was any other.
func FuzzShape(f *testing.F) {
	for _, text := range bombs() {
		f.Add(text)
	}
	f.Add(pack(fact("n", "int", ""), rule("r", `require = "n > 0"`, "return", "")))
	f.Add("a = \"\"\"x\"\"\"\"\"\n'b.c'.d = [[1], {e = '''\n'''}]")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > MaxPack {
			return
		}
		if err := shape(text); err != nil {
			if fault.KindOf(err) != fault.Malformed {
				t.Fatal(err)
			}
			return
		}
		var any map[string]any
		meta, err := toml.Decode(text, &any)
		if refused := (toml.ParseError{}); errors.As(err, &refused) {
			return
		}
		for _, k := range meta.Keys() { // each level adds one key at most
			if len(k) > maxParts*(maxNesting+2) {
				t.Fatalf("a key of %d parts", len(k))
			}
		}
	})
}
