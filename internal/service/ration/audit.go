package ration

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/ledger"
)

// LedgerProof is how it stands with proving the ledger: the last report, and how far a proof
// has come that is on its way.
type LedgerProof struct {
	Running bool
	Begun   time.Time // of the one that runs
	Done    int64     // transfers judged by it
	Total   int64     // that there were when it began; 0 until it has looked
	At      time.Time // when the last one began: it proves everything until then
	Took    time.Duration
	Report  *ledger.Report // of the last one; absent before the first
}

const (
	// auditFor is how long a proof is given out before it is made again: it reads every
	// journal from its first transfer.
	auditFor = time.Minute
	// auditWait is how long whoever asks waits for it; a longer one is asked after.
	auditWait = 2 * time.Second
	// auditMost ends a proof that comes to no end.
	auditMost = 30 * time.Minute
)

// audits is the last proof and the one that runs, for all who ask.
type audits struct {
	mu   sync.Mutex
	run  *auditRun
	last LedgerProof
}

// auditRun is a proof on its way. Over is closed at its end; err is set before.
type auditRun struct {
	begun       time.Time
	done, total atomic.Int64
	over        chan struct{}
	err         error
}

// LastProof is how it stands with the proof; it starts none.
//
// Faults: Denied.
func (s *Service) LastProof(by auth.Principal) (LedgerProof, error) {
	if err := by.Permit(MayReview, Grants, s.district()); err != nil {
		return LedgerProof{}, err
	}
	s.audited.mu.Lock()
	defer s.audited.mu.Unlock()
	return s.audited.proof(), nil
}

func (a *audits) proof() LedgerProof {
	p := a.last
	if a.run != nil {
		p.Running, p.Begun, p.Done, p.Total = true, a.run.begun, a.run.done.Load(), a.run.total.Load()
	}
	return p
}

// AuditLedger proves every book of the ledger from its first transfer, one proof at a
// time and at most once a minute for all who ask. It waits a little for the end; a proof
// that takes longer goes on, and is asked after by the same. A broken ledger is a report,
// not a fault.
//
// Faults: Denied; Unavailable.
func (s *Service) AuditLedger(ctx context.Context, by auth.Principal) (LedgerProof, error) {
	if err := by.Permit(MayReview, Grants, s.district()); err != nil {
		return LedgerProof{}, err
	}
	if s.Audit == nil {
		return LedgerProof{}, fault.New(fault.Unavailable, "fault.unavailable")
	}
	run := s.beginAudit(ctx)
	if run == nil {
		return s.LastProof(by)
	}
	wait := time.NewTimer(auditWait)
	defer wait.Stop()
	select {
	case <-run.over:
		if run.err != nil {
			return LedgerProof{}, run.err
		}
	case <-wait.C:
	case <-ctx.Done():
		return LedgerProof{}, ctx.Err()
	}
	return s.LastProof(by)
}

// beginAudit is the proof that runs, or a new one; nil while the last one is young.
func (s *Service) beginAudit(ctx context.Context) *auditRun {
	a := &s.audited
	a.mu.Lock()
	defer a.mu.Unlock()
	now := s.Clock()
	if a.run != nil {
		return a.run
	}
	if age := now.Sub(a.last.At); a.last.Report != nil && age >= 0 && age < auditFor {
		return nil
	}
	a.run = &auditRun{begun: now, over: make(chan struct{})}
	// Whoever asked may leave; the proof is for all.
	go s.runAudit(context.WithoutCancel(ctx), a.run)
	return a.run
}

func (s *Service) runAudit(ctx context.Context, run *auditRun) {
	ctx, cancel := context.WithTimeout(ctx, auditMost)
	defer cancel()
	rep, err := s.Audit(ctx, func(done, total int64) { run.done.Store(done); run.total.Store(total) })
	a := &s.audited
	a.mu.Lock()
	defer a.mu.Unlock()
	if run.err = err; err == nil {
		a.last = LedgerProof{At: run.begun, Took: s.Clock().Sub(run.begun), Report: &rep}
	}
	a.run = nil
	close(run.over)
}
