package casework_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/storage"
)

// shot is a wide picture, red on the left, as a phone writes it: with Exif that says
// how it was held, and where.
func shot(t testing.TB, held byte) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 2000, 1000))
	for y := range 1000 {
		for x := range 2000 {
			img.SetRGBA(x, y, color.RGBA{R: uint8(255 * (1 - x/1000)), B: uint8(255 * (x / 1000)), A: 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	exif := append([]byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00"), held, 0, 0, 0, 0, 0, 0)
	exif = append(exif, "GPS 29.8683N 121.5440E"...)
	out := append([]byte{0xff, 0xd8, 0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(exif)+2))...)
	out = append(append(out, exif...), b.Bytes()[2:]...)
	return append(out, "PK\x03\x04 a file behind the picture"...)
}

func TestRedraw(t *testing.T) {
	for held, want := range map[byte]image.Point{1: {1600, 800}, 3: {1600, 800}, 6: {800, 1600}, 8: {800, 1600}, 77: {1600, 800}} {
		p, err := casework.Redraw(bytes.NewReader(shot(t, held)))
		if err != nil {
			t.Fatal(err)
		}
		img, err := jpeg.Decode(bytes.NewReader(p.Full))
		if err != nil || img.Bounds().Size() != want {
			t.Fatalf("held %d: %v %v", held, img.Bounds(), err)
		}
		for _, left := range []string{"Exif", "GPS", "PK\x03\x04"} {
			if bytes.Contains(p.Full, []byte(left)) || bytes.Contains(p.Small, []byte(left)) {
				t.Errorf("%q is still there", left)
			}
		}
		red := map[byte]image.Point{1: {100, 400}, 3: {1500, 400}, 6: {400, 100}, 8: {400, 1500}, 77: {100, 400}}[held]
		if r, _, b, _ := img.At(red.X, red.Y).RGBA(); r < 0x8000 || b > 0x8000 {
			t.Errorf("held %d: not turned upright", held)
		}
		if small, err := jpeg.DecodeConfig(bytes.NewReader(p.Small)); err != nil || max(small.Width, small.Height) != 320 {
			t.Errorf("%+v %v", small, err)
		}
	}
}

// bomb is a small PNG file that claims to be so many pixels wide and high.
func bomb(side uint32, depth byte) []byte {
	head := binary.BigEndian.AppendUint32([]byte("IHDR"), side)
	head = append(binary.BigEndian.AppendUint32(head, side), depth, 6, 0, 0, 0)
	out := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), head...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(head))
}

func TestPicturesThatAreRefused(t *testing.T) {
	var gif bytes.Buffer
	gif.WriteString("GIF89a\x01\x00\x01\x00\x00\x00\x00;")
	whole := shot(t, 1)
	for name, c := range map[string]struct {
		data []byte
		code string
	}{
		"nothing":   {nil, "fault.fields"},
		"text":      {[]byte("<svg onload=alert(1)>"), "fault.fields"},
		"gif":       {gif.Bytes(), "fault.fields"},
		"cut":       {whole[:200], "fault.fields"},
		"bomb":      {bomb(50_000, 8), "casework.photo_pixels"},
		"deep":      {bomb(5_000, 16), "casework.photo_pixels"},
		"too large": {append(bytes.Clone(whole), make([]byte, casework.PhotoMost)...), "casework.photo_large"},
		"webp head": {[]byte("RIFF\x00\x00\x00\x00WEBPVP8 "), "fault.fields"},
	} {
		if _, err := casework.Redraw(bytes.NewReader(c.data)); !fault.Is(err, c.code) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var clear bytes.Buffer
	if err := png.Encode(&clear, image.NewNRGBA(image.Rect(0, 0, 3, 2))); err != nil {
		t.Fatal(err)
	}
	p, err := casework.Redraw(&clear) // glass becomes white paper, not black
	if err != nil {
		t.Fatal(err)
	}
	img, err := jpeg.Decode(bytes.NewReader(p.Full))
	if err != nil {
		t.Fatal(err)
	}
	if r, _, _, _ := img.At(1, 1).RGBA(); r < 0xf000 {
		t.Error("black")
	}
}

func FuzzRedraw(f *testing.F) {
	f.Add(bomb(50_000, 8))
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00II*\x00\xff\xff\xff\xff"))
	f.Fuzz(func(_ *testing.T, data []byte) { _, _ = casework.Redraw(bytes.NewReader(data)) })
}

func TestPhotosOfACase(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		c := w.open("fir_1")
		add := func(side int) (p casework.Photo, err error) {
			var b bytes.Buffer
			if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, side, 10)), nil); err != nil {
				t.Fatal(err)
			}
			pic, err := w.Redraw(t.Context(), &b)
			if err != nil {
				t.Fatal(err)
			}
			sealed, err := w.PreparePhoto(c.ID, pic, wang, casework.FromOfficer)
			if err != nil {
				t.Fatal(err)
			}
			err = w.db.Write(t.Context(), func(tx *storage.Tx) (err error) {
				p, err = w.AddPhoto(tx, wang, sealed)
				return err
			})
			return p, err
		}
		first, err := add(20)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := add(20); err != nil || again.ID != first.ID {
			t.Error("a retry made a second photo", err)
		}
		if err := w.db.Read(t.Context(), func(r storage.Reader) error {
			sealed, err := w.PhotoSealed(r, c.ID, first.ID, true)
			if err != nil {
				return err
			}
			plain, err := w.Unseal(first.ID, sealed)
			if bytes.Contains(sealed, []byte("JFIF")) || !strings.HasPrefix(string(plain), "\xff\xd8\xff") {
				t.Error("not sealed, or not a picture")
			}
			if _, err := w.Unseal("pho_other", sealed); err == nil {
				t.Error("opened as another photo")
			}
			_, unknown := w.PhotoSealed(r, "cas_other", first.ID, false)
			want(t, unknown, fault.NotFound, "casework.photo_unknown")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		for n := 1; n < 12; n++ {
			if _, err := add(20 + n); err != nil {
				t.Fatal(err)
			}
		}
		_, err = add(99)
		want(t, err, fault.Conflict, "casework.photo_many")
		w.must(func(tx *storage.Tx) (casework.Case, error) { return w.Decide(tx, wang, c.ID, "certified", "齐全") })
		_, err = add(98)
		want(t, err, fault.Conflict, "casework.closed")
		n := 0
		for _, f := range w.facts.all() {
			if f == "photo_added "+wang.ID {
				n++
			}
		}
		if n != 12 {
			t.Errorf("%d facts", n)
		}
	})
}
