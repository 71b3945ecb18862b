package workresume

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/storage"
)

// Policy is one version of the rules, the program's own or a district's. Its id is
// made of its text, so that the same file is the same policy in every store.
type Policy struct {
	ID      string     `json:"id"`
	Pack    *rule.Pack `json:"-"`
	Source  string     `json:"-"`     // the file; "" for the program's own
	By      string     `json:"by"`    // account that uploaded it, "" for the program's own
	Added   time.Time  `json:"added"` // zero for the program's own
	InForce bool       `json:"in_force"`
}

// policies are the compiled packs of a process. A policy never changes, so what
// was compiled once stays right.
type policies struct {
	regimes  *rule.Library
	compiled sync.Map                  // policy id → Policy
	latest   atomic.Pointer[rule.Pack] // in force when last asked; for pages only
	wake     chan struct{}             // a policy was confirmed
	promise  atomic.Pointer[rule.Pack] // that firms are held against; nil before it was read
}

// policyID names a pack by its text.
func policyID(p *rule.Pack) string { return "pol_" + p.Digest[:24] }

// Rules are the rules in force, as last read: for forms and words. Decisions ask
// the store.
func (s *Service) Rules() *rule.Pack {
	if p := s.policies.latest.Load(); p != nil {
		return p
	}
	return s.Pack
}

// inForce is the policy that decides now. It is read through the transaction, so
// that on several machines too no decision is taken by a policy that another has
// replaced.
func (s *Service) inForce(r storage.Reader) (Policy, error) {
	var id string
	err := r.Row(`select policy from workresume_in_force where one = 1`).Scan(&id)
	if storage.NoRows(err) {
		s.policies.latest.Store(s.Pack)
		return Policy{ID: policyID(s.Pack), Pack: s.Pack, InForce: true}, nil
	}
	if err != nil {
		return Policy{}, err
	}
	p, err := s.policy(r, id)
	if err == nil {
		p.InForce = true
		s.policies.latest.Store(p.Pack)
	}
	return p, err
}

// Refresh reads which policy is in force, for pages drawn before the first decision.
func (s *Service) Refresh(ctx context.Context) error {
	return s.Store.Read(ctx, func(r storage.Reader) error {
		_, err := s.inForce(r)
		return err
	})
}

// policy is a policy by id, compiled. What a verb has only just written is not read
// by it: the cache outlives a transaction that fails.
func (s *Service) policy(r storage.Reader, id string) (Policy, error) {
	if v, ok := s.policies.compiled.Load(id); ok {
		return v.(Policy), nil
	}
	for _, pack := range s.own() {
		if policyID(pack) == id {
			return Policy{ID: id, Pack: pack}, nil
		}
	}
	p := Policy{ID: id}
	var added int64
	err := r.Row(`select source, account, added from workresume_policy where policy = $1`, id).Scan(&p.Source, &p.By, &added)
	if storage.NoRows(err) {
		return p, fault.New(fault.NotFound, "workresume.policy_unknown")
	}
	if err != nil {
		return p, err
	}
	p.Added = clock.FromMicros(added)
	if p.Pack, err = rule.Load([]byte(p.Source)); err != nil {
		return p, err
	}
	s.policies.compiled.Store(id, p)
	return p, nil
}

// own are the policies that came with the program, the one a store begins with
// among them.
func (s *Service) own() []*rule.Pack {
	var out []*rule.Pack
	if s.policies.regimes != nil {
		out = s.policies.regimes.Packs()
	}
	if !slices.ContainsFunc(out, func(p *rule.Pack) bool { return p.Digest == s.Pack.Digest }) {
		out = append(out, s.Pack)
	}
	if s.Promise != nil {
		out = append(slices.Clip(out), s.Promise)
	}
	return out
}

// AddPolicyInput is a district's own policy, as a file.
type AddPolicyInput struct {
	Source []byte
	Key    once.Key
}

