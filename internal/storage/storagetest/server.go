package storagetest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
)

// Server returns the address of a throw-away PostgreSQL, started on first use
// and shared by all test processes of this user; BREAKWATER_TEST_POSTGRES names
// another one. It listens on a Unix socket only and syncs nothing.
var Server = sync.OnceValues(func() (string, error) {
	if u := os.Getenv("BREAKWATER_TEST_POSTGRES"); u != "" {
		return u, nil
	}
	bin, err := binaries()
	if err != nil {
		return "", err
	}
	dir := Dir()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", err
	}
	data := filepath.Join(dir, "data")
	address := "postgres://postgres@/postgres?host=" + dir
	if run(dir, filepath.Join(bin, "pg_ctl"), "-D", data, "status") == nil {
		return address, nil
	}
	if _, err := os.Stat(filepath.Join(data, "PG_VERSION")); err != nil {
		if err := run(dir, filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"); err != nil {
			return "", err
		}
	}
	return address, run(dir, filepath.Join(bin, "pg_ctl"), "-D", data, "-w", "-l", filepath.Join(dir, "log"), "-o",
		"-k "+dir+" -c listen_addresses='' -c fsync=off -c max_connections=400 -c shared_buffers=128MB -c max_locks_per_transaction=512", "start")
})

// Stop ends the throw-away server, if it runs, and removes its data. It waits
// for nobody: tests under way elsewhere lose their database.
func Stop() error {
	dir := Dir()
	if _, err := os.Stat(filepath.Join(dir, "data")); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	bin, err := binaries()
	if err != nil {
		return err
	}
	ctl := filepath.Join(bin, "pg_ctl")
	if run(dir, ctl, "-D", filepath.Join(dir, "data"), "status") == nil {
		if err := run(dir, ctl, "-D", filepath.Join(dir, "data"), "-m", "immediate", "-w", "stop"); err != nil {
			return err
		}
	}
	return os.RemoveAll(dir)
}

// Dir is where the throw-away server keeps its data.
func Dir() string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("breakwater-postgres-%d", os.Getuid()))
}

func binaries() (string, error) {
	if p, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(p), nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return "", errors.New("no initdb on the PATH or under /usr/lib/postgresql")
	}
	return filepath.Dir(found[len(found)-1]), nil
}

// run runs a PostgreSQL tool, as user postgres when we are root, which the
// tools refuse to be.
func run(dir, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	if os.Getuid() == 0 {
		u, err := user.Lookup("postgres")
		if err != nil {
			return fmt.Errorf("as root a user postgres is needed: %w", err)
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		if err := os.Chown(dir, uid, gid); err != nil {
			return err
		}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}
	// Output goes to a file: a server that inherits a pipe would keep it open.
	log, err := os.CreateTemp("", "breakwater-pg-*.log")
	if err != nil {
		return err
	}
	defer os.Remove(log.Name())
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(log.Name())
		return fmt.Errorf("%s: %w: %s", filepath.Base(name), err, said)
	}
	return nil
}
