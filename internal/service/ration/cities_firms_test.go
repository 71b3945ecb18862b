package ration_test

import "testing"

// The rules of 2020 for firms. What stands of them in the district's books, who is back
// and of which class, is entered first.
func TestCitiesForFirms(t *testing.T) {
	for _, p := range []play{
		{
			name: "Zhuhai, a number for each employee back, a number wins once in ten days, key firms apart", city: "zhuhai-firms",
			scenes: []scene{
				{"20 Feb 10:00", firm("Junpu", 4, false), ""},
				{"20 Feb 10:00", firm("Grid", 900, true), ""},
				{"20 Feb 10:00", firm("Empty", 0, false), ""},
				{"20 Feb 10:00", plans("Kangning", "20 Feb", 15), ""},
				{"20 Feb 10:00", plans("Kangning", "21 Feb", 15), ""},
				{"20 Feb 10:00", enters("Na", "Kangning"), `This is for firms; your firm's office asks for it.`},
				{"20 Feb 10:00", enters("Grid", "Kangning"), `Key firms are supplied directly and take no part in the draw. Ask the industry office.`},
				{"20 Feb 10:00", enters("Empty", "Kangning"), `Nobody is on the firm's roster. Upload the roster of those who are back.`},
				{"20 Feb 23:59", enters("Junpu", "Kangning"), `4 in the draw`},
				{"20 Feb 23:59", draws("20 Feb"), `The list is open until 21 February 2020, 00:00; it is frozen after that.`},
				{"21 Feb 15:00", draws("20 Feb"), `3 of 4 drawn in 1 pots`},
				{"21 Feb 15:00", wins("Junpu"), `3 won, each 5, 7.50 yuan, at Kangning, 22 Feb 00:00 to 26 Feb 23:59`},
				{"21 Feb 15:00", enters("Junpu", "Kangning"), `1 in the draw`},
				{"22 Feb 15:00", draws("21 Feb"), `1 of 1 drawn in 1 pots`}, // the number that has not won
				{"22 Feb 15:00", gets("Kangning", 100), ""},
				{"22 Feb 15:00", fetches("Junpu", "Kangning", false), `handed over`},
				{"29 Feb 10:00", plans("Kangning", "1 Mar", 15), ""},
				{"29 Feb 10:00", enters("Junpu", "Kangning"), had("once in 10 days")},
				{"1 Mar 15:00", enters("Junpu", "Kangning"), `3 in the draw`},
				{"2 Mar 15:00", draws("1 Mar"), `3 of 3 drawn in 1 pots`}, // ten days after the first three
			},
		},
		{
			name: "Nanhai, what a firm wants, three for each who is back and for each insured at most, every third day", city: "nanhai-firms",
			scenes: []scene{
				{"20 Feb 10:00", firm("Junpu", 40, false), ""},
				{"20 Feb 10:00", plans("Kangning", "20 Feb", 1000), ""},
				{"20 Feb 10:00", plans("Kangning", "22 Feb", 1000), ""},
				{"20 Feb 10:00", plans("Kangning", "23 Feb", 1000), ""},
				{"20 Feb 10:00", plans("Kangning", "26 Feb", 1000), ""},
				{"20 Feb 10:00", books("Na", "Kangning", 0, "wanted=5", "insured=5"), `This is for firms; your firm's office asks for it.`},
				{"20 Feb 10:00", books("Junpu", "Kangning", 0, "wanted=1000", "insured=lots"), `ask.insured: Write a whole number from 0 to 100,000.`},
				{"20 Feb 10:00", books("Junpu", "Kangning", 0, "wanted=1000", "insured=0"), `By what is known of you the share comes to nothing.`},
				{"20 Feb 10:00", books("Junpu", "Kangning", 0, "wanted=1000", "insured=30"), `90, 180.00 yuan, at Kangning, 20 Feb 00:00 to 22 Feb 23:59`},
				{"22 Feb 10:00", books("Junpu", "Kangning", 0, "wanted=1000", "insured=30"), had("once in 3 days")},
				{"23 Feb 10:00", books("Junpu", "Kangning", 0, "wanted=1000", "insured=100"), `120, 240.00 yuan, at Kangning, 23 Feb 00:00 to 25 Feb 23:59`},
				{"26 Feb 10:00", books("Junpu", "Kangning", 0, "wanted=50", "insured=100"), `50, 100.00 yuan, at Kangning, 26 Feb 00:00 to 28 Feb 23:59`},
				{"26 Feb 17:00", books("Junpu", "Kangning", 0, "wanted=50", "insured=100"), `Booking ended at 26 February 2020, 17:00.`},
			},
		},
		{
			name: "Quanzhou, by plan, one booking a week, at a named outlet", city: "quanzhou-firms",
			scenes: []scene{
				{"17 Feb 10:00", firm("Junpu", 40, false), ""},
				{"17 Feb 10:00", plans("Siming", "17 Feb", 1000), ""},
				{"17 Feb 10:00", plans("Siming", "23 Feb", 1000), ""},
				{"17 Feb 10:00", plans("Siming", "24 Feb", 1000), ""},
				{"17 Feb 10:00", books("Junpu", "Siming", 0, "planned=200"), `200, 300.00 yuan, at Siming, 17 Feb 00:00 to 21 Feb 23:59`},
				{"23 Feb 10:00", books("Junpu", "Siming", 0, "planned=200"), `This week’s share is booked or had already; the next can be asked for from 24 February 2020, 08:00. ` + giveBack}, // a Sunday
				{"24 Feb 10:00", books("Junpu", "Siming", 0, "planned=9000"), `560, 840.00 yuan, at Siming, 24 Feb 00:00 to 28 Feb 23:59`},
				{"24 Feb 10:00", gets("Siming", 1000), ""},
				{"24 Feb 10:00", fetches("Junpu", "Kangning", false), `There is no such booking of yours.`},
				{"24 Feb 10:00", fetches("Junpu", "Siming", false), `handed over`},
			},
		},
		{
			name: "Chancheng, for whoever found none, three days' need within three days", city: "chancheng-firms",
			scenes: []scene{
				{"20 Feb 10:00", firm("Junpu", 40, false), ""},
				{"20 Feb 10:00", plans("Kangning", "20 Feb", 1000), ""},
				{"20 Feb 10:00", plans("Kangning", "23 Feb", 1000), ""},
				{"20 Feb 10:00", books("Junpu", "Kangning", 0), `ask.sourcing_failed: Answer this.`},
				{"20 Feb 10:00", books("Junpu", "Kangning", 0, "sourcing_failed=no"), `These masks are for firms that could not buy any. Try the listed dealers first, then ask again.`},
				{"20 Feb 10:00", books("Junpu", "Kangning", 0, "sourcing_failed=yes"), `120, 180.00 yuan, at Kangning, 20 Feb 00:00 to 22 Feb 23:59`},
				{"20 Feb 10:00", books("Junpu", "Kangning", 0, "sourcing_failed=yes"), had("once in 3 days")},
				{"23 Feb 10:00", books("Junpu", "Kangning", 0, "sourcing_failed=yes"), `120, 180.00 yuan, at Kangning, 23 Feb 00:00 to 25 Feb 23:59`},
			},
		},
	} {
		t.Run(p.name, p.run)
	}
}
