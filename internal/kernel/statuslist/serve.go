package statuslist

import (
	"context"
	"encoding/hex"
	"maps"
	"slices"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/credential"
)

// Document is a signed list, or a delta, to be sent as it is.
type Document struct {
	Type string // of the bytes
	Tag  string // changes with the bytes
	Body []byte
}

// Current is the list as it was last signed; wantJWT asks for the JOSE form, which
// a key on SM2's curve cannot give.
//
// Faults: NotFound "statuslist.unknown", "statuslist.no_jwt".
func (s *Store) Current(ctx context.Context, list int64, wantJWT bool) (Document, error) {
	p, err := s.find(ctx, list)
	if err != nil {
		return Document{}, err
	}
	if !wantJWT {
		return Document{TypeList, p.tag, p.cwt}, nil
	}
	if p.jwt == nil {
		return Document{}, fault.New(fault.NotFound, "statuslist.no_jwt")
	}
	return Document{TypeJWT, p.tag + "-jwt", p.jwt}, nil
}

func (s *Store) find(ctx context.Context, list int64) (*published, error) {
	s.live.mu.RLock()
	p, begun := s.live.shown[list], s.live.begun
	s.live.mu.RUnlock()
	if p == nil && !begun { // before Run's first round
		if err := s.Publish(ctx); err != nil {
			return nil, err
		}
		s.live.mu.RLock()
		p = s.live.shown[list]
		s.live.mu.RUnlock()
	}
	if p == nil {
		return nil, fault.New(fault.NotFound, "statuslist.unknown")
	}
	return p, nil
}

// Delta is what turns the version of a digest into the list as it was last
// signed. Each is signed once, however many ask.
//
// Faults: NotFound "statuslist.unknown", "statuslist.base_unknown" when the
// version is not one of the last few hundred of this process, or too much changed
// since: the list itself is then to be fetched.
func (s *Store) Delta(ctx context.Context, list int64, base Digest) (Document, error) {
	p, err := s.find(ctx, list)
	if err != nil {
		return Document{}, err
	}
	p.signing.Lock()
	defer p.signing.Unlock()
	from := -1
	for i, v := range p.history {
		if v.digest == base {
			from = i // the same content may have been shown before; the later way is shorter
		}
	}
	if from < 0 {
		return Document{}, fault.New(fault.NotFound, "statuslist.base_unknown")
	}
	if p.deltas[from] == nil {
		d := &Delta{Subject: p.token.Subject, Base: base, Target: p.history[len(p.history)-1].digest, Issued: p.token.Issued, Expires: p.token.Expires, Changes: map[int64]State{}}
		for _, v := range p.history[from+1:] {
			for _, i := range v.changed {
				d.Changes[i], _ = p.token.list.status(uint64(i))
			}
		}
		if len(d.Changes) > maxChanges {
			return Document{}, fault.New(fault.NotFound, "statuslist.base_unknown")
		}
		payload, err := d.encode()
		if err != nil {
			return Document{}, fault.Wrap(err, fault.Internal, "credential.encode")
		}
		kid, key := s.key()
		if p.deltas[from], err = credential.SealToken(key, kid, TypeDelta, payload); err != nil {
			return Document{}, err
		}
	}
	return Document{TypeDelta, p.tag + "-" + hex.EncodeToString(base[:6]), p.deltas[from]}, nil
}

// Lists are the numbers of the lists in which something may hold, for who wants to keep
// them all.
func (s *Store) Lists(ctx context.Context) ([]int64, error) {
	for range 2 {
		s.live.mu.RLock()
		loaded, out := s.live.loaded, slices.Sorted(maps.Keys(s.live.states))
		s.live.mu.RUnlock()
		if loaded {
			return out, nil
		}
		if _, _, err := s.load(ctx); err != nil { // before Run's first round
			return nil, err
		}
	}
	return nil, nil
}

// Checker answers from what this process knows to be stored, which is ahead of
// what was last signed.
func (s *Store) Checker(ctx context.Context) (credential.StatusChecker, error) {
	s.live.mu.RLock()
	loaded := s.live.loaded
	s.live.mu.RUnlock()
	if !loaded {
		if _, _, err := s.load(ctx); err != nil {
			return nil, err
		}
	}
	return ours{s}, nil
}

type ours struct{ s *Store }

// Status implements credential.StatusChecker. The credential's signature held, so
// its list is one of ours; a list that has been closed leaves nothing to say.
func (o ours) Status(c credential.Claims) credential.Status {
	if c.Status == nil {
		return credential.NotChecked
	}
	r := refOf(c.Status.URI, c.Status.Index)
	if r.Zero() {
		return credential.Unknown
	}
	o.s.meet(r)
	o.s.live.mu.RLock()
	defer o.s.live.mu.RUnlock()
	states, ok := o.s.live.states[r.List]
	if !ok {
		return credential.NotChecked
	}
	return word(states[r.Place])
}