// AddPolicy keeps a policy file, so that it can be tried and activated. The same
// file again is the same policy. Nothing is decided by it yet.
//
// Faults: Denied; Invalid, Malformed or TooLarge where the file is wrong, each
// mistake with its line; Conflict when the version names another text.
func (s *Service) AddPolicy(ctx context.Context, by auth.Principal, in AddPolicyInput) (Policy, error) {
	if err := by.Permit(MayGovern, Grants, auth.District(s.District)); err != nil {
		return Policy{}, err
	}
	pack, err := rule.Load(in.Source)
	if err != nil {
		return Policy{}, err
	}
	if err := s.answerable(pack, in.Source); err != nil {
		return Policy{}, err
	}
	id, now := policyID(pack), s.Clock()
	for _, own := range s.own() {
		switch {
		case own.Digest == pack.Digest:
			return Policy{ID: id, Pack: own}, nil
		case own.ID == pack.ID && own.Version == pack.Version:
			return Policy{}, versionTaken(pack)
		}
	}
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		_, err := once.Do(tx, in.Key, now, func() (string, error) {
			n, err := tx.Exec(`insert into workresume_policy (policy, pack, version, source, account, added)
				values ($1, $2, $3, $4, $5, $6) on conflict do nothing`, id, pack.ID, pack.Version, string(in.Source), by.ID, clock.Micros(now))
			if err != nil {
				return "", err
			}
			if n == 1 {
				return id, s.recordPolicy(tx, by.ID, factPolicyAdded, id, policyBody{Pack: pack.ID, Version: pack.Version, Digest: pack.Digest})
			}
			// Not the same text, then the version is another's.
			var one int64
			err = tx.Row(`select 1 from workresume_policy where policy = $1`, id).Scan(&one)
			if storage.NoRows(err) {
				err = versionTaken(pack)
			}
			return id, err
		})
		return err
	})
	if err != nil {
		return Policy{}, err
	}
	return s.PolicyByID(ctx, by, id) // as it was stored first
}

func versionTaken(p *rule.Pack) error {
	return fault.New(fault.Conflict, "workresume.policy_version", "pack", p.ID, "version", p.Version)
}

// Policies are all that could be activated, those that begin later first.
//
// Faults: Denied.
func (s *Service) Policies(ctx context.Context, by auth.Principal) (list []Policy, err error) {
	if err := by.Permit(MaySeePolicy, Grants, auth.District(s.District)); err != nil {
		return nil, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		list = nil
		now, err := s.inForce(r)
		if err != nil {
			return err
		}
		var promise Policy
		if s.Promise != nil {
			if promise, err = s.promiseInForce(r); err != nil {
				return err
			}
		}
		ids, err := storage.All(r, func(rows *storage.Rows) (id string, err error) { return id, rows.Scan(&id) },
			`select policy from workresume_policy order by policy`)
		if err != nil {
			return err
		}
		for _, pack := range s.own() {
			ids = append(ids, policyID(pack))
		}
		for _, id := range ids {
			p, err := s.policy(r, id)
			if err != nil {
				return err
			}
			if p.InForce = id == now.ID; s.isPromise(p.Pack) {
				p.InForce = id == promise.ID
			}
			list = append(list, p)
		}
		return nil
	})
	slices.SortStableFunc(list, func(a, b Policy) int {
		return cmp.Or(b.Pack.ValidFrom.Compare(a.Pack.ValidFrom), b.Added.Compare(a.Added), cmp.Compare(a.ID, b.ID))
	})
	return list, err
}

// PolicyByID is one policy.
//
// Faults: Denied, NotFound.
func (s *Service) PolicyByID(ctx context.Context, by auth.Principal, id string) (p Policy, err error) {
	if err := by.Permit(MaySeePolicy, Grants, auth.District(s.District)); err != nil {
		return Policy{}, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		if p, err = s.policy(r, id); err != nil {
			return err
		}
		now, err := s.inForceLike(r, p.Pack)
		p.InForce = err == nil && id == now.ID
		return err
	})
	return p, err
}

// Regime is the program's own policy that governed at a time; false before the first.
func (s *Service) Regime(at time.Time) (*rule.Pack, bool) {
	if s.policies.regimes == nil {
		return nil, false
	}
	return s.policies.regimes.At(at)
}

// SourceOf is a policy's file, to be copied and changed: a district's own as it was
// uploaded, or the program's.
func (s *Service) SourceOf(p Policy) string {
	if p.Source != "" {
		return p.Source
	}
	files, err := packs.ReadDir("pack")
	if err != nil {
		return ""
	}
	for _, f := range files {
		data, err := packs.ReadFile("pack/" + f.Name())
		if sum := sha256.Sum256(data); err == nil && hex.EncodeToString(sum[:]) == p.Pack.Digest {
			return string(data)
		}
	}
	return ""
}
