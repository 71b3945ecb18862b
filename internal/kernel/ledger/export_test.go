package ledger

import (
	"context"

	"breakwater/internal/storage"
)

// Unguard lets b decide as if there were no floors and no quotas: the negative
// control of every test that claims nothing is given out twice.
func (b *Books) Unguard() { b.unguarded = true }

// SetQueue bounds the callers that may wait for one book.
func (b *Books) SetQueue(n int) { b.queue = n }

// Committing puts fn around every commit of b.
func (b *Books) Committing(fn func(commit func() error) error) {
	inner := b.write
	b.write = func(ctx context.Context, w storage.WriteFunc) error {
		return fn(func() error { return inner(ctx, w) })
	}
}

// MarkEvery is how many batches lie between two marks.
const MarkEvery = markEvery
