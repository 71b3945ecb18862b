// Command breakwater is the whole program: it serves a district, and it is the
// operator's hands at the machine. Its exit code is 0 when done, 1 when refused
// or failed, 2 for wrong usage.
//
// It refuses to hold rules of the district or of the store; see package app.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"breakwater/internal/app"
	"breakwater/internal/fault"
	"breakwater/internal/i18n"
)

// version is set by the build.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second signal ends the program at once
	s := &session{ctx: ctx, in: os.Stdin, out: os.Stdout, err: os.Stderr, getenv: os.Getenv, live: term.IsTerminal(int(os.Stderr.Fd()))}
	s.cwd, _ = os.Getwd()
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))) // serve says more
	code := s.run(os.Args[1:])
	stop()
	os.Exit(code)
}

// session is one command: where it was typed and where it answers. app is set when
// the command came in through a running server's door.
type session struct {
	ctx    context.Context
	in     io.Reader
	out    io.Writer
	err    io.Writer
	getenv func(string) string
	cwd    string
	live   bool // stderr is a terminal: show progress
	args   []string
	app    *app.App
	typed  []byte // standard input, once read
}

// The exit codes.
const (
	done    = 0
	refused = 1
	usage   = 2
)

// errSaid ends a command with code 1 after it has said why itself.
var errSaid = errors.New("said")

// exit is kong's way to stop after --help.
type exit int

func (s *session) run(args []string) (code int) {
	defer func() {
		if p := recover(); p != nil {
			e, ok := p.(exit)
			if !ok {
				panic(p)
			}
			code = int(e)
		}
	}()
	s.args = args
	var c commands
	parser, err := kong.New(&c, append(s.environment(), kong.Name("breakwater"), kong.Description("Breakwater 定波: public services that hold on the day they are needed."),
		kong.Writers(s.out, s.err), kong.Exit(func(n int) { panic(exit(n)) }), kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}))...)
	if err != nil {
		panic(err) // our own declarations
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(s.err, "breakwater: %v\nTry: breakwater --help\n", err)
		return usage
	}
	switch err := parsed.Run(s); {
	case err == nil:
		return done
	case errors.Is(err, errSaid):
		return refused
	case errors.As(err, new(usageError)):
		fmt.Fprintf(s.err, "breakwater: %v\n", err)
		return usage
	default:
		fmt.Fprintf(s.err, "breakwater: %s\n", s.explain(err))
		return refused
	}
}

// usageError is a command line that cannot be meant.
type usageError struct{ error }

// explain is an error in the operator's language, with the fields at fault.
func (s *session) explain(err error) string {
	p := s.printer()
	f := fault.As(err)
	if s.ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return p.T("command.stopped") // Ctrl-C: no fault, and nobody's
	}
	if f.Kind == fault.Internal {
		return err.Error() // the operator may see what happened
	}
	lines := []string{p.Fault(err)}
	for _, field := range f.Fields {
		lines = append(lines, "  "+field.Name+": "+p.Field(field))
	}
	return strings.Join(lines, "\n")
}

// printer speaks Chinese where the machine does.
func (s *session) printer() *i18n.Printer {
	b, err := i18n.Load()
	if err != nil {
		panic(err) // our own texts
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := s.getenv(name); v != "" {
			if strings.HasPrefix(v, "zh") {
				return b.Printer("zh-Hans")
			}
			break
		}
	}
	return b.Printer("en")
}
