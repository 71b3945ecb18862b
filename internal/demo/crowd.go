package demo

import (
	"context"
	"math"
	"time"

	"breakwater/internal/service/workresume"
)

// chunkPeople is how many people go into one transaction.
const chunkPeople = 500

// crowd is every firm but the storied ones: daily figures, no facts of their own.
func (b *builder) crowd(ctx context.Context) error {
	firms := max(1, fullFirms*b.plan.People/fullPeople-storied)
	left := max(0, b.plan.People-b.people)
	var chunk []workresume.SeedFirm
	var inChunk int
	for i := range firms {
		size := b.size(left, firms-i)
		left -= size
		f := b.firm(size)
		chunk = append(chunk, f)
		inChunk += size
		if inChunk >= chunkPeople || len(chunk) == 100 || i == firms-1 {
			if err := b.Resume().Seed(ctx, chunk); err != nil {
				return err
			}
			chunk, inChunk = chunk[:0], 0
			b.plan.Progress(int64(b.people), int64(b.plan.People))
		}
	}
	return nil
}

// size spreads the people left over the firms left: most firms are small, a few
// large, and the last takes what remains.
func (b *builder) size(left, firms int) int {
	if firms == 1 {
		return left
	}
	mean := float64(left) / float64(firms)
	// Pareto with shape 1.6: its mean is 2.67 times its least.
	least := mean / 2.67
	u := 1 - b.rnd.Float64()
	n := int(least*math.Pow(u, -1/1.6) + 0.5)
	return min(n, 900, left)
}

// firm is an invented firm with its roster and history. Most are certified; some
// lack masks or people, some never filed, some trades are on the negative list.
func (b *builder) firm(size int) workresume.SeedFirm {
	t := b.trade()
	park := b.parks[b.rnd.IntN(len(b.parks))]
	f := workresume.SeedFirm{CreditCode: b.creditCode(), Name: b.firmName(t), Park: park.ID}
	age := b.age()
	f.Since = b.now.AddDate(0, 0, -age).Add(-time.Duration(b.rnd.IntN(8*3600)) * time.Second)
	for range size {
		f.People = append(f.People, b.person())
		f.Posts = append(f.Posts, t.posts[b.rnd.IntN(len(t.posts))])
	}
	chance := b.rnd.IntN(1000)
	if chance >= 60 {
		filing := b.filing(t, size)
		filing.At = f.Since
		switch {
		case chance < 110: // too few masks
			filing.Masks = filing.Declared
		case chance < 150: // promised more people than the roster names
			filing.Declared += 2
			filing.Masks = filing.Declared * 10
		}
		f.Filing = &filing
	}
	answer := workresume.Unfiled
	if f.Filing != nil {
		answer = b.Resume().Foresee(*f.Filing, int64(size))
	}
	b.remember(f, answer, age)
	return f
}

func (b *builder) filing(t trade, size int) workresume.Filing {
	classes := workresume.Classes
	f := workresume.Filing{
		Class: classes[b.rnd.IntN(len(classes))], Industry: t.industry, Promise: true, Signatory: surnames[b.rnd.IntN(len(surnames))] + "经理",
		Declared: max(1, int64(size)), Thermometers: 1 + int64(size)/40, Disinfectant: 5 + int64(size)/4,
	}
	f.Masks = f.Declared * int64(4+b.rnd.IntN(9))
	if size >= 500 {
		f.IsolationRooms = int64(size+99) / 100
	}
	return f
}

func (b *builder) trade() trade {
	n := b.rnd.IntN(1000)
	for _, t := range trades {
		if n -= t.weight; n < 0 {
			return t
		}
	}
	return trades[0]
}
