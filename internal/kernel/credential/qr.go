package credential

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"io"
	"strconv"
	"sync"

	"breakwater/internal/fault"
	"rsc.io/qr"
)

// quiet is the white margin around a code, in modules, as ISO/IEC 18004 asks.
const quiet = 4

// Code is a QR code, error correction level M.
type Code struct{ code *qr.Code }

// QR encodes a text. Signed texts and short URLs in capitals take the
// alphanumeric mode, 5.5 bits a character.
//
// Faults: Invalid "credential.qr_long" beyond the largest code.
func QR(text string) (Code, error) {
	c, err := qr.Encode(text, qr.M)
	if err != nil {
		return Code{}, fault.Wrap(err, fault.Invalid, "credential.qr_long")
	}
	return Code{c}, nil
}

// Modules is the number of modules on a side, without the margin.
func (c Code) Modules() int { return c.code.Size }

// Black reports whether the module at column x, row y is dark.
func (c Code) Black(x, y int) bool { return c.code.Black(x, y) }

// SVG writes the code as one path on a white ground, margin included. It has
// no inline style, so that a strict content policy lets it show, and no size:
// the class gives one. label is what a screen reader says; both are escaped.
func (c Code) SVG(w io.Writer, class, label string) error {
	side := strconv.Itoa(c.code.Size + 2*quiet)
	b := make([]byte, 0, 16<<10)
	b = append(b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 `+side+` `+side+`" class="`...)
	b = appendAttribute(b, class)
	b = append(b, `" role="img" aria-label="`...)
	b = appendAttribute(b, label)
	b = append(b, `" shape-rendering="crispEdges"><rect width="`+side+`" height="`+side+`" fill="#fff"/><path stroke="#000" d="`...)
	b = c.appendPath(b)
	b = append(b, `"/></svg>`...)
	_, err := w.Write(b)
	return err
}

// appendPath draws each run of dark modules as a line one module thick; moves
// are relative, which keeps a certificate's path near 8 KB.
func (c Code) appendPath(b []byte) []byte {
	for y := range c.code.Size {
		pen := -1 // column after the last run; -1 = row not begun
		for x := 0; x < c.code.Size; x++ {
			if !c.code.Black(x, y) {
				continue
			}
			start := x
			for x < c.code.Size && c.code.Black(x, y) {
				x++
			}
			if pen < 0 {
				b = append(b, 'M')
				b = strconv.AppendInt(b, int64(quiet+start), 10)
				b = append(b, ' ')
				b = strconv.AppendInt(b, int64(quiet+y), 10)
				b = append(b, ".5"...)
			} else {
				b = append(b, 'm')
				b = strconv.AppendInt(b, int64(start-pen), 10)
				b = append(b, " 0"...)
			}
			b = append(b, 'h')
			b = strconv.AppendInt(b, int64(x-start), 10)
			pen = x
		}
	}
	return b
}

// PNG returns a 1-bit image, scale pixels a module (1 to 32), margin included.
// At scale 1 a pass is under 1 KB and may be kept for everyone; the page enlarges it.
func (c Code) PNG(scale int) []byte {
	scale = max(1, min(scale, 32))
	side := (c.code.Size + 2*quiet) * scale
	img := image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.White, color.Black})
	for y := range c.code.Size {
		row := img.Pix[(y+quiet)*scale*side:][:side]
		for x := range c.code.Size {
			if c.code.Black(x, y) {
				for i := range scale {
					row[(x+quiet)*scale+i] = 1
				}
			}
		}
		for i := 1; i < scale; i++ {
			copy(img.Pix[((y+quiet)*scale+i)*side:], row)
		}
	}
	var out bytes.Buffer
	encoder := png.Encoder{BufferPool: &encoders}
	if err := encoder.Encode(&out, img); err != nil { // a buffer and a palette of two cannot fail
		panic(err)
	}
	return out.Bytes()
}

// encoders spares each image the megabyte that a fresh PNG encoder weighs.
var encoders encoderPool

type encoderPool struct{ pool sync.Pool }

func (p *encoderPool) Get() *png.EncoderBuffer {
	b, _ := p.pool.Get().(*png.EncoderBuffer)
	return b // nil makes a new one
}

func (p *encoderPool) Put(b *png.EncoderBuffer) { p.pool.Put(b) }

func appendAttribute(b []byte, s string) []byte {
	for _, r := range s {
		switch r {
		case '&':
			b = append(b, "&amp;"...)
		case '"':
			b = append(b, "&#34;"...)
		case '<':
			b = append(b, "&lt;"...)
		case '>':
			b = append(b, "&gt;"...)
		default:
			b = append(b, string(r)...)
		}
	}
	return b
}
