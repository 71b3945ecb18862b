package main

import (
	"testing"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/storage"
)

// The auditor's three answers: nothing there yet, all well, and where it is wrong.
func TestLedgerAudit(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, s *site) {
		s.run("ledger", "audit").exit(1).has("breakwater init")
		named(s)
		s.run("ledger", "audit").exit(0).has("empty")
		var rep ledger.Report
		s.run("ledger", "audit", "--json").exit(0).json(&rep)
		if !rep.OK || rep.Books != 0 {
			t.Errorf("%+v", rep)
		}
		stocked(s)
		s.shut()
		s.run("ledger", "audit").exit(0).has("mask: came in 1,000, there now 1,000, of which reserved 3").has("Pieces of goods: came in 0")
		if err := s.open().Write(t.Context(), func(tx *storage.Tx) error {
			_, err := tx.Exec(`update ledger_account set posted = posted - 1 where bounded = 1 and posted > 0`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		s.shut()
		s.run("ledger", "audit").exit(1).has("lac_")
		s.run("ledger", "audit", "--json").exit(1).json(&rep)
		if rep.OK || rep.Reason != "balance_differs" || rep.FirstBad == nil || rep.FirstBad.Account == "" {
			t.Errorf("%+v", rep)
		}
	})
}

// stocked puts a book with 1,000 masks and a reservation into the store.
func stocked(s *site) {
	s.t.Helper()
	books := ledger.New(s.open(), nil, clock.Wall)
	var book ledger.BookID
	accounts := []ledger.Account{{Unit: "mask", Outside: true}, {Unit: "mask"}, {Unit: "mask"}, {Unit: "piece"}}
	if err := s.open().Write(s.t.Context(), func(tx *storage.Tx) (err error) {
		if book, err = books.OpenBook(tx); err != nil {
			return err
		}
		for i := range accounts {
			accounts[i].Book = book
			if accounts[i], err = books.OpenAccount(tx, accounts[i]); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		s.t.Fatal(err)
	}
	if _, err := books.Admit(s.t.Context(), book, []ledger.Transfer{
		{ID: ledger.Ticket(clock.Wall()), Kind: ledger.Plain, Debit: accounts[0].ID, Credit: accounts[1].ID, Amount: 1000},
		{ID: ledger.Ticket(clock.Wall()), Kind: ledger.Hold, Debit: accounts[1].ID, Credit: accounts[2].ID, Amount: 3},
	}, nil); err != nil {
		s.t.Fatal(err)
	}
}
