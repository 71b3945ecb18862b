package demo

import (
	"context"
	"math/rand/v2"
	"time"

	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/party"
	"breakwater/internal/service/workresume"
)

// chances of a report, drawn apart from the rest, so that a district of before looks
// the same but for its health.
func (b *builder) chances(firm int) *rand.Rand {
	return rand.New(rand.NewPCG(uint64(b.plan.Seed), 0x6865616c<<8|uint64(firm)))
}

// reports makes up two weeks of a storied firm's health reports, until now: nine in ten
// on a workday, fewer on a Sunday, mostly before nine; two people in a hundred hardly
// ever. Of the first firms one person each was feverish, met a case, or has been well
// again for a while. The worker whom a visitor is says nothing until the visitor does;
// in that firm nothing is wrong with anybody.
func (b *builder) reports(ctx context.Context, i int, firm string, size int) error {
	if size < 8 {
		return nil
	}
	r := b.chances(i)
	from := time.Date(b.today.Year(), b.today.Month(), b.today.Day(), 0, 0, 0, 0, b.today.Location())
	var list []workresume.SeedReport
	for person := range size {
		if i == 0 && person == 0 {
			continue
		}
		idle := person > 7 && r.IntN(50) == 0
		for ago := historyDays; ago >= 0; ago-- {
			at := from.AddDate(0, 0, -ago).Add(7*time.Hour + 50*time.Minute + spread(r.NormFloat64(), 40*time.Minute))
			chance := 93
			switch {
			case idle:
				chance = 6
			case at.Weekday() == time.Sunday:
				chance = 84
			case ago == 0:
				chance = 97 // who has not is asked by nine
			}
			says, warm := r.IntN(100) < chance, r.IntN(4) == 0
			x := workresume.SeedReport{Person: person, At: at}
			if warm {
				x.Tenths = 362 + r.Int64N(7)
			}
			switch {
			case person == 2 && i > 0 && i <= 4 && ago == i: // a fever some days ago
				x.Ill, x.Tenths = true, 378
			case person == 3 && i%6 == 2 && ago == 3:
				x.Contact = true
			case person == 4 && i%6 == 3 && ago == 12: // well again
				x.Ill, x.Tenths = true, 376
			case !says && person > 4:
				continue
			}
			if !at.After(b.now) {
				list = append(list, x)
			}
		}
	}
	people, err := b.Resume().SeedHealth(ctx, firm, list)
	if i == 1 && err == nil {
		b.held = people[5:7]
	}
	return err
}

// twin is somebody entered again by another firm: the same name and birthday under
// another number, as an old card and a new one make it.
func (b *builder) twin(i int, people []party.Person) {
	const which = 6
	switch {
	case len(people) <= which:
	case i == 1:
		b.double = people[which]
	case i == 2 && b.double.IDNumber != "":
		born, err := time.Parse("20060102", b.double.IDNumber[6:14])
		if err == nil {
			people[which].Name, people[which].IDNumber = b.double.Name, ident.MakeMainlandID("330298", born, 17)
		}
	}
}

// risks are the places of a list in force; they are invented as the district is.
func risks(today time.Time) (lines []workresume.RiskLine) {
	day := func(ago int) string { return today.AddDate(0, 0, -ago).Format(time.DateOnly) }
	for i, x := range [...]workresume.RiskLine{
		{Place: "浙江省汐州市沙头区", Level: "high", From: day(12), Source: "省指挥部第 21 号通告"},
		{Place: "浙江省汐州市桅北县", Level: "medium", From: day(9), Source: "省指挥部第 21 号通告"},
		{Place: "江苏省澜江市", Level: "medium", From: day(6), Source: "省指挥部第 24 号通告"},
		{Place: "浙江省汐州市灯塔镇", Level: "medium", From: day(30), Until: day(10), Source: "省指挥部第 15 号通告"},
	} {
		x.Line = i + 1
		lines = append(lines, x)
	}
	return lines
}

// decided is what officers said of people by now: one code is red by the word of two,
// one was and is not any more, and the list of risk is in force.
func (b *builder) decided(ctx context.Context, officer, second auth.Principal) error {
	resume := b.Resume()
	if _, err := resume.AddRisks(ctx, officer, workresume.RiskInput{Lines: risks(b.today)}); err != nil {
		return err
	}
	for i, person := range b.held {
		in := workresume.RestrictInput{Person: person, Reason: "close-contact", Days: 7, Note: "区疾控中心密切接触者通知书 2020-31 号，已电话告知本人。"}
		if i == 1 {
			in.Reason, in.Days, in.Note = "test-awaited", 2, "本人申报后已采样，等待检测结果。"
		}
		act, err := resume.RestrictPerson(ctx, officer, in)
		if err != nil {
			return err
		}
		if err := resume.ConfirmRestriction(ctx, second, act.ID, once.Key{}); err != nil {
			return err
		}
		if i == 0 {
			continue
		}
		_, list, err := resume.RestrictionsOf(ctx, officer, person)
		if err != nil || len(list) == 0 {
			return err
		}
		if _, err := resume.AnswerRestriction(ctx, second, workresume.RestrictionAnswer{Restriction: list[0].ID, Outcome: workresume.Lifted, Reason: "检测结果为阴性，已告知本人。"}); err != nil {
			return err
		}
	}
	return nil
}
