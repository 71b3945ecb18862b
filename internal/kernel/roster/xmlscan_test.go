package roster

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// printScan prints what the scanner sees, neighbouring pieces of text joined.
func printScan(r io.Reader) (string, error) {
	s := newScanner(r)
	var out, text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			fmt.Fprintf(&out, "%q\n", text.String())
			text.Reset()
		}
	}
	for {
		tok, err := s.next()
		if err != nil {
			return "", err
		}
		if tok == atText {
			piece, err := s.appendText(nil)
			if err != nil {
				return "", err
			}
			text.Write(piece)
			continue
		}
		flush()
		switch tok {
		case atEnd:
			return out.String(), nil
		case atStart:
			fmt.Fprintf(&out, "<%s r=%s>\n", s.name, s.attrText("r"))
			if s.closed {
				fmt.Fprintf(&out, "</%s>\n", s.name)
			}
		case atClose:
			fmt.Fprintf(&out, "</%s>\n", s.name)
		}
	}
}

// printStandard is the same by encoding/xml.
func printStandard(t *testing.T, doc string) string {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(doc))
	var out, text strings.Builder
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		if c, ok := tok.(xml.CharData); ok {
			text.Write(c)
			continue
		}
		if _, ok := tok.(xml.Comment); ok {
			continue
		}
		if text.Len() > 0 {
			fmt.Fprintf(&out, "%q\n", text.String())
			text.Reset()
		}
		switch v := tok.(type) {
		case xml.StartElement:
			r := ""
			for _, a := range v.Attr {
				if a.Name.Local == "r" {
					r = a.Value
				}
			}
			fmt.Fprintf(&out, "<%s r=%s>\n", v.Name.Local, r)
		case xml.EndElement:
			fmt.Fprintf(&out, "</%s>\n", v.Name.Local)
		}
	}
}

// TestScannerAgrees: on documents several windows long the scanner sees what
// encoding/xml sees, however the bytes arrive.
func TestScannerAgrees(t *testing.T) {
	rnd := rand.New(rand.NewSource(1))
	pieces := []string{
		`<c r="A1" s="1"><v>12</v></c>`, `<x:c xmlns:x="x" r='B"2'/>`, `<c a="1 &gt; 0" r="a>b"/>`, "<!-- a - > b <c> & -->", `<![CDATA[<&]]]]><![CDATA[>]]>`,
		"汉字 &amp; &lt;&#29579;&#x82b3; ", "plain text ", "\t", `<is ><t  xml:space = "preserve"> 王芳 </t ></is>`, strings.Repeat("长", 30000), strings.Repeat("&amp;", 9000), "_x004G", "",
	}
	for round := range 20 {
		var b strings.Builder
		b.WriteString(`<?xml version="1.0"?><w>`)
		for range 200 {
			k := rnd.Intn(len(pieces))
			if len(pieces[k]) > 1000 && rnd.Intn(8) > 0 {
				k = 0
			}
			b.WriteString(pieces[k])
		}
		b.WriteString("</w>")
		doc := b.String()
		want := printStandard(t, doc)
		readers := map[string]io.Reader{"whole": strings.NewReader(doc), "halves": iotest.HalfReader(strings.NewReader(doc)), "end with data": iotest.DataErrReader(strings.NewReader(doc))}
		if round < 3 {
			readers["bytes"] = iotest.OneByteReader(strings.NewReader(doc))
		}
		for name, r := range readers {
			got, err := printScan(r)
			if err != nil || got != want {
				t.Fatalf("round %d, %s: %v %s", round, name, err, cmp.Diff(want, got)[:min(2000, len(cmp.Diff(want, got)))])
			}
		}
	}
	_, err := printScan(io.MultiReader(strings.NewReader("<a>"), iotest.ErrReader(io.ErrClosedPipe)))
	if !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
}

func TestShowsDate(t *testing.T) {
	for format, want := range map[string]bool{
		"yyyy-mm-dd": true, `yyyy"年"m"月"d"日"`: true, "[$-804]yyyy/m/d;@": true, "m/d": true,
		"0.00": false, "@": false, "General": false, `#,##0"yd"`: false, "[Red]0": false, `0\d`: false, "h:mm:ss": false, "": false,
	} {
		if got := showsDate(format); got != want {
			t.Errorf("%q: %v", format, got)
		}
	}
}
