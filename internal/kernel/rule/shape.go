package rule

import (
	"strings"

	"breakwater/internal/fault"
)

// Bounds on how a pack file is written, held before a TOML reader sees it: a
// reader's work grows with the square of a key's parts and with every level of
// nesting, so that a file of a few kilobytes could keep it busy for minutes.
const (
	maxLines    = 10_000 // of a file; the largest pack in use has a few hundred
	maxEntries  = 10_000 // keys with a value, however they are put on lines
	maxKey      = 256    // bytes of a key with all its parts, or of a table's heading
	maxParts    = 8      // of a dotted key
	maxNesting  = 16     // brackets and braces open at once
	maxMistakes = 100    // mistakes listed of one file: nobody mends more at a time
)

// shape refuses a file that is nested or dotted beyond sense. It walks the text
// once, knows texts and comments from what counts, and leaves all else to the
// reader: where a file is no TOML the reader stops at that place, too, and so
// never gets beyond what was walked as it would read it.
//
// Faults: Malformed "rule.shape_…", the line in the argument "line".
func shape(text string) error {
	line, entries, nesting, dots, from := 1, 0, 0, 0, 0
	heading := false // within [table] or [[table]]
	refuse := func(code string, limit int) error {
		return fault.New(fault.Malformed, code, "line", line, "limit", limit)
	}
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '#':
			if end := strings.IndexByte(text[i:], '\n'); end >= 0 {
				i += end - 1 // the line's end is read next
			} else {
				i = len(text)
			}
			continue
		case '"', '\'':
			end := quoted(text, i)
			line += strings.Count(text[i:end], "\n")
			i = end - 1
		case '.':
			dots++
		case '\n':
			line++
			heading, dots, from = false, 0, i+1
		case '[', '{':
			heading = heading || nesting == 0 && strings.Trim(text[from:i], " \t\r") == ""
			nesting++
			dots, from = 0, i+1
		case ']', '}':
			if heading && i-from > maxKey {
				return refuse("rule.shape_key", maxKey)
			}
			nesting = max(nesting-1, 0)
			dots, from = 0, i+1
		case '=':
			if i-from > maxKey {
				return refuse("rule.shape_key", maxKey)
			}
			entries++
			dots, from = 0, i+1
		case ',':
			dots, from = 0, i+1
		}
		switch {
		case line > maxLines:
			return refuse("rule.shape_lines", maxLines)
		case entries > maxEntries:
			return refuse("rule.shape_entries", maxEntries)
		case dots >= maxParts:
			return refuse("rule.shape_parts", maxParts)
		case nesting > maxNesting:
			return refuse("rule.shape_nesting", maxNesting)
		}
	}
	return nil
}

// quoted is where the text that opens at from ends: behind its closing quotes, at
// the end of the line for a text of one line that is not closed, else at the end.
func quoted(text string, from int) int {
	quote := text[from]
	long := strings.HasPrefix(text[from:], strings.Repeat(string(quote), 3))
	i := from + 1
	if long {
		i = from + 3
	}
	for ; i < len(text); i++ {
		switch {
		case text[i] == '\\' && quote == '"':
			i++
		case text[i] == '\n' && !long:
			return i
		case text[i] == quote && !long:
			return i + 1
		case text[i] == quote:
			run := 1
			for i+run < len(text) && run < 5 && text[i+run] == quote {
				run++
			}
			if run >= 3 { // up to two more belong to the text
				return i + run
			}
			i += run - 1
		}
	}
	return len(text)
}
