package casework

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"

	"breakwater/internal/fault"
)

const (
	// PhotoMost is the largest file of a photo, in bytes.
	PhotoMost = 8 << 20

	pixelsMost = 32_000_000 // phones take 12 million
	bytesMost  = 128 << 20  // of them decoded, for a moment: a PNG may have eight bytes to each
	sideMost   = 1600       // of the picture that is kept: a notice on a wall can be read
	sideSmall  = 320
	quality    = 82
)

// Picture is a photo made anew: nothing of the file that was sent is in it but what
// can be seen. Both are JPEG.
type Picture struct{ Full, Small []byte }

// Redraw reads a JPEG, PNG or WebP file and draws it again, upright, at most 1,600
// pixels a side. Where the photo was taken, by which phone, and whatever else was
// hidden in the file stays behind.
//
// Faults: TooLarge for the file or its pixels, Invalid at the field "photo" when it
// is no picture of these kinds.
func Redraw(r io.Reader) (Picture, error) {
	data, err := io.ReadAll(io.LimitReader(r, PhotoMost+1))
	if err != nil {
		return Picture{}, err
	}
	if len(data) > PhotoMost {
		return Picture{}, fault.New(fault.TooLarge, "casework.photo_large", "most", PhotoMost>>20)
	}
	size, src, err := decode(data)
	if err != nil {
		return Picture{}, fault.Wrap(err, fault.Invalid, "fault.fields").With("photo", "casework.photo_kind")
	}
	if n := size.Width * size.Height; n > pixelsMost || n*depth(size.ColorModel) > bytesMost {
		return Picture{}, fault.New(fault.TooLarge, "casework.photo_pixels", "most", pixelsMost/1_000_000)
	}
	img, err := src()
	if err != nil {
		return Picture{}, fault.Wrap(err, fault.Invalid, "fault.fields").With("photo", "casework.photo_kind")
	}
	full := upright(shrink(img, sideMost), orientation(data))
	var out Picture
	if out.Full, err = encode(full); err == nil {
		out.Small, err = encode(shrink(full, sideSmall))
	}
	return out, err
}

// depth is how many bytes a pixel takes when decoded.
func depth(m color.Model) int {
	switch m {
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	case color.GrayModel, color.AlphaModel:
		return 1
	case color.Gray16Model, color.Alpha16Model:
		return 2
	}
	return 4
}

// decode says how large a picture is before anything of that size is made of it: a
// small file may claim a billion pixels.
func decode(data []byte) (image.Config, func() (image.Image, error), error) {
	type format struct {
		config func(io.Reader) (image.Config, error)
		image  func(io.Reader) (image.Image, error)
	}
	var f format
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		f = format{jpeg.DecodeConfig, jpeg.Decode}
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		f = format{png.DecodeConfig, png.Decode}
	case len(data) > 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		f = format{webp.DecodeConfig, webp.Decode}
	default:
		return image.Config{}, nil, image.ErrFormat
	}
	size, err := f.config(bytes.NewReader(data))
	if err == nil && (size.Width < 1 || size.Height < 1) {
		err = image.ErrFormat
	}
	return size, func() (image.Image, error) { return f.image(bytes.NewReader(data)) }, err
}

// shrink draws a picture on white, at most side pixels wide and high.
func shrink(src image.Image, side int) *image.RGBA {
	b := src.Bounds()
	w, h := b.Dx(), b.Dy()
	if long := max(w, h); long > side {
		w, h = max(1, w*side/long), max(1, h*side/long)
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(out, out.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(out, out.Bounds(), src, b, draw.Over, nil)
	return out
}

func encode(img image.Image) ([]byte, error) {
	var b bytes.Buffer
	err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality})
	return b.Bytes(), err
}

// upright turns a picture as its camera said it was held; 1 is upright already.
func upright(src *image.RGBA, held int) *image.RGBA {
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	if held < 2 || held > 8 {
		return src
	}
	ow, oh := w, h
	if held >= 5 {
		ow, oh = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, ow, oh))
	for y := range h {
		for x := range w {
			to := [...][2]int{{}, {}, {w - 1 - x, y}, {w - 1 - x, h - 1 - y}, {x, h - 1 - y}, {y, x}, {h - 1 - y, x}, {h - 1 - y, w - 1 - x}, {y, w - 1 - x}}[held]
			out.SetRGBA(to[0], to[1], src.RGBAAt(x, y))
		}
	}
	return out
}

// orientation is how the camera was held, by the Exif of a JPEG file (CIPA DC-008,
// tag 0x0112); 1 when the file does not say.
func orientation(data []byte) int {
	for at := 2; at+4 <= len(data) && data[at] == 0xff && data[at+1] != 0xda; {
		size := int(binary.BigEndian.Uint16(data[at+2:]))
		if size < 2 || at+2+size > len(data) {
			break
		}
		if part := data[at+4 : at+2+size]; data[at+1] == 0xe1 && bytes.HasPrefix(part, []byte("Exif\x00\x00")) {
			return held(part[6:])
		}
		at += 2 + size
	}
	return 1
}

func held(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	at := int(order.Uint32(tiff[4:]))
	if at < 8 || at+2 > len(tiff) {
		return 1
	}
	for n := range int(order.Uint16(tiff[at:])) {
		entry := at + 2 + 12*n
		if entry+12 > len(tiff) {
			break
		}
		if order.Uint16(tiff[entry:]) == 0x0112 {
			return int(order.Uint16(tiff[entry+8:]))
		}
	}
	return 1
}
