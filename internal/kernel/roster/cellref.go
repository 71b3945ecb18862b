package roster

// cellType is the attribute t of a cell.
type cellType uint8

const (
	typeNumber cellType = iota
	typeShared
	typeText
	typeBool
	typeError
	typeDate
)

// cellAttrs reads r, t and s of a cell in one walk.
func (s *scanner) cellAttrs() (ref []byte, kind cellType, style int) {
	rest := s.attrs
	for {
		i := skipSpace(rest, 0)
		eq := i
		for eq < len(rest) && rest[eq] != '=' && !isSpace(rest[eq]) {
			eq++
		}
		key := rest[i:eq]
		from := skipSpace(rest, eq)
		if from < len(rest) && rest[from] == '=' {
			from = skipSpace(rest, from+1)
		}
		if from >= len(rest) || rest[from] != '"' && rest[from] != '\'' {
			return ref, kind, style
		}
		end := from + 1
		for end < len(rest) && rest[end] != rest[from] {
			end++
		}
		if end == len(rest) {
			return ref, kind, style
		}
		value := rest[from+1 : end]
		switch string(key) {
		case "r":
			ref = value
		case "s":
			style = number(value)
		case "t":
			kind = typeOf(value)
		}
		rest = rest[end+1:]
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func skipSpace(b []byte, i int) int {
	for i < len(b) && isSpace(b[i]) {
		i++
	}
	return i
}

func typeOf(t []byte) cellType {
	switch string(t) {
	case "s":
		return typeShared
	case "str", "inlineStr":
		return typeText
	case "b":
		return typeBool
	case "e":
		return typeError
	case "d":
		return typeDate
	}
	return typeNumber
}

// number reads a small number of digits; anything else is -1.
func number(b []byte) int {
	if len(b) == 0 || len(b) > 9 {
		return -1
	}
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// column reads the letters of a reference such as AB12; -1 if there is none.
func column(ref []byte) int {
	n := 0
	for i, c := range ref {
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		if c < 'A' || c > 'Z' {
			if i == 0 {
				return -1
			}
			break
		}
		if n = n*26 + int(c-'A') + 1; n > sheetColumnsMax {
			return -1
		}
	}
	return n - 1
}

// letter names a column the way Excel does: 0 is A, 26 is AA.
func letter(col int) string {
	if col < 0 {
		return ""
	}
	name := ""
	for col++; col > 0; col = (col - 1) / 26 {
		name = string(rune('A'+(col-1)%26)) + name
	}
	return name
}
