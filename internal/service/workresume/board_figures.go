package workresume

import (
	"slices"
	"time"

	"breakwater/internal/kernel/casework"
)

// Size is a firm's size on the board: the people it declared, or those on its
// roster where they are more.
type Size string

// The sizes, by people.
const (
	SizeNone   Size = "none"   // nobody declared and nobody on the roster
	SizeMicro  Size = "micro"  // 1 to 9
	SizeSmall  Size = "small"  // 10 to 49
	SizeMedium Size = "medium" // 50 to 299
	SizeLarge  Size = "large"  // 300 and more
)

// Sizes lists them, largest first.
var Sizes = [...]Size{SizeLarge, SizeMedium, SizeSmall, SizeMicro, SizeNone}

// Valid reports whether z is one of them.
func (z Size) Valid() bool { return slices.Contains(Sizes[:], z) }

func sizeOf(people int64) Size {
	switch {
	case people <= 0:
		return SizeNone
	case people < 10:
		return SizeMicro
	case people < 50:
		return SizeSmall
	case people < 300:
		return SizeMedium
	}
	return SizeLarge
}

// Owing is a report that a firm owes, or that is owed about it.
type Owing string

// The reports.
const (
	OwesFiling  Owing = "filing"  // never filed
	OwesRoster  Owing = "roster"  // filed, and its roster names fewer people than it declared
	OwesStock   Owing = "stock"   // works, and counted its masks last more than a week ago
	OwesHealth  Owing = "health"  // works, and fewer of its roster reported their health today than the promise asks
	OwesReading Owing = "reading" // has a meter that nobody read for two days
)

// Owings lists them.
var Owings = [...]Owing{OwesFiling, OwesRoster, OwesHealth, OwesStock, OwesReading}

// When a count of supplies and a reading of a meter are overdue.
const (
	stockDue   = 7 * 24 * time.Hour
	readingDue = 3 * 24 * time.Hour // from the beginning of the day that was read
)

// Owed counts the firms that owe each report.
type Owed struct {
	Filing  int64 `json:"filing"`
	Roster  int64 `json:"roster"`
	Health  int64 `json:"health"`
	Stock   int64 `json:"stock"`
	Reading int64 `json:"reading"`
}

// Of is the count of one report.
func (o Owed) Of(w Owing) int64 {
	switch w {
	case OwesFiling:
		return o.Filing
	case OwesRoster:
		return o.Roster
	case OwesHealth:
		return o.Health
	case OwesStock:
		return o.Stock
	case OwesReading:
		return o.Reading
	}
	return 0
}

// Figures count some firms. Resumed are those certified and not suspended now;
// declared are the people firms said they would work with, or who are on the roster
// of one that has not filed; back are those of resumed firms who are on a roster,
// never more than declared. Load and normal are watt-hours of the latest day read.
type Figures struct {
	Firms     int64 `json:"firms"`
	Filed     int64 `json:"filed"`
	Resumed   int64 `json:"resumed"`
	Warned    int64 `json:"warned"`
	Suspended int64 `json:"suspended"` // withdrawn ones too
	Refused   int64 `json:"refused"`

	Declared int64 `json:"declared"`
	Back     int64 `json:"back"`
	Came     int64 `json:"came"`   // in at a gate on that day
	Inside   int64 `json:"inside"` // now

	Metered   int64 `json:"metered"`
	UsersBack int64 `json:"users_back"`
	Load      int64 `json:"load_wh"`
	Normal    int64 `json:"normal_wh"`

	Reported int64 `json:"reported"` // their health, today
	Expected int64 `json:"expected"` // on rosters of resumed firms where people report at all

	Owed Owed `json:"owed"`
}

// Add is both together.
func (f Figures) Add(o Figures) Figures {
	return Figures{
		f.Firms + o.Firms, f.Filed + o.Filed, f.Resumed + o.Resumed, f.Warned + o.Warned, f.Suspended + o.Suspended, f.Refused + o.Refused,
		f.Declared + o.Declared, f.Back + o.Back, f.Came + o.Came, f.Inside + o.Inside,
		f.Metered + o.Metered, f.UsersBack + o.UsersBack, f.Load + o.Load, f.Normal + o.Normal,
		f.Reported + o.Reported, f.Expected + o.Expected,
		Owed{f.Owed.Filing + o.Owed.Filing, f.Owed.Roster + o.Owed.Roster, f.Owed.Health + o.Owed.Health, f.Owed.Stock + o.Owed.Stock, f.Owed.Reading + o.Owed.Reading},
	}
}

// group is what firms are counted together by.
type group struct {
	park     string
	class    Class
	industry string
	size     Size
}

// By is what the board is broken down by.
type By string

// The breakdowns.
const (
	ByStreet   By = "street"
	ByPark     By = "park"
	ByClass    By = "class"
	ByIndustry By = "industry"
	BySize     By = "size"
)

// Breakdowns lists them in the order of the page.
var Breakdowns = [...]By{ByPark, ByClass, ByStreet, BySize, ByIndustry}

// BoardFilter chooses what is counted. Day is a past day of the district, "" is now.
type BoardFilter struct {
	Park, Street string
	Class        Class
	Industry     string
	Size         Size
	Day          string // 2006-01-02
}

// holds is whether a group is among those chosen.
func (q BoardFilter) holds(g group, streets map[string]string) bool {
	return (q.Park == "" || q.Park == g.park) && (q.Street == "" || q.Street == streets[g.park]) &&
		(q.Class == "" || q.Class == g.class) && (q.Industry == "" || q.Industry == g.industry) && (q.Size == "" || q.Size == g.size)
}

// of is a group's key in a breakdown.
func (b By) of(g group, streets map[string]string) string {
	switch b {
	case ByStreet:
		return streets[g.park]
	case ByPark:
		return g.park
	case ByClass:
		return string(g.class)
	case ByIndustry:
		return g.industry
	case BySize:
		return string(g.size)
	}
	return ""
}

// Part is one line of a breakdown; Key is "" for firms of which it is not known.
type Part struct {
	Key string
	Figures
}

// DayFigures are one day. Of a day that has passed nobody is inside and no report is
// owed, and who was only warned was not counted.
type DayFigures struct {
	Day string
	Figures
}

// Picture is the board under a filter. Turn changes whenever a figure does.
type Picture struct {
	Filter BoardFilter
	AsOf   time.Time
	Turn   string
	Total  Figures
	By     map[By][]Part // keys in order
	Days   []DayFigures  // the closed ones, and today
	Cases  casework.Count
}
