package ration_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/i18n"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/service/ration"
)

// A play is some days of a city's rule: who asks, and what they are told. What they are
// told is what the page would say, so that whoever knows the city recognises it.
type play struct {
	name   string
	city   string
	edit   []string // words of the file and what stands there instead, in pairs
	scenes []scene
}

// scene is one act at a moment of February or March 2020, and what comes of it.
type scene struct {
	at   string // "12 Feb 20:00"
	does act
	want string
}

// giveBack ends each refusal of a second share.
const giveBack = "While it is not fetched it can be given back, by its voucher, and booked elsewhere."

// had is the refusal of a second share where days count, or once is all.
func had(often string) string {
	return "This share is booked or had already; it is given " + often + ". " + giveBack
}

type act func(s *stage) string

// stage is where it is played: shops, people and firms by the names the play gives them.
type stage struct {
	*world
	city   string
	say    *i18n.Printer
	people map[string]auth.Principal
	papers map[string]int // number(n) is on the paper
	shops  map[string]ration.Point
	offers map[string]ration.Offer // by shop, day and window
	last   map[string]ration.Kept  // the last that each was promised
	keys   int
}

func (p play) run(t *testing.T) {
	texts, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	both(t, func(t *testing.T, w *world) {
		s := &stage{
			world: w, city: p.city, say: texts.In(zone).Printer(i18n.English), people: map[string]auth.Principal{}, papers: map[string]int{},
			shops:  map[string]ration.Point{"Kangning": w.shop, "Siming": w.next},
			offers: map[string]ration.Offer{}, last: map[string]ration.Kept{},
		}
		w.openAs(p.city, 100_000, append(p.edit, "queue = true", "queue = false")...)
		for n, x := range p.scenes {
			w.hand.Set(moment(t, x.at))
			if got := x.does(s); got != x.want {
				t.Errorf("scene %d, %s:\n got %s\nwant %s", n, x.at, got, x.want)
			}
		}
	})
}

