package drill

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	"breakwater/internal/kernel/draw"
)

// drawn is a draw of the kernel's: two pots, three witnesses.
func drawn(t *testing.T) string {
	t.Helper()
	list := &draw.List{ID: "drw_test", Title: "演练", Frozen: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)}
	var secrets [][]byte
	for i := range 3 {
		secret, name := sha256.Sum256(fmt.Appendf(nil, "secret %d", i)), fmt.Sprintf("witness %d", i)
		secrets = append(secrets, secret[:])
		list.Seed.Witnesses = append(list.Seed.Witnesses, draw.Witness{Name: name, Commitment: draw.Commit(list.ID, name, secret[:])})
	}
	for n, name := range []string{"one", "two"} {
		p := draw.Pot{Name: name, Places: 100, Reserve: 7}
		for i := range 2000 {
			p.Entries = append(p.Entries, fmt.Sprintf("e%d-%06d", n, i))
		}
		list.Pots = append(list.Pots, p)
	}
	var text bytes.Buffer
	hash, err := list.Freeze(&text)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := list.Draw(hash, secrets...)
	if err != nil {
		t.Fatal(err)
	}
	text.Reset()
	if err := tr.Write(&text); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// Two programs that share no line say the same of a draw, and whatever is altered in its
// file is found out.
func TestReckon(t *testing.T) {
	text := drawn(t)
	got, err := reckon(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if !got.Same || got.Agree != 214 || got.Places != 200 || len(got.Entries) != 4000 {
		t.Errorf("%d of %d picks agree, %d places, %d entries", got.Agree, got.Drawn, got.Places, len(got.Entries))
	}
	_, winners, _ := strings.Cut(text, "drawn: ")
	lines := strings.Split(winners, "\n")
	for name, altered := range map[string]string{
		"winners exchanged":  strings.Replace(text, lines[1]+"\n"+lines[2]+"\n", lines[2]+"\n"+lines[1]+"\n", 1),
		"an entry renamed":   strings.Replace(text, "e0-000000\n", "e0-00000x\n", 1),
		"a winner left out":  strings.Replace(text, "\n"+lines[107]+"\n", "\n", 1),
		"another's secret":   strings.Replace(text, "value: ", "value: 00", 1),
		"one place more":     strings.Replace(text, " 100 7 one", " 101 7 one", 1),
		"a witness replaced": strings.Replace(text, "witness 1", "witness x", 1),
	} {
		if altered == text {
			t.Fatalf("%s: nothing was altered", name)
		}
		if got, err := reckon(strings.NewReader(altered)); err == nil && got.Same {
			t.Errorf("%s: found sound", name)
		}
	}
}
