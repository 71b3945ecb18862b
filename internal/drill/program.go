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
	Bin  string
	Data string

	cmd  *exec.Cmd
	said *tail
	Addr string // where it listens, while it runs
}

// stopWithin is how long a program may take to end.
const stopWithin = 30 * time.Second

// Start starts it with these words and returns when it says where it listens.
func (p *Program) Start(ctx context.Context, words ...string) error {
	words = append(words, "--data", p.Data, "--addr", "127.0.0.1:0")
	cmd := exec.CommandContext(ctx, p.Bin, words...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) } // this one's, whichever runs by then
	p.cmd = cmd
	p.cmd.WaitDelay = stopWithin
	p.cmd.Env = surroundings(os.Environ())
	p.said = &tail{}
	p.cmd.Stderr = p.said
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := p.cmd.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if url, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
			p.Addr = strings.TrimPrefix(url, "http://")
			go func() {
				for lines.Scan() { // so that it is never held up by its own words
				}
			}()
			return nil
		}
	}
	err = p.cmd.Wait()
	p.cmd = nil
	return fmt.Errorf("drill: %s did not start: %w: %s", strings.Join(words, " "), err, p.said)
}

// Stop ends it as an operator would.
func (p *Program) Stop() error {
	if p.cmd == nil {
		return nil
	}
	cmd := p.cmd
	p.cmd, p.Addr = nil, ""
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	late := time.AfterFunc(stopWithin, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("drill: the program ended with %w: %s", err, p.said)
	}
	return nil
}

// Command runs one command on the program's data, through it while it runs, and
// returns what it printed.
func (p *Program) Command(ctx context.Context, words ...string) (string, error) {
	cmd := exec.CommandContext(ctx, p.Bin, append(words, "--data", p.Data)...)
	cmd.Env = surroundings(os.Environ())
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
	if p.cmd == nil {
		return 0
	}
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), "stat"))
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

// tail keeps the end of what a process says.
type tail struct {
	mu sync.Mutex
	b  []byte
}

const mostTail = 4 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, b...)
	if len(t.b) > mostTail {
		t.b = append(t.b[:0], t.b[len(t.b)-mostTail:]...)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.b))
}
