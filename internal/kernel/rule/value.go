package rule

import (
	"math"
	"time"
	"unicode/utf8"
)

// Bounds on one fact's value; a longer one counts as not given.
const (
	maxValue = 1000 // bytes of a string
	maxItems = 1000 // members of a list
)

// read brings a caller's value into the one Go shape of its type. False for
// nil, for another type, and for what could not be stored or shown. What has the shape
// already is returned as it came: putting it into another interface takes memory.
func (t Type) read(v any) (any, bool) {
	switch t {
	case Bool:
		_, ok := v.(bool)
		return v, ok
	case Int:
		return integer(v)
	case Double:
		if n, ok := integer(v); ok {
			return float64(n.(int64)), true
		}
		f, ok := v.(float64)
		return v, ok && !math.IsNaN(f) && !math.IsInf(f, 0)
	case String:
		s, ok := v.(string)
		return v, ok && len(s) <= maxValue && utf8.ValidString(s)
	case List:
		return list(v)
	case Timestamp:
		if s, ok := v.(string); ok {
			at, err := time.Parse(time.RFC3339, s)
			return at, err == nil
		}
		at, ok := v.(time.Time)
		return at, ok && at.Year() >= 1 && at.Year() <= 9999
	}
	return nil, false
}

func integer(given any) (any, bool) {
	switch v := given.(type) {
	case int64:
		return given, true
	case int:
		return int64(v), true
	case int32:
		return int64(v), true
	case int16:
		return int64(v), true
	case uint8:
		return int64(v), true
	case uint32:
		return int64(v), true
	case float64: // as encoding/json gives; exact below 2^53
		return int64(v), v == math.Trunc(v) && math.Abs(v) < 1<<53
	}
	return nil, false
}

func list(v any) (any, bool) {
	var out []string
	switch v := v.(type) {
	case []string:
		out = append([]string{}, v...)
	case []any:
		out = make([]string, len(v))
		for i := range v {
			s, ok := v[i].(string)
			if !ok {
				return nil, false
			}
			out[i] = s
		}
	default:
		return nil, false
	}
	for _, s := range out {
		if len(s) > maxValue || !utf8.ValidString(s) {
			return nil, false
		}
	}
	return out, len(out) <= maxItems
}
