package storage

import (
	"database/sql"
	"log/slog"
)

// foldPages is how many pages of the write-ahead log are worth folding into the
// file beside the writer.
const foldPages = 500

// checkpointer folds the write-ahead log into the file on a connection of its own
// while the writer goes on, so that the commit that fills the log (checkpointPages)
// finds little left to do: everybody in that batch would wait for the disk to take
// all of it. It never makes anybody wait; where it cannot keep up, or fails, the
// writer's own checkpoint does the rest.
type checkpointer struct {
	db   *sql.DB
	log  *slog.Logger
	wake chan struct{}
	done chan struct{}
}

func newCheckpointer(dsn string, log *slog.Logger) (*checkpointer, error) {
	connector, err := newLiteConnector(dsn)
	if err != nil {
		return nil, err
	}
	c := &checkpointer{db: sql.OpenDB(connector), log: log, wake: make(chan struct{}, 1), done: make(chan struct{})}
	c.db.SetMaxOpenConns(1)
	go c.loop()
	return c, nil
}

// committed says that the log has grown. It does not block.
func (c *checkpointer) committed() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *checkpointer) loop() {
	defer close(c.done)
	for range c.wake {
		waiting, err := c.fold("noop")
		if err == nil && waiting >= foldPages {
			_, err = c.fold("passive")
		}
		if err != nil {
			c.log.Warn("checkpoint beside the writer", "error", err)
		}
	}
}

// fold runs a checkpoint of the mode and returns the pages that were left to fold.
func (c *checkpointer) fold(mode string) (left int64, err error) {
	var busy, pages, folded int64
	err = c.db.QueryRow(`pragma wal_checkpoint(`+mode+`)`).Scan(&busy, &pages, &folded)
	return pages - folded, err
}

// close ends the checkpointer. Nothing may be committed after it.
func (c *checkpointer) close() error {
	close(c.wake)
	<-c.done
	return c.db.Close()
}
