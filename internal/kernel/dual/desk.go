package dual

import (
	"context"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
)

// Door is how a service confirms an act of its own: it calls Store.Confirm in its
// transaction and does afterwards what must wait for the commit.
//
// Faults: as Store.Confirm, and the act's own.
type Door func(ctx context.Context, by auth.Principal, act string, key once.Key) error

// Desk is the acts of every service at one table, each call a transaction of its
// own. Doors has every kind that can be confirmed here.
type Desk struct {
	DB    storage.Store
	Acts  *Store
	Doors map[string]Door
}

// List is what waits for a second person, in reach of by; see Store.Pending.
//
// Faults: Denied.
func (d *Desk) List(ctx context.Context, by auth.Principal, f Filter) (list []Act, next string, err error) {
	err = d.DB.Read(ctx, func(r storage.Reader) (err error) {
		list, next, err = d.Acts.Pending(r, by, f)
		return err
	})
	return list, next, err
}

// Act is one act. Faults: NotFound, also for one out of reach.
func (d *Desk) Act(ctx context.Context, by auth.Principal, id string) (a Act, err error) {
	err = d.DB.Read(ctx, func(r storage.Reader) (err error) {
		a, err = d.Acts.Get(r, by, id)
		return err
	})
	return a, err
}

// Confirm has the act done by its service.
//
// Faults: as Door.
func (d *Desk) Confirm(ctx context.Context, by auth.Principal, id string, key once.Key) (Act, error) {
	a, err := d.Act(ctx, by, id)
	if err != nil {
		return Act{}, err
	}
	door := d.Doors[a.Kind]
	if door == nil {
		return Act{}, fault.New(fault.Internal, "dual.kind_unknown", "kind", a.Kind)
	}
	if err := door(ctx, by, id, key); err != nil {
		return Act{}, err
	}
	return d.Act(ctx, by, id)
}

// Refuse turns the act down, with a reason its proposer reads.
//
// Faults: as Store.Refuse.
func (d *Desk) Refuse(ctx context.Context, by auth.Principal, id, reason string, key once.Key) (Act, error) {
	return d.answer(ctx, by, id, key, func(tx *storage.Tx) (Act, error) { return d.Acts.Refuse(tx, by, id, reason) })
}

// Withdraw takes one's own proposal back.
//
// Faults: as Store.Withdraw.
func (d *Desk) Withdraw(ctx context.Context, by auth.Principal, id string, key once.Key) (Act, error) {
	return d.answer(ctx, by, id, key, func(tx *storage.Tx) (Act, error) { return d.Acts.Withdraw(tx, by, id) })
}

// answer keeps the act's id for a repeated key: what was said is sealed where it
// lies and must not be kept a second time in plain.
func (d *Desk) answer(ctx context.Context, by auth.Principal, id string, key once.Key, do func(*storage.Tx) (Act, error)) (Act, error) {
	err := d.DB.Write(ctx, func(tx *storage.Tx) error {
		_, err := once.Do(tx, key, d.Acts.Now(), func() (string, error) {
			a, err := do(tx)
			return a.ID, err
		})
		return err
	})
	if err != nil {
		return Act{}, err
	}
	return d.Act(ctx, by, id)
}
