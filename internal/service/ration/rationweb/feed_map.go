package rationweb

import (
	"fmt"
	"math"

	"breakwater/internal/service/ration"
	"breakwater/internal/web/ui"
)

// onMap is a shop with its number, on the map and in the list.
type onMap struct {
	ration.Point
	N    int
	Open bool // something can be booked there now

	X, Y float64
}

func (m *onMap) measured() bool { return m.Lat != 0 || m.Lon != 0 }

// chart is a map of shops: where they are, or, where nobody measured, street by street.
type chart struct {
	High   float64
	Dots   []*onMap
	Names  []mapName // of streets, where it is no map
	Plan   bool      // it is no map
	Crowd  bool      // too many dots for numbers
	Bar    float64   // the length of the scale's bar; 0 for none
	BarKM  string
	Beside int // shops that are not on it
}

// mapName is a word on the map.
type mapName struct {
	X, Y float64
	Text string
}

// The map's own units: as wide as the narrowest phone's page, so that what is drawn can be
// read there; a wide screen enlarges it.
const (
	mapWide, mapHigh = 340.0, 230.0
	mapEdge          = 20.0
	crowded          = 80
	lineHigh         = 30.0 // of a street's dots where it is no map
)

// drawn lays shops out: east to the right, north up, a degree of longitude as short as it
// is at that latitude. Where none was measured it is no map, and says so.
func drawn(p *ui.Page, shops []*onMap) chart {
	c := chart{High: mapHigh, Crowd: len(shops) > crowded}
	west, east, south, north := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, m := range shops {
		if !m.measured() {
			continue
		}
		m.X, m.Y = m.Lon*math.Cos(m.Lat*math.Pi/180), -m.Lat
		west, east, south, north = min(west, m.X), max(east, m.X), min(south, m.Y), max(north, m.Y)
		c.Dots = append(c.Dots, m)
	}
	if c.Beside = len(shops) - len(c.Dots); len(c.Dots) == 0 {
		return byStreet(p, shops)
	}
	const least = 0.002 // degrees: one shop is not all there is to see
	scale := min((mapWide-2*mapEdge)/max(east-west, least), (mapHigh-2*mapEdge)/max(north-south, least))
	for _, m := range c.Dots {
		m.X = mapWide/2 + (m.X-(west+east)/2)*scale
		m.Y = mapHigh/2 + (m.Y-(south+north)/2)*scale
	}
	c.measure(p, scale)
	return c
}

// kmPerDegree is the length of a degree of latitude.
const kmPerDegree = 111.2

// measure adds the scale: the longest round length that takes a third of the width.
func (c *chart) measure(p *ui.Page, scale float64) {
	for _, km := range []float64{0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50} {
		if long := km / kmPerDegree * scale; long <= mapWide/3 {
			c.Bar, c.BarKM = long, p.T("openstock.km", "n", p.Decimal(km, decimals(km)))
		}
	}
}

func decimals(km float64) int {
	if km < 1 {
		return 1
	}
	return 0
}

// byStreet sets the shops in rows, a street after the other.
func byStreet(p *ui.Page, shops []*onMap) chart {
	c := chart{Plan: true, Dots: shops, Crowd: len(shops) > crowded, High: mapEdge}
	street, x := "\x00", 0.0
	for _, m := range shops {
		if m.Town != street {
			street, x = m.Town, mapEdge
			name := street
			if name == "" {
				name = p.T("openstock.no_street")
			}
			c.Names = append(c.Names, mapName{mapEdge - 10, c.High, name})
			c.High += 2 * lineHigh
		} else if x += lineHigh; x > mapWide-mapEdge {
			x = mapEdge
			c.High += lineHigh
		}
		m.X, m.Y = x, c.High-lineHigh-8
	}
	return c
}

// box is the drawing's own measure.
func (c chart) box() string { return fmt.Sprintf("0 0 %.0f %.0f", mapWide, c.High) }

func at(x float64) string { return fmt.Sprintf("%.1f", x) }

// size is a dot's radius: smaller in a crowd, where none has a number.
func (c chart) size() string {
	if c.Crowd {
		return "4"
	}
	return "10"
}

// bar is where the scale's bar stands.
func (c chart) bar() string {
	return fmt.Sprintf("M%.1f %.1fv4h%.1fv-4", 8.0, c.High-14, c.Bar)
}
