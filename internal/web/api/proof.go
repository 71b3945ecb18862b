package api

import (
	"context"
	"net/http"
	"strings"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/web"
)

// MayProve is asking the log for a fact's proof: every fact for who reads the
// whole log, else facts about what the caller may see.
const MayProve auth.Permission = "api.prove"

// Permits says which roles have it.
func Permits() auth.Grants {
	return auth.Grants{MayProve: {auth.Officer, auth.Auditor, auth.Firm}}
}

// Sees says whether by may see what a stream is about, by the stream's id, and
// whether the named fact may be shown whole. Its error means: not at all.
type Sees func(ctx context.Context, by auth.Principal, id, fact string) (whole bool, err error)

// Stream lets a service answer for its streams, "firm:…" by the kind "firm".
func (a *API) Stream(kind string, sees Sees) { a.streams[kind] = sees }

type proofInput struct {
	Fact string `path:"fact" doc:"The fact's id, as listFacts gives it."`
}

// Proof shows that a fact is in the log. With the log's public key and nothing
// else of ours, a client recomputes the checkpoint's root from it.
type Proof struct {
	State      string   `json:"state" enum:"pending,sealed" doc:"Pending until a signed checkpoint covers the fact, about a second."`
	ID         string   `json:"id"`
	Seq        int64    `json:"seq,omitempty" doc:"Place in the log from 1; the tree's leaf index is one less."`
	Size       int64    `json:"size,omitempty" doc:"Facts under the checkpoint."`
	Leaf       string   `json:"leaf,omitempty" doc:"RFC 6962 leaf hash of the record, base64."`
	Hashes     []string `json:"hashes" doc:"Audit path from the leaf up, base64."`
	Checkpoint string   `json:"checkpoint,omitempty" doc:"Signed note (C2SP tlog-checkpoint)."`
	Record     []byte   `json:"record,omitempty" doc:"What the leaf hashes, base64; left out for who may know of the fact but not read it."`
	Key        string   `json:"key" doc:"The log's public key, as signed notes write it."`
}

// Checkpoint is a signed statement of the log's size and root, to be kept
// outside: a shorter or another log is then noticed.
type Checkpoint struct {
	Checkpoint string `json:"checkpoint" doc:"Signed note (C2SP tlog-checkpoint)."`
	Key        string `json:"key" doc:"The log's public key, as signed notes write it."`
}

// Consistency shows that the log of one size is the beginning of the log of a later
// size: with both checkpoints, which the client kept, and the log's public key, it
// recomputes both roots (RFC 6962 §2.1.2).
type Consistency struct {
	From       int64    `json:"from" doc:"Facts under the older checkpoint."`
	To         int64    `json:"to" doc:"Facts under the newer one."`
	Hashes     []string `json:"hashes" doc:"The proof, base64."`
	Checkpoint string   `json:"checkpoint" doc:"The log's last checkpoint: the newer one, unless an earlier size was asked for."`
	Key        string   `json:"key" doc:"The log's public key, as signed notes write it."`
}

type consistencyInput struct {
	From int64 `query:"from" doc:"Facts under the checkpoint that was kept."`
	To   int64 `query:"to" doc:"Facts under a later one; without it, the last."`
}

func (a *API) addProofs() {
	Add(a, Op{ID: "getConsistency", Method: http.MethodGet, Path: "/log/consistency", Group: "log", Access: web.SignedIn}, a.consistency)
	Add(a, Op{ID: "getProof", Method: http.MethodGet, Path: "/log/facts/{fact}/proof", Group: "log", Access: web.Needs(MayProve)}, a.proof)
	Add(a, Op{ID: "getCheckpoint", Method: http.MethodGet, Path: "/log/checkpoint", Group: "log", Access: web.SignedIn}, a.checkpoint)
}

func (a *API) proof(ctx context.Context, c Call, in *proofInput) (Proof, error) {
	rec, err := a.Log.Find(ctx, in.Fact)
	if err != nil {
		return Proof{}, err
	}
	whole := c.By.Permit(MayProve, Permits(), auth.District(a.District)) == nil
	if !whole {
		// A fact one may not see is answered like one that is not there.
		unknown := fault.New(fault.NotFound, "eventlog.no_fact", "id", in.Fact)
		kind, id, _ := strings.Cut(rec.Stream, ":")
		sees := a.streams[kind]
		if sees == nil {
			return Proof{}, unknown
		}
		if whole, err = sees(ctx, c.By, id, rec.Name); err != nil {
			return Proof{}, unknown
		}
	}
	p, err := a.Log.Proof(ctx, in.Fact)
	if err != nil {
		return Proof{}, err
	}
	return a.shown(p, whole), nil
}

func (a *API) shown(p eventlog.Proof, whole bool) Proof {
	out := Proof{State: p.State, ID: p.ID, Seq: p.Seq, Size: p.Size, Hashes: []string{}, Checkpoint: p.Checkpoint, Key: a.LogKey}
	if p.Leaf != nil {
		out.Leaf = p.Leaf.String()
	}
	for _, h := range p.Hashes {
		out.Hashes = append(out.Hashes, h.String())
	}
	if whole {
		out.Record = p.Record
	}
	return out
}

func (a *API) consistency(ctx context.Context, _ Call, in *consistencyInput) (Consistency, error) {
	p, err := a.Log.Consistency(ctx, in.From, in.To)
	out := Consistency{From: p.From, To: p.To, Hashes: []string{}, Checkpoint: p.Checkpoint, Key: a.LogKey}
	for _, h := range p.Hashes {
		out.Hashes = append(out.Hashes, h.String())
	}
	return out, err
}

func (a *API) checkpoint(ctx context.Context, _ Call, _ *struct{}) (Checkpoint, error) {
	note, err := a.Log.Checkpoint(ctx)
	return Checkpoint{string(note), a.LogKey}, err
}
