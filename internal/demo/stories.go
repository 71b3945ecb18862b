package demo

import (
	"bytes"
	"context"
	"encoding/csv"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/party"
	"breakwater/internal/service/workresume"
)

// stories are the firms a visitor opens first. Their rosters come in as files and
// their filings through the verbs everybody uses, each on its own past day, so every
// fact is there.
func (b *builder) stories(ctx context.Context) error {
	left := b.plan.People
	for i := range storied {
		size := min(left, 12+b.rnd.IntN(60))
		if i == 0 {
			size = min(left, 86) // the firm and the worker of the demonstration
		}
		left -= size
		if err := b.story(ctx, i, size); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) story(ctx context.Context, i, size int) error {
	t := trades[i%len(trades)]
	age := historyDays // the first filed before the days that are shown
	if i > 0 {
		age = 2 + i*5%(historyDays-3)
	}
	hand := clock.NewHand(b.now.AddDate(0, 0, -age))
	by, resume := auth.Operator(), b.Resume().At(hand.Now)
	firm, err := resume.Register(ctx, by, workresume.RegisterInput{CreditCode: b.creditCode(), Name: b.firmName(t), Park: b.parks[i%len(b.parks)].ID})
	if err != nil {
		return err
	}
	filing := b.filing(t, size)
	switch i % 7 { // the first is certified; others show each way it can go
	case 3:
		filing.Masks = filing.Declared * 2
	case 5:
		filing.Declared += 3
		filing.Masks = filing.Declared * 8
	}
	f := workresume.SeedFirm{CreditCode: firm.CreditCode, Name: firm.Name, Park: firm.Park}
	answer := workresume.Unfiled
	if i%7 != 6 {
		if _, err := resume.File(ctx, by, workresume.FileInput{Firm: firm.ID, Filing: filing}); err != nil {
			return err
		}
		f.Filing, answer = &filing, b.Resume().Foresee(filing, int64(size))
	}
	for range size {
		f.People = append(f.People, b.person())
	}
	b.twin(i, f.People)
	if size > 0 {
		im, err := resume.StartImport(ctx, by, workresume.ImportInput{Firm: firm.ID, Name: "员工名册.csv", Body: bytes.NewReader(table(f.People, t.posts))})
		if err != nil {
			return err
		}
		resume.Await(ctx, im.ID, time.Minute)
		if err := b.reports(ctx, i, firm.ID, size); err != nil {
			return err
		}
	}
	b.remember(f, answer, age)
	if answer != workresume.Certified {
		return ctx.Err()
	}
	hand.Set(b.now.Add(-20 * time.Hour))
	masks := filing.Declared * 8
	switch i { // one has a day left, and one has used up what it counted
	case 2:
		masks = filing.Declared
	case 4:
		masks = filing.Declared
		hand.Set(b.now.Add(-32 * time.Hour))
	}
	_, err = resume.ReportStock(ctx, by, workresume.StockInput{Firm: firm.ID, Masks: masks})
	return err
}

// table is a roster as a firm's office would save it.
func table(people []party.Person, posts []string) []byte {
	var buf bytes.Buffer
	w := csv.NewWriter(&buf)
	_ = w.Write([]string{"姓名", "身份证号", "手机号", "岗位"}) // a buffer takes everything
	for i, p := range people {
		_ = w.Write([]string{p.Name, p.IDNumber, p.Phone, posts[i%len(posts)]})
	}
	w.Flush()
	return buf.Bytes()
}