func moment(t testing.TB, at string) time.Time {
	t.Helper()
	m, err := time.ParseInLocation("2 Jan 15:04 2006", at+" 2020", zone)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// who is somebody of the play: a resident with an account, or a firm that was entered.
func (s *stage) who(name string) auth.Principal {
	if _, ok := s.people[name]; !ok {
		s.people[name] = s.person()
		s.papers[name] = s.n
	}
	return s.people[name]
}

// firm says what the district knows of one: those back at work, and its class.
func firm(name string, returned int, key bool) act {
	return func(s *stage) string {
		var staff []string
		for n := range returned {
			staff = append(staff, fmt.Sprintf("per_%s_%03d", name, n))
		}
		s.people[name] = auth.Principal{ID: "acc_" + name, Role: auth.Firm, Scope: auth.OfFirm("fir_" + name)}
		s.known["fir_"+name] = map[string]any{"returned": int64(returned), "key_firm": key, "people": staff}
		return ""
	}
}

// plans offers pieces at a shop on a day, in each of its windows.
func plans(shop, day string, pieces ...int64) act {
	return func(s *stage) string {
		in := ration.PlanInput{Campaign: s.city + "-2020", Day: ration.DayOf(moment(s.t, day+" 00:00"))}
		for part, n := range pieces {
			if n > 0 {
				in.Offers = append(in.Offers, ration.OfferInput{Point: s.shops[shop].ID, Part: int64(part), Pieces: n})
			}
		}
		list, err := s.Plan(s.t.Context(), s.officer, in)
		s.must(err)
		for _, o := range list {
			s.offers[fmt.Sprint(shop, day, o.Part)] = o
		}
		return ""
	}
}

// town opens a shop in another town.
func town(shop, name string) act {
	return func(s *stage) string {
		p, err := s.OpenPoint(s.t.Context(), s.officer, ration.PointInput{Kind: ration.Shop, Name: shop, Address: "江南路2号", Town: name})
		s.must(err)
		s.shops[shop] = p
		return ""
	}
}

// books asks for a share of a shop's window that day; says are for whom ("for=Bao"), where
// to ("address=…") and the answers to what the campaign asks ("resident=yes").
func books(name, shop string, part int, says ...string) act {
	return func(s *stage) string {
		who := s.who(name)
		in := ration.ClaimInput{Offer: s.offers[fmt.Sprint(shop, s.today(), part)].ID, Key: s.once(name)}
		whose := s.read(name, says, &in.For, &in.Address, &in.Answers)
		got, err := s.Claim(s.t.Context(), who, in)
		return s.told(who, whose, got, err)
	}
}

// desk is books at the officer's desk, for whoever stands there.
func desk(name, shop, address string) act {
	return func(s *stage) string {
		got, err := s.Claim(s.t.Context(), s.officer, ration.ClaimInput{
			Offer: s.offers[fmt.Sprint(shop, s.today(), 0)].ID, For: s.who(name).Person, Address: address, Key: s.once(name),
		})
		return s.told(s.who(name), name, got, err)
	}
}

// enters takes part in the next draw; a firm for all who are back.
func enters(name, shop string, says ...string) act {
	return func(s *stage) string {
		in := ration.EnterInput{Campaign: s.city + "-2020", Point: s.shops[shop].ID}
		s.read(name, says, &in.For, &in.Address, &in.Answers)
		list, err := s.EnterDraw(s.t.Context(), s.who(name), in)
		if err != nil {
			return s.words(err)
		}
		return strconv.Itoa(len(list)) + " in the draw"
	}
}

// draws freezes a day's list and draws it before three witnesses.
func draws(day string) act {
	return func(s *stage) string {
		d := ration.DayOf(moment(s.t, day+" 00:00"))
		who, secrets := witnesses(fmt.Sprintf("%s-2020.%s", s.city, d))
		_, err := s.Freeze(s.t.Context(), s.officer, ration.FreezeInput{Campaign: s.city + "-2020", Day: d, Witnesses: who})
		if err != nil {
			return s.words(err)
		}
		got, err := s.RunDraw(s.t.Context(), s.officer, s.city+"-2020", d, secrets...)
		s.must(err)
		t, _, err := s.Transcript(s.t.Context(), s.city+"-2020", d)
		s.must(err)
		s.must(t.Replay())
		return fmt.Sprintf("%d of %d drawn in %d pots", got.Places, got.Entries, len(t.List.Pots))
	}
}

// wins says how many of those named have won so far, and what the last of them got.
func wins(names ...string) act {
	return func(s *stage) string {
		n, last := 0, ""
		for _, name := range names {
			list, err := s.Vouchers(s.t.Context(), s.who(name))
			s.must(err)
			n += len(list)
			for _, k := range list {
				s.last[name], last = k, ", each "+s.voucher(k)
			}
		}
		if len(names) > 1 { // where each fetches it, the lots decide
			last, _, _ = strings.Cut(last, ", at ")
		}
		return strconv.Itoa(n) + " won" + last
	}
}

// each is what several are told who do the same, whoever of them is told which.
func each(acts ...act) act {
	return func(s *stage) string {
		var out []string
		for _, a := range acts {
			out = append(out, a(s))
		}
		slices.Sort(out)
		return strings.Join(out, " | ")
	}
}

// fetches is somebody at a counter with the paper of whom the voucher is for.
func fetches(name, shop string, proxy bool) act {
	return func(s *stage) string {
		k := s.last[name]
		in := ration.CollectInput{Point: s.shops[shop].ID, Offer: k.Offer, Allotment: k.ID, Proxy: proxy}
		if n := s.papers[name]; n > 0 {
			in.LastFour = number(n)[14:]
		}
		_, err := s.Collect(s.t.Context(), s.keeperOf(shop), in)
		if err != nil {
			return s.words(err)
		}
		return "handed over"
	}
}

// gets is a delivery that comes to a shop.
func gets(shop string, pieces int64) act {
	return func(s *stage) string {
		_, err := s.Receive(s.t.Context(), s.keeperOf(shop), ration.ReceiveInput{Campaign: s.city + "-2020", Point: s.shops[shop].ID, Maker: "均普", Number: "L1", Pieces: pieces})
		s.must(err)
		return ""
	}
}

// sends is a parcel that leaves a shop.
func sends(name, shop string) act {
	return func(s *stage) string {
		k := s.last[name]
		got, err := s.Send(s.t.Context(), s.keeperOf(shop), ration.SendInput{Point: s.shops[shop].ID, Offer: k.Offer, Allotment: k.ID})
		if err != nil {
			return s.words(err)
		}
		return got.Parcel.State
	}
}

// family puts those into somebody's family who have no telephone of their own.
func family(name string, kin ...string) act {
	return func(s *stage) string {
		for _, x := range kin {
			by := s.who(name)
			s.n++
			id, err := s.addFamily(s.t.Context(), by, ration.FamilyInput{Name: "李小宝", IDKind: "mainland", IDNumber: number(s.n)})
			s.must(err)
			s.people[x], s.papers[x] = auth.Principal{Person: id}, s.n
		}
		return ""
	}
}

// crowd is so many people who book one after the other.
func crowd(n int, shop string, part int) act {
	return func(s *stage) string {
		had := 0
		for range n {
			if _, err := s.claim(s.person(), s.offers[fmt.Sprint(shop, s.today(), part)], "1"); err == nil {
				had++
			}
		}
		return fmt.Sprintf("%d of %d", had, n)
	}
}

func (s *stage) today() string { return s.hand.Now().In(zone).Format("2 Jan") }

func (s *stage) keeperOf(shop string) auth.Principal {
	return auth.Principal{ID: "acc_k_" + shop, Role: auth.Storekeeper, Scope: auth.Point(s.shops[shop].ID)}
}

func (s *stage) once(name string) once.Key {
	s.keys++
	return once.Key{Principal: "acc_" + name, Operation: "claimRation", Key: strconv.Itoa(s.keys)}
}

// read takes what somebody says with a request apart, and tells for whom it is.
func (s *stage) read(name string, says []string, whom, address *string, answers *map[string]string) string {
	*answers = map[string]string{}
	for _, x := range says {
		key, value, _ := strings.Cut(x, "=")
		switch key {
		case "for":
			*whom, name = s.people[value].Person, value
		case "address":
			*address = value
		default:
			(*answers)[key] = value
		}
	}
	return name
}

// told is what a page shows after a request: the voucher, or why there is none.
func (s *stage) told(by auth.Principal, whose string, got ration.Allotment, err error) string {
	if err != nil {
		return s.words(err)
	}
	k, err := s.VoucherOf(s.t.Context(), by, got.Offer, got.ID)
	s.must(err)
	s.last[whose] = k
	return s.voucher(k)
}

// voucher is what stands on one: how many, the price, where and when.
func (s *stage) voucher(k ration.Kept) string {
	price := "free"
	if k.Due > 0 {
		price = fmt.Sprintf("%d.%02d yuan", k.Due/100, k.Due%100)
	}
	if k.Address != "" {
		return fmt.Sprintf("%d, %s, %s", k.Pieces, price, k.Of.Hand.How)
	}
	at := ""
	for name, p := range s.shops {
		if p.ID == k.At.ID {
			at = name
		}
	}
	last := k.Until.In(zone).Add(-time.Minute)
	return fmt.Sprintf("%d, %s, at %s, %s to %s", k.Pieces, price, at, k.Fetch.Format("2 Jan 15:04"), last.Format("2 Jan 15:04"))
}

// words are those in which a refusal is told, with every rule and field it names.
func (s *stage) words(err error) string {
	var no ration.NotEntitled
	if errors.As(err, &no) {
		var out []string
		for _, f := range no.Decision.Findings {
			out = append(out, f.Reason.In("en")+" "+f.Mend.In("en"))
		}
		return strings.Join(out, " ")
	}
	f := fault.As(err)
	if f == nil {
		return err.Error()
	}
	if len(f.Fields) == 0 {
		return s.say.Fault(err)
	}
	var out []string
	for _, x := range f.Fields {
		out = append(out, x.Name+": "+s.say.Field(x))
	}
	return strings.Join(out, "; ")
}
