package storagetest

import (
	"context"
	"sync/atomic"

	"breakwater/internal/fault"
	"breakwater/internal/storage"
)

// Store is a storage.Store that fails when told to.
type Store struct {
	under   storage.Store
	failing atomic.Bool
}

// Failing wraps a store; it passes everything on until Fail(true). Code that
// holds a *storage.DB is tested with its Break method instead.
func Failing(under storage.Store) *Store { return &Store{under: under} }

// Fail makes every Read and Write answer Unavailable "storage.unavailable", or
// lets them through again.
func (s *Store) Fail(on bool) { s.failing.Store(on) }

// Write implements storage.Store.
func (s *Store) Write(ctx context.Context, fn storage.WriteFunc) error {
	if s.failing.Load() {
		return fault.New(fault.Unavailable, "storage.unavailable")
	}
	return s.under.Write(ctx, fn)
}

// Read implements storage.Store.
func (s *Store) Read(ctx context.Context, fn storage.ReadFunc) error {
	if s.failing.Load() {
		return fault.New(fault.Unavailable, "storage.unavailable")
	}
	return s.under.Read(ctx, fn)
}
