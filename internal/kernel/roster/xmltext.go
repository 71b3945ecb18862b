package roster

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// unescape appends raw to dst with XML's entities and the _xHHHH_ of Office read.
func unescape(dst, raw []byte) ([]byte, error) {
	for {
		k := special(raw)
		if k < 0 {
			return append(dst, raw...), nil
		}
		dst = append(dst, raw[:k]...)
		raw = raw[k:]
		if raw[0] == '_' {
			if len(raw) >= 7 && raw[1] == 'x' && raw[6] == '_' {
				if v, err := strconv.ParseUint(string(raw[2:6]), 16, 16); err == nil {
					dst = utf8.AppendRune(dst, rune(v))
					raw = raw[7:]
					continue
				}
			}
			dst = append(dst, '_')
			raw = raw[1:]
			continue
		}
		end := bytes.IndexByte(raw, ';')
		if end < 2 || end > 12 {
			return nil, errXML
		}
		r, ok := entity(string(raw[1:end]))
		if !ok {
			return nil, errXML
		}
		dst = utf8.AppendRune(dst, r)
		raw = raw[end+1:]
	}
}

// special finds the next character that may not stand for itself, or -1.
func special(raw []byte) int {
	for i, c := range raw {
		if c == '&' || c == '_' {
			return i
		}
	}
	return -1
}

func entity(name string) (rune, bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if name[0] != '#' {
		return 0, false
	}
	digits, base := name[1:], 10
	if digits != "" && (digits[0] == 'x' || digits[0] == 'X') {
		digits, base = digits[1:], 16
	}
	v, err := strconv.ParseUint(digits, base, 21)
	return rune(v), err == nil && v != 0
}
