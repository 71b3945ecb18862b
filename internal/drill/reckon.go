package drill

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"
)

// reckoned is a published draw done again.
type reckoned struct {
	Entries []string // all that were in the frozen list
	Places  int      // winners that there are places for
	Drawn   int      // winners and reserve, as the file has them
	Agree   int      // of them, drawn here in the same place
	Same    bool     // all of them, and the list has the hash and the witnesses' values their commitments
}

type pot struct {
	entries, drawn  []string
	places, reserve int
}

// reckon does a draw again from its file, for draws by witnesses. It is written from
// docs/draws.md and shares no line with package draw: a mistake there must not vouch for
// itself. It is slow and plain where that is fast: large numbers, and a list from which
// what is drawn is taken out.
func reckon(r io.Reader) (out reckoned, err error) {
	in := bufio.NewScanner(r)
	in.Buffer(nil, 1<<20)
	frozen, pots := sha256.New(), []pot(nil)
	var id, list string
	var names, commitments []string
	var values [][]byte
	ended, drawing := false, -1
	for in.Scan() {
		line := in.Text()
		if !ended {
			frozen.Write([]byte(line + "\n"))
		}
		word, rest, named := strings.Cut(line, ": ")
		switch {
		case named && word == "id":
			id = rest
		case named && word == "witness":
			sum, name, _ := strings.Cut(rest, " ")
			commitments, names = append(commitments, sum), append(names, name)
		case named && word == "pot":
			var n, places, reserve int
			if _, err := fmt.Sscan(rest, &n, &places, &reserve); err != nil {
				return out, fmt.Errorf("a pot's line %q: %w", line, err)
			}
			pots = append(pots, pot{places: places, reserve: reserve})
		case line == "end":
			ended = true
		case named && word == "list":
			list = rest
		case named && word == "value":
			v, err := hex.DecodeString(rest)
			if err != nil {
				return out, err
			}
			values = append(values, v)
		case named && word == "drawn":
			drawing++
		case named, strings.HasPrefix(line, "breakwater draw "), line == "done":
		case drawing >= 0 && drawing < len(pots):
			pots[drawing].drawn = append(pots[drawing].drawn, line)
		case !ended && len(pots) > 0:
			p := &pots[len(pots)-1]
			p.entries = append(p.entries, line)
		default:
			return out, fmt.Errorf("a line out of place: %q", line)
		}
	}
	if err := in.Err(); err != nil {
		return out, err
	}
	if len(pots) == 0 || len(values) == 0 {
		return out, errors.New("no draw by witnesses")
	}
	hash := frozen.Sum(nil)
	sound := hex.EncodeToString(hash) == list && len(values) == len(names)
	for i := range min(len(values), len(names)) {
		sum := sha256.Sum256([]byte("breakwater witness 1\n" + id + "\n" + names[i] + "\n" + string(values[i])))
		sound = sound && hex.EncodeToString(sum[:]) == commitments[i]
	}
	for n, p := range pots {
		key := hex.EncodeToString(hash) + "./"
		for _, v := range values {
			key += hex.EncodeToString(v) + "./"
		}
		key += strconv.Itoa(n+1) + "./"
		left := newLeft(p.entries)
		out.Entries = append(out.Entries, p.entries...)
		out.Places += min(p.places, len(p.entries))
		for i := range min(p.places+p.reserve, len(p.entries)) {
			got := left.take(pick(key, i, len(p.entries)-i))
			if i < len(p.drawn) && p.drawn[i] == got {
				out.Agree++
			}
		}
		out.Drawn += len(p.drawn)
		sound = sound && len(p.drawn) == min(p.places+p.reserve, len(p.entries))
	}
	out.Same = sound && out.Agree == out.Drawn
	return out, nil
}

// pick is which of so many that are left the i-th pick takes.
func pick(key string, i, left int) int {
	number := string(binary.BigEndian.AppendUint64(nil, uint64(i)))
	sum := sha256.Sum256([]byte(number + key + number))
	rest := new(big.Int).Mod(new(big.Int).SetBytes(sum[:]), big.NewInt(int64(left)))
	return int(rest.Int64())
}

// left are entries in rows of some hundreds: an entry is found by passing rows, and taken
// out of one.
type left struct{ rows [][]string }

func newLeft(entries []string) *left {
	const row = 512
	l := &left{}
	for len(entries) > 0 {
		n := min(row, len(entries))
		l.rows = append(l.rows, append([]string(nil), entries[:n]...))
		entries = entries[n:]
	}
	return l
}

func (l *left) take(k int) string {
	for i, row := range l.rows {
		if k < len(row) {
			got := row[k]
			l.rows[i] = append(row[:k], row[k+1:]...)
			return got
		}
		k -= len(row)
	}
	return ""
}
