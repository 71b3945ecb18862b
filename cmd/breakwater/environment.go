package main

import (
	"os"
	"strings"

	"github.com/alecthomas/kong"
)

// variables begins the name of every environment variable the program reads.
const variables = "BREAKWATER"

// environment are the options by which flags have names in the environment. A
// command carried out in a server reads the environment of whoever typed it: the
// server's own would put another password or another file under the same words.
func (s *session) environment() []kong.Option {
	opts := []kong.Option{kong.DefaultEnvars(variables)}
	if s.app == nil {
		return opts
	}
	names := map[*kong.Flag][]string{}
	return append(opts,
		kong.PostBuild(func(k *kong.Kong) error {
			return kong.Visit(k.Model, func(node kong.Visitable, next kong.Next) error {
				if f, ok := node.(*kong.Flag); ok {
					names[f] = f.Tag.Envs
					f.Envs, f.Tag.Envs = nil, nil
				}
				return next(nil)
			})
		}),
		kong.Resolvers(kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, f *kong.Flag) (any, error) {
			for _, name := range names[f] {
				if v := s.getenv(name); v != "" {
					return v, nil
				}
			}
			return nil, nil
		})))
}

// carried is what of the environment travels with a command to the server: our own
// variables, and the language. Which store is meant has been settled already,
// and the server has its own secret.
func carried(environ []string) map[string]string {
	out := map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		switch name {
		case variables + "_DATA", variables + "_DATABASE", variables + "_OIDC_SECRET":
		case "LC_ALL", "LC_MESSAGES", "LANG":
			out[name] = value
		default:
			if strings.HasPrefix(name, variables+"_") {
				out[name] = value
			}
		}
	}
	return out
}

// carry is carried of this process.
func carry() map[string]string { return carried(os.Environ()) }
