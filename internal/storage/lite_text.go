package storage

import "strings"

// unnumbered writes "?" for each parameter of a text that numbers them $1, $2,
// $3 in order and names none twice, as nearly all do. The driver looks numbered
// parameters up by name on every run, which is a tenth of a small insert.
// Any other text comes back unchanged.
func unnumbered(text string) string {
	var b strings.Builder
	next := 1
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '\'' || c == '"' || c == '`':
			end := strings.IndexByte(text[i+1:], c)
			if end < 0 {
				return text
			}
			b.WriteString(text[i : i+end+2])
			i += end + 2
		case c == '$':
			n, j := 0, i+1
			for ; j < len(text) && text[j] >= '0' && text[j] <= '9'; j++ {
				n = n*10 + int(text[j]-'0')
			}
			if n != next {
				return text
			}
			next++
			b.WriteByte('?')
			i = j
		case c == '?' || c == ':' || c == '@' || c == '[' || c == ';' || strings.HasPrefix(text[i:], "--") || strings.HasPrefix(text[i:], "/*"):
			return text // rare: other parameters, quoting, scripts, comments
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String()
}
