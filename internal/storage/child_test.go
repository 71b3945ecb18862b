package storage_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/storage"
)

// child is what the test binary does when a test runs it as a process of its
// own; STORAGE_DIR is the folder.
func child(name string) int {
	err := map[string]func(dir string) error{
		"answer": answer,
		"flood":  flood,
		"lock":   lock,
		"full":   full,
		"small":  small,
	}[name](os.Getenv("STORAGE_DIR"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// answer writes a few notes, one after another, and says before and after each
// what it does: strace sees these lines between the calls that sync.
func answer(dir string) error {
	ctx := context.Background()
	db, err := storage.Open(ctx, "sqlite:"+dir+"/x.db", storage.WithSynchronous(os.Getenv("STORAGE_SYNC")))
	if err != nil {
		return err
	}
	if err := db.Migrate(ctx, notes); err != nil {
		return err
	}
	for i := range answers {
		fmt.Printf("request %d\n", i)
		if err := db.Write(ctx, func(tx *storage.Tx) error { return add(tx, fmt.Sprint(i), "x") }); err != nil {
			return err
		}
		fmt.Printf("answer %d\n", i)
	}
	return db.Close()
}

const answers = 20

var twins = module("twin", `
create table twin_a (id text not null primary key) FLAT;
create table twin_b (id text not null primary key) FLAT;`)

// flood writes until it is killed and prints every id it was promised.
func flood(dir string) error {
	ctx := context.Background()
	db, err := storage.Open(ctx, "sqlite:"+dir+"/x.db")
	if err != nil {
		return err
	}
	if err := db.Migrate(ctx, twins); err != nil {
		return err
	}
	var group sync.WaitGroup
	for range 64 {
		group.Go(func() {
			for {
				id := ident.New("t", time.Now())
				if err := db.Write(ctx, func(tx *storage.Tx) error {
					if _, err := tx.Exec(`insert into twin_a (id) values ($1)`, id); err != nil {
						return err
					}
					_, err := tx.Exec(`insert into twin_b (id) values ($1)`, id)
					return err
				}); err != nil {
					fmt.Fprintln(os.Stderr, err)
					return
				}
				os.Stdout.WriteString(id + "\n") // one call, so lines of others do not mix in
			}
		})
	}
	group.Wait()
	return nil
}

// lock owns the folder until its input ends.
func lock(dir string) error {
	_, err := storage.Lock(dir)
	if err != nil {
		return err
	}
	fmt.Println("locked")
	bufio.NewReader(os.Stdin).ReadString('\n')
	return nil
}

// full lets the disk run out under the store, as a limit on the size of files
// does, then gives room again. It prints what was promised before and after,
// and the fault between.
func full(dir string) error {
	signal.Ignore(syscall.SIGXFSZ) // the write itself shall fail, not the process
	ctx := context.Background()
	db, err := storage.Open(ctx, "sqlite:"+dir+"/x.db", storage.WithLogger(quiet()))
	if err != nil {
		return err
	}
	if err := db.Migrate(ctx, notes); err != nil {
		return err
	}
	write := func(n int) error {
		id := fmt.Sprintf("%06d", n)
		err := db.Write(ctx, func(tx *storage.Tx) error { return add(tx, id, "x") })
		if err == nil {
			fmt.Println("promised", id)
		}
		return err
	}
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		return err
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 200 << 10, Max: before.Max}); err != nil {
		return err
	}
	n := 0
	for ; n < 10_000; n++ {
		if err = write(n); err != nil {
			fmt.Println("fault", fault.As(err).Code, fault.KindOf(err))
			break
		}
	}
	if again := write(n + 1); again == nil {
		return errors.New("a write succeeded on a full disk")
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		return err
	}
	for range 100 {
		n++
		if err := write(n + 1); err != nil {
			return fmt.Errorf("with room again: %w", err)
		}
	}
	return db.Close()
}

// fill takes all the room there is left.
func fill(dir string) (*os.File, error) {
	f, err := os.Create(dir + "/ballast")
	if err != nil {
		return nil, err
	}
	for size := 4096; size > 0; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
	return f, nil
}

// small gives the store a disk of its own of half a megabyte, fills what is left
// of it with ballast, and says what becomes of a write before and after the
// ballast goes.
func small(dir string) error {
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=512k"); err != nil {
		fmt.Println("no disk:", err)
		return nil
	}
	ctx := context.Background()
	db, err := storage.Open(ctx, "sqlite:"+dir+"/x.db", storage.WithLogger(quiet()))
	if err != nil {
		return err
	}
	if err := db.Migrate(ctx, notes); err != nil {
		return err
	}
	code := func(err error) string {
		if err == nil {
			return ""
		}
		return fault.As(err).Code
	}
	fmt.Println("room before:", code(db.Room(ctx)))
	ballast, err := fill(dir)
	if err != nil {
		return err
	}
	var kept []string
	for i := 0; ; i++ {
		id := fmt.Sprintf("%06d", i)
		if err = db.Write(ctx, func(tx *storage.Tx) error { return add(tx, id, "x") }); err != nil {
			break
		}
		kept = append(kept, id)
	}
	fmt.Println("commit:", code(err))
	fmt.Println("room:", code(db.Room(ctx)))
	if err := errors.Join(ballast.Close(), os.Remove(dir+"/ballast")); err != nil {
		return err
	}
	fmt.Println("room again:", code(db.Room(ctx)))
	if err := db.Close(); err != nil {
		return err
	}
	if ballast, err = fill(dir); err != nil {
		return err
	}
	_, err = storage.Open(ctx, "sqlite:"+dir+"/x.db", storage.WithLogger(quiet()))
	fmt.Println("opened without room:", code(err))
	if err := errors.Join(ballast.Close(), os.Remove(dir+"/ballast")); err != nil {
		return err
	}
	if db, err = storage.Open(ctx, "sqlite:"+dir+"/x.db", storage.WithLogger(quiet())); err != nil {
		return err
	}
	defer db.Close()
	var have []string
	if err := db.Read(ctx, func(r storage.Reader) (err error) {
		have, err = storage.All(r, func(rows *sql.Rows) (id string, err error) { return id, rows.Scan(&id) }, `select id from note order by id`)
		return err
	}); err != nil {
		return err
	}
	if !slices.Equal(have, kept) {
		return fmt.Errorf("kept %v, have %v", kept, have)
	}
	fmt.Println("kept: all")
	return nil
}
