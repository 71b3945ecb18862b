package drill

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Program is the real program under test: a binary and the folder it keeps its
// data in. It runs as a process of its own, as it would on the day.
type Program struct {
	Bin      string
	Data     string
	Database string // a PostgreSQL address; "" is the embedded database

	Addr string // where it listens, while it runs

	mu  sync.Mutex // cmd: a generator asks what it has used while it is killed
	cmd *exec.Cmd
}

// Log is the file that takes what the program says on standard error.
func (p *Program) Log() string { return p.Data + ".log" }

// stopWithin is how long a program may take to end.
const stopWithin = 30 * time.Second

// Start starts it with these words and returns when it says where it listens.
func (p *Program) Start(ctx context.Context, words ...string) error {
	return p.startAt(ctx, "127.0.0.1:0", words...)
}

// startAt starts it at an address: after a power cut people ask where they asked before.
func (p *Program) startAt(ctx context.Context, addr string, words ...string) error {
	words = append(slices.Clone(words), "--data", p.Data, "--addr", addr)
	cmd := exec.CommandContext(ctx, p.Bin, words...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) } // this one's, whichever runs by then
	cmd.WaitDelay = stopWithin
	cmd.Env = p.environ()
	log, err := os.OpenFile(p.Log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close() // the process has its own
	cmd.Stderr = log
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if url, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
			p.Addr = strings.TrimPrefix(url, "http://")
			p.running(cmd)
			go func() {
				for lines.Scan() { // so that it is never held up by its own words
				}
			}()
			return nil
		}
	}
	err = cmd.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("drill: %s did not start: %w: %s", strings.Join(words, " "), err, p.said())
}

// running notes the process that runs, and returns the one that did.
func (p *Program) running(cmd *exec.Cmd) (was *exec.Cmd) {
	p.mu.Lock()
	defer p.mu.Unlock()
	was, p.cmd = p.cmd, cmd
	return was
}

// Stop ends it as an operator would.
func (p *Program) Stop() error {
	cmd := p.running(nil)
	if cmd == nil {
		return nil
	}
	p.Addr = ""
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	late := time.AfterFunc(stopWithin, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("drill: the program ended with %w: %s", err, p.said())
	}
	return nil
}

// Kill ends it as a power cut would, as far as a process can be told of one: nothing
// is finished, nothing is said. It returns when the process is gone.
func (p *Program) Kill() error {
	cmd := p.running(nil)
	if cmd == nil {
		return nil
	}
	if err := cmd.Process.Kill(); err != nil {
		return err
	}
	_ = cmd.Wait() // that it was killed is no news
	return nil
}

// environ is what the program and its commands are told beside their words.
func (p *Program) environ() []string {
	env := surroundings(os.Environ())
	if p.Database != "" {
		env = append(env, "BREAKWATER_DATABASE="+p.Database) // its password is for no list of processes
	}
	return env
}

// Command runs one command on the program's data, through it while it runs, and
// returns what it printed.
func (p *Program) Command(ctx context.Context, words ...string) (string, error) {
	return p.alone(ctx, append(words, "--data", p.Data)...)
}

// alone runs a command that needs no store.
func (p *Program) alone(ctx context.Context, words ...string) (string, error) {
	cmd := exec.CommandContext(ctx, p.Bin, words...)
	cmd.Env = p.environ()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		err = fmt.Errorf("drill: %s: exit %d: %s", strings.Join(words, " "), ended.ExitCode(), strings.TrimSpace(errs.String()))
	}
	return out.String(), err
}

// Used is the processor time the running program has used so far, to a hundredth
// of a second; see proc_pid_stat(5), fields utime and stime.
func (p *Program) Used() time.Duration {
	p.mu.Lock()
	cmd := p.cmd
	p.mu.Unlock()
	if cmd == nil {
		return 0
	}
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(cmd.Process.Pid), "stat"))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(text), ") ") // the name before may hold anything
	fields := strings.Fields(after)
	if len(fields) < 13 {
		return 0
	}
	user, e1 := strconv.Atoi(fields[11])
	system, e2 := strconv.Atoi(fields[12])
	if e1 != nil || e2 != nil {
		return 0
	}
	return time.Duration(user+system) * (time.Second / 100)
}

// surroundings are the environment of a program under test. What an operator set
// for the real store must not reach it: a rehearsal in the district's own database
// would be a disaster of its own.
func surroundings(environ []string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(pair string) bool {
		return strings.HasPrefix(pair, "BREAKWATER_") && !strings.HasPrefix(pair, "BREAKWATER_TEST_")
	})
}

// said is the end of what the program said.
func (p *Program) said() string {
	text, err := os.ReadFile(p.Log())
	if err != nil {
		return err.Error()
	}
	const most = 4 << 10
	return strings.TrimSpace(string(text[max(0, len(text)-most):]))
}
