package drill

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/BurntSushi/toml"
)

//go:embed scenario
var embedded embed.FS

// Scenario is a published disaster as data: what happened and who says so, what is
// done to the program, and what must hold.
type Scenario struct {
	Name     string
	Title    map[string]string // by language
	Happened map[string]string
	Scale    map[string]string // how what is played compares with what happened
	Source   []Source
	Play     Play
	Rush     Rush
	Lots     Lots
	Act      []Act
}

// Play is what sort of play a scenario is.
type Play string

// The plays.
const (
	Morning Play = "morning" // codes shown, and checked at gates
	Crowd   Play = "rush"    // claims on one item, first come
	Firms   Play = "lots"    // a firm's people in a draw
)

// Rush is what people do in a rush beside asking.
type Rush struct {
	City  string  // whose rule, by the name of its campaign's file
	Again float64 // so many of those who were answered ask once more under the same key
	Cut   float64 // so many hang up before they are answered, and ask again
}

// Lots are a draw among firms.
type Lots struct {
	City   string
	Pieces int64 // for a district of OfPeople; fewer in proportion for a smaller one
	Of     int64
}

// Source says where a scenario's figures come from.
type Source struct{ What, Where string }

// Act is one load, put on a program that stands still.
type Act struct {
	Name string

	// How hard; one of these, or Early. Limit starts the program anew with a limit of
	// its own, as a share of the capacity measured before.
	PerSecond  float64 `toml:"per_second"`
	OfCapacity float64 `toml:"of_capacity"`
	OfLimit    float64 `toml:"of_limit"`
	Limit      float64

	Seconds     float64
	Short       float64 // instead of Seconds where time is short
	CalmSeconds float64 `toml:"calm_seconds"` // an ordinary load this long before and after: the act is a step
	Lines       int     // connections; 512 if 0

	Supply float64 // of a rush: shares for so many of its people; 0 is more than enough
	Kills  int     // of a rush: so often the program is killed meanwhile, and started again

	// Of a rush with a waiting room: so many of its people come before the opening, the
	// others after it. Seconds are then how long it would take until everybody had their
	// turn at the pace's ceiling.
	Early float64

	ImportRows     int     `toml:"import_rows"`      // a roster read in meanwhile
	BoardPerSecond float64 `toml:"board_per_second"` // the duty room's pages meanwhile

	Promise Promise
}

// Promise is what must hold in an act. That nothing answered is lost or there
// twice holds in every act.
type Promise struct {
	P99MS   float64  `toml:"p99_ms"`
	Errors  *int64   // refused, failed or given up; none given, none counted
	Rate    float64  // good answers a second
	Goodput float64  // of the capacity, or of the limit where one is set
	CalmS   *float64 `toml:"calm_s"` // after a step
}

// Scenarios are those that come with the program, by name.
func Scenarios() (map[string]Scenario, error) {
	out := map[string]Scenario{}
	names, err := fs.Glob(embedded, "scenario/*.toml")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := embedded.ReadFile(name)
		if err != nil {
			return nil, err
		}
		s, err := ReadScenario(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if s.Name != strings.TrimSuffix(path.Base(name), ".toml") {
			return nil, fmt.Errorf("%s holds the scenario %q", name, s.Name)
		}
		out[s.Name] = s
	}
	return out, nil
}

// ReadScenario reads a scenario from TOML. A field it does not know is a mistake
// and not a wish.
func ReadScenario(text []byte) (Scenario, error) {
	var s Scenario
	meta, err := toml.Decode(string(text), &s)
	if err != nil {
		return s, err
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return s, fmt.Errorf("%s is no field of a scenario", unknown[0])
	}
	return s, s.check()
}

func (s *Scenario) check() error {
	switch s.Play {
	case "":
		s.Play = Morning
	case Morning, Crowd, Firms:
	default:
		return fmt.Errorf("%s: play is morning, rush or lots", s.Name)
	}
	switch {
	case s.Name == "":
		return fmt.Errorf("a scenario has a name")
	case s.Title["en"] == "" || s.Title["zh-Hans"] == "" || s.Happened["en"] == "" || s.Happened["zh-Hans"] == "":
		return fmt.Errorf("%s: title and happened are told in en and zh-Hans", s.Name)
	case len(s.Source) == 0:
		return fmt.Errorf("%s: it names no source", s.Name)
	case s.Play == Firms && (s.Lots.City == "" || s.Lots.Pieces < 1 || s.Lots.Of < 1 || len(s.Act) > 0):
		return fmt.Errorf("%s: lots have a city, pieces and of, and no act", s.Name)
	case s.Play == Crowd && (s.Rush.City == "" || s.Rush.Again < 0 || s.Rush.Again > 0.5 || s.Rush.Cut < 0 || s.Rush.Cut > 0.5):
		return fmt.Errorf("%s: a rush has a city; again and cut are from 0 to 0.5", s.Name)
	case s.Play != Firms && len(s.Act) == 0:
		return fmt.Errorf("%s: it has no act", s.Name)
	}
	for _, a := range s.Act {
		hard := 0
		for _, x := range []float64{a.PerSecond, a.OfCapacity, a.OfLimit, a.Early} {
			if x > 0 {
				hard++
			}
		}
		switch {
		case a.Name == "":
			return fmt.Errorf("%s: an act has a name", s.Name)
		case hard != 1:
			return fmt.Errorf("%s, %s: one of per_second, of_capacity, of_limit, early", s.Name, a.Name)
		case a.OfLimit > 0 && (a.Limit <= 0 || a.Limit > 1):
			return fmt.Errorf("%s, %s: of_limit wants a limit, above 0 and at most 1", s.Name, a.Name)
		case a.Seconds <= 0 || a.Seconds > 3600 || a.Short < 0 || a.CalmSeconds < 0 || a.Lines < 0 || a.Lines > 16384:
			return fmt.Errorf("%s, %s: seconds from 0 to 3600, lines to 16384", s.Name, a.Name)
		case (a.Supply != 0 || a.Kills != 0) && s.Play != Crowd, a.Supply < 0, a.Kills < 0, a.Kills > 10:
			return fmt.Errorf("%s, %s: supply and kills are of a rush, kills to 10", s.Name, a.Name)
		case a.Early != 0 && (s.Play != Crowd || a.Early < 0 || a.Early > 1 || a.Supply != 0 || a.Kills != 0):
			return fmt.Errorf("%s, %s: early is of a rush, from 0 to 1, without supply and kills", s.Name, a.Name)
		case s.Play == Crowd && (a.Limit > 0 || a.CalmSeconds > 0 || a.ImportRows > 0 || a.BoardPerSecond > 0):
			return fmt.Errorf("%s, %s: limit, calm_seconds, import_rows and board_per_second are of a morning", s.Name, a.Name)
		case (a.Promise.CalmS != nil) != (a.CalmSeconds > 0):
			return fmt.Errorf("%s, %s: calm_seconds and the promise calm_s go together", s.Name, a.Name)
		}
	}
	return nil
}
