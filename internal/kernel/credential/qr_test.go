package credential

import (
	"bytes"
	"encoding/xml"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"breakwater/internal/fault"
)

// What is printed is read back by another program, from the image alone.
func TestPrintedCodesAreRead(t *testing.T) {
	reader, err := exec.LookPath("zbarimg")
	if err != nil {
		t.Skip("zbarimg is not installed: printed codes were NOT read back")
	}
	key, kid, trust := ownKey(t)
	firm, err := Sign(key, kid, firmClaims())
	if err != nil {
		t.Fatal(err)
	}
	person, err := Sign(key, kid, personClaims())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"firm": firm, "person": person, "url": firmClaims().Page, "capitals": "HTTPS://BREAKWATER.EXAMPLE.CN/C/7KQM-2XHP"} {
		code, err := QR(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, scale := range []int{2, 4} {
			file := filepath.Join(t.TempDir(), name+".png")
			image := code.PNG(scale)
			if err := os.WriteFile(file, image, 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command(reader, "--raw", "-q", file).Output()
			got := strings.TrimSuffix(string(out), "\n")
			if err != nil || got != text {
				t.Errorf("%s at scale %d: read %q, %v", name, scale, got, err)
				continue
			}
			if name == "firm" || name == "person" {
				if r := Verify(got, trust, noon, nil); !r.Valid {
					t.Errorf("%s: read back but %s", name, r.Reason)
				}
			}
		}
		var svg bytes.Buffer
		if err := code.SVG(&svg, "qr", name); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d characters, %d modules (%.2f mm each at 30 mm), PNG %d bytes at scale 1, %d at 4, SVG %d bytes",
			name, len(text), code.Modules(), 30/float64(code.Modules()+2*quiet), len(code.PNG(1)), len(code.PNG(4)), svg.Len())
	}
}

// The image, the path and the modules are the same code.
func TestImageAndPathAgree(t *testing.T) {
	code, err := QR("BW1:AGREE")
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(code.PNG(3)))
	if err != nil {
		t.Fatal(err)
	}
	if side := (code.Modules() + 8) * 3; img.Bounds().Dx() != side || img.Bounds().Dy() != side {
		t.Fatalf("image is %v, want %d", img.Bounds(), side)
	}
	for y := -quiet; y < code.Modules()+quiet; y++ {
		for x := -quiet; x < code.Modules()+quiet; x++ {
			for _, at := range [2]int{0, 2} {
				r, _, _, _ := img.At((x+quiet)*3+at, (y+quiet)*3+at).RGBA()
				if (r == 0) != code.Black(x, y) {
					t.Fatalf("module %d,%d differs", x, y)
				}
			}
		}
	}
}

func TestSVGFitsAStrictPage(t *testing.T) {
	code, err := QR("BW1:TEST")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := code.SVG(&b, "qr", `<"&>`); err != nil {
		t.Fatal(err)
	}
	s := b.String()
	if strings.Contains(s, "style") || strings.Count(s, "<path") != 1 || !strings.Contains(s, `aria-label="&lt;&#34;&amp;&gt;"`) {
		t.Error(s)
	}
	if err := xml.Unmarshal(b.Bytes(), new(struct{ XMLName xml.Name })); err != nil {
		t.Error(err)
	}
	if _, err := QR(strings.Repeat("A", 5000)); !fault.Is(err, "credential.qr_long") {
		t.Errorf("too long: %v", err)
	}
}
