package rule

import (
	"maps"
	"regexp"
	"strings"

	"breakwater/internal/fault"
)

// lines is where each part of a pack file stands, by the names that faults give
// them: "rule.masks.reason.en" → 212. The file was read by a real parser before;
// this only has to find its way about in it.
type lines map[string]int

// Locate says in every field of a fault about a pack file on which line it is to be
// mended, as Load does for its own.
func Locate(data []byte, wrong *fault.Error) { findLines(string(data)).mark(wrong) }

// mark says of every field of a fault on which line it is to be mended: the line
// of the part itself, or of the nearest part around it that is there.
func (l lines) mark(wrong *fault.Error) {
	for i, f := range wrong.Fields {
		args := fault.Args{"line": l.of(f.Name)}
		maps.Copy(args, f.Args)
		wrong.Fields[i].Args = args
	}
}

func (l lines) of(name string) int {
	for {
		if n, ok := l[name]; ok {
			return n
		}
		at := strings.LastIndexByte(name, '.')
		if at < 0 {
			return 1
		}
		name = name[:at]
	}
}

func findLines(text string) lines {
	head := regexp.MustCompile(`^\s*\[\[?\s*([A-Za-z0-9_.-]+)\s*\]?\]`)
	entry := regexp.MustCompile(`^\s*([A-Za-z0-9_.-]+)\s*=\s*(?:"([^"]*)")?`)
	option := regexp.MustCompile(`value\s*=\s*"([^"]*)"`)

	out := lines{}
	put := func(name string, n int) {
		if _, ok := out[name]; !ok {
			out[name] = n
		}
	}
	item, table, name := "", "", "" // [[rule]], the table inside it, and its id once that was read
	var waiting map[string]int      // parts of an item whose id is still to come
	within := func(part string, n int) {
		put(item+"."+part, n) // as an unknown key is named
		switch {
		case name != "":
			put(item+"."+name+"."+part, n)
		case waiting != nil:
			waiting[part] = n
		}
	}
	quote := "" // the closing quotes of a text over several lines
	for i, line := range strings.Split(text, "\n") {
		n := i + 1
		if quote != "" {
			if strings.Contains(line, quote) {
				quote = ""
			}
			continue
		}
		for _, q := range []string{`"""`, "'''"} {
			if strings.Count(line, q)%2 == 1 {
				quote = q
			}
		}
		if m := head.FindStringSubmatch(line); m != nil {
			switch {
			case m[1] == "rule" || m[1] == "fact":
				item, table, name, waiting = m[1], "", "", map[string]int{"": n}
				put(item, n)
			case item != "" && strings.HasPrefix(m[1], item+"."):
				table = strings.TrimPrefix(m[1], item+".") + "."
				within(strings.TrimSuffix(table, "."), n)
			default:
				item, table = "", m[1]+"."
				put(m[1], n)
			}
			continue
		}
		if m := option.FindStringSubmatch(line); m != nil && item == "fact" && table == "" {
			within("options."+m[1], n)
		}
		m := entry.FindStringSubmatch(line)
		switch {
		case m == nil:
		case item == "":
			put(table+m[1], n)
		default:
			within(table+m[1], n)
			if table == "" && name == "" && (m[1] == "id" && item == "rule" || m[1] == "name" && item == "fact") {
				name = m[2]
				for part, at := range waiting {
					put(strings.TrimSuffix(item+"."+name+"."+part, "."), at)
				}
			}
		}
	}
	return out
}
