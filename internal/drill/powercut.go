package drill

import (
	"context"
	"fmt"
	"time"
)

// powercuts kills the program so often while an act lasts, each time starts it again at
// the same address and notes when somebody is first answered; the function it returns
// waits until that is done.
//
// A killed process is no power cut: what it had handed to the kernel is written all the
// same. That nothing is answered before the disk has it is proved elsewhere, by watching
// the system calls; here it is that nothing depends on what only the process knew.
func (p *play) powercuts(ctx context.Context, c *claimants, kills int, lasts time.Duration) func() error {
	done := make(chan error, 1)
	began := time.Now()
	addr := p.program.Addr
	go func() {
		for i := range kills {
			select {
			case <-time.After(time.Until(began.Add(lasts * time.Duration(i+1) / time.Duration(kills+1)))):
			case <-ctx.Done():
				done <- ctx.Err()
				return
			}
			if err := p.program.Kill(); err != nil {
				done <- err
				return
			}
			killed := time.Now()
			c.down.Store(killed.UnixNano())
			if err := p.program.startAt(ctx, addr, "demo"); err != nil {
				done <- fmt.Errorf("drill: after being killed the program did not come back: %w", err)
				return
			}
			p.say("killed %d of %d, listening again after %.2f s", i+1, kills, time.Since(killed).Seconds())
		}
		done <- nil
	}()
	return func() error { return <-done }
}
