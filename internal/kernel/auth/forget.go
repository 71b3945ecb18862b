package auth

import (
	"database/sql"

	"breakwater/internal/storage"
)

// Holds never holds a person back.
func (s *Service) Holds(storage.Reader, string) error { return nil }

// Forget ends a person's own accounts and everything signed in as them. The
// accounts' rows stay, shut, for facts name them; they hold nothing about anybody.
func (s *Service) Forget(tx *storage.Tx, person string) error {
	ids, err := storage.All(tx, func(rows *sql.Rows) (id string, err error) { return id, rows.Scan(&id) },
		`select id from auth_account where role in ($1, $2) and scope_kind = $3 and scope_id = $4`,
		string(Worker), string(Resident), AtPerson, person)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if _, err := tx.Exec(`update auth_account set disabled = 1, epoch = epoch + 1, person = '' where id = $1`, id); err != nil {
			return err
		}
		if _, err := tx.Exec(`delete from auth_session where account = $1`, id); err != nil {
			return err
		}
		if _, err := tx.Exec(`delete from auth_token where account = $1`, id); err != nil {
			return err
		}
		tx.OnCommit(func() { s.cache.dropAccount(id) })
	}
	return nil
}
