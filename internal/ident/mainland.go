package ident

import (
	"fmt"
	"time"
	"unicode/utf8"

	"breakwater/internal/fault"
)

// Sex as the register of residents writes it into a number.
type Sex string

// The two values GB 11643 can express.
const (
	Male   Sex = "male"
	Female Sex = "female"
)

// Mainland is a citizen identity number that has passed its checks.
type Mainland struct {
	Number string    // 18 characters, the last a digit or X
	Birth  time.Time // midnight UTC; a date, not an instant
	Sex    Sex
}

// oldest is the age in years above which a birth date is taken for a slip.
const oldest = 130

// MainlandID reads a citizen identity number of GB 11643-1999. Lower-case x,
// spaces, dashes and full width are mended. today bounds the birth date; pass
// the district's date.
//
// The birth date is judged before the check character, because a wrong date
// tells a person more than a wrong last digit. Residence permits of Hong
// Kong, Macau and Taiwan people (81, 82, 83) follow the same standard and pass.
//
// Invalid, each "ident.mainland." and: length (n), fifteen (first-generation
// number), digits, region, birth_impossible, birth_future, check.
func MainlandID(s string, today time.Time) (Mainland, error) {
	number := compact(s)
	switch n := utf8.RuneCountInString(number); {
	case n == 15 && digits(number):
		return Mainland{}, fault.New(fault.Invalid, "ident.mainland.fifteen")
	case n != 18:
		return Mainland{}, fault.New(fault.Invalid, "ident.mainland.length", "n", n)
	case len(number) != 18, !digits(number[:17]), !digits(number[17:]) && number[17] != 'X':
		return Mainland{}, fault.New(fault.Invalid, "ident.mainland.digits")
	case !knownRegion(number[:6]):
		return Mainland{}, fault.New(fault.Invalid, "ident.mainland.region", "region", number[:6])
	}
	birth, err := time.Parse("20060102", number[6:14])
	switch {
	case err != nil, birth.Year() < today.Year()-oldest:
		return Mainland{}, fault.New(fault.Invalid, "ident.mainland.birth_impossible")
	case birth.After(dateOf(today)):
		return Mainland{}, fault.New(fault.Invalid, "ident.mainland.birth_future")
	case mainlandCheck(number) != number[17]:
		return Mainland{}, fault.New(fault.Invalid, "ident.mainland.check")
	}
	sex := Female
	if (number[16]-'0')%2 == 1 {
		sex = Male
	}
	return Mainland{Number: number, Birth: birth, Sex: sex}, nil
}

// MakeMainlandID completes a region of six digits, a birth date and a sequence
// of up to three digits (odd is male) with the check character, for invented
// people in demonstrations and tests.
func MakeMainlandID(region string, birth time.Time, seq int) string {
	body := fmt.Sprintf("%s%s%03d", region, birth.Format("20060102"), seq%1000)
	return body + string(mainlandCheck(body))
}

// mainlandCheck is ISO 7064 MOD 11-2 over the first 17 digits.
func mainlandCheck(number string) byte {
	p := 0
	for i := range 17 {
		p = (p + int(number[i]-'0')) * 2 % 11
	}
	return "0123456789X"[(12-p)%11]
}

// knownRegion knows the provinces of GB/T 2260 and no more: counties were
// founded, merged and renumbered for forty years, and people keep the number
// they were born with.
func knownRegion(region string) bool {
	switch region[:2] {
	case "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37",
		"41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71":
		return true
	case "81", "82", "83":
		return region[2:] == "0000"
	}
	return false
}

func dateOf(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
