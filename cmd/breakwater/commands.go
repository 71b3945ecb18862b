package main

import (
	"fmt"
	"net/netip"
	"os"
	"strings"

	"breakwater/internal/app"
	"breakwater/internal/fault"
)

// commands is the command line.
type commands struct {
	Demo    demoCommand  `cmd:"" help:"Serve a believable district to try everything in."`
	Serve   serveCommand `cmd:"" help:"Serve the district."`
	Init    initCommand  `cmd:"" help:"Name the district of an empty store."`
	Officer struct {
		Add    officerAdd    `cmd:"" help:"Give an officer an account."`
		Link   officerLink   `cmd:"" help:"Let an identity of the district's provider open an account."`
		Unlink officerUnlink `cmd:"" help:"End that; the password stays."`
	} `cmd:"" help:"Staff accounts."`
	Place struct {
		Add  placeAdd  `cmd:"" help:"Enter a park, or a gate of one."`
		List placeList `cmd:"" help:"List parks and gates with their ids."`
	} `cmd:"" help:"Parks and gates."`
	Import struct {
		Roster importRoster `cmd:"" help:"Read a roster (.xlsx, .csv) in."`
	} `cmd:"" help:"Read files in."`
	Calendar struct {
		Import calendarImport `cmd:"" help:"Put a year's holidays into force (.csv, .json, .toml)."`
		List   calendarList   `cmd:"" help:"List the years whose holidays are known; --year prints one."`
	} `cmd:"" help:"Working days, by which clocks run."`
	Credential struct {
		Verify  credentialVerify  `cmd:"" help:"Check a signed code (BW1: or HC1:)."`
		Inspect credentialInspect `cmd:"" help:"Show what a code says, unchecked."`
	} `cmd:"" help:"Signed codes."`
	Key struct {
		List   keyList   `cmd:"" help:"List the signing keys; --json is the trust list."`
		Rotate keyRotate `cmd:"" help:"Let a new signing key follow."`
	} `cmd:"" help:"Keys that sign codes."`
	Log struct {
		Verify      logVerify      `cmd:"" help:"Check every fact against the sealed log."`
		Checkpoint  logCheckpoint  `cmd:"" help:"Print the latest signed checkpoint, to keep elsewhere."`
		Consistency logConsistency `cmd:"" help:"Prove that the log only grew since a kept checkpoint."`
	} `cmd:"" help:"The log of facts."`
	Ledger struct {
		Audit ledgerAudit `cmd:"" help:"Prove from the first transfer on that nothing was given out twice."`
	} `cmd:"" help:"The ledger of what is scarce."`
	Draw struct {
		Replay drawReplay `cmd:"" help:"Do a published draw again from its file and say whether it is the same."`
		Commit drawCommit `cmd:"" help:"As a witness, choose a secret and print what to publish."`
	} `cmd:"" help:"Draws by lot that anybody can check."`
	Token struct {
		Create tokenCreate `cmd:"" help:"Make API tokens, one a line."`
	} `cmd:"" help:"API tokens."`
	Person struct {
		Erase personErase `cmd:"" help:"Erase a person for good; the log stays whole."`
	} `cmd:"" help:"People."`
	Drill struct {
		List drillList `cmd:"" help:"List the scenarios that come with the program."`
		Run  drillRun  `cmd:"" help:"Rehearse them against this very program, on a district built for it."`
	} `cmd:"" help:"Rehearse published disasters on this machine: what does it bear?"`
	Migrate     migrateCommand `cmd:"" help:"Bring the store's schema up to date."`
	CheckConfig checkConfig    `cmd:"" help:"Say what is configured and what is wrong with it."`
	Backup      backupCommand  `cmd:"" help:"Write the whole store and its keys into one archive."`
	Restore     restoreCommand `cmd:"" help:"Read an archive into an empty store of either engine."`
	Version     versionCommand `cmd:"" help:"Print the version."`
}

// storeFlags say which store a command opens.
type storeFlags struct {
	Data     string `help:"Data folder (default var/data; var/demo for demo)." type:"path" placeholder:"DIR"`
	Database string `help:"PostgreSQL address instead of the embedded database." placeholder:"postgres://…"`
	Signing  string `help:"How new signing keys sign: es256, or sm2 for national algorithms." placeholder:"es256|sm2"`
}

func (f storeFlags) config() app.Config {
	return app.Config{Data: f.Data, Database: f.Database, Signing: f.Signing}
}

// serveFlags say where the program is reached.
type serveFlags struct {
	Addr      string   `help:"Address to listen on (default 127.0.0.1:8080)." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	TLSCert   string   `help:"TLS certificate, PEM." type:"path" name:"tls-cert" placeholder:"FILE"`
	TLSKey    string   `help:"TLS key, PEM." type:"path" name:"tls-key" placeholder:"FILE"`
	PublicURL string   `help:"How people reach the program, if not at its address." name:"public-url" placeholder:"URL"`
	Proxies   []string `help:"Networks of the proxies in front, whose X-Forwarded-For is believed." name:"proxy" placeholder:"CIDR"`
	Capacity  int      `help:"Requests a second let in at most (0: what the machine bears, by measured waiting)." placeholder:"N"`
	Metrics   []string `help:"Networks that may read /metrics, beside this machine." name:"metrics-from" placeholder:"CIDR"`
	BeaconURL string   `help:"Mirror of the public beacon that seeds draws, such as https://api.drand.sh." name:"beacon-url" placeholder:"URL"`
	SMSURL    string   `help:"Gateway that takes messages to phones as JSON." name:"sms-url" placeholder:"URL"`
	SMSToken  string   `help:"Bearer token of the gateway; better as BREAKWATER_SMS_TOKEN." name:"sms-token" placeholder:"…"`

	providerFlags
}

// providerFlags name the district's identity provider. Its secret is in no flag,
// where everybody on the machine could read it in the list of processes.
type providerFlags struct {
	OIDCIssuer     string `help:"Issuer of the district's OpenID provider, by which staff may sign in." name:"oidc-issuer" placeholder:"URL"`
	OIDCClientID   string `help:"What this program is called there." name:"oidc-client-id" placeholder:"ID"`
	OIDCSecretFile string `help:"File with the client's secret; or the secret as BREAKWATER_OIDC_SECRET." name:"oidc-secret-file" type:"path" placeholder:"FILE"`
	OIDCName       string `help:"How people know the provider; its host if left out." name:"oidc-name" placeholder:"NAME"`
}

func (f providerFlags) read(s *session) (app.OIDC, error) {
	o := app.OIDC{Issuer: f.OIDCIssuer, ClientID: f.OIDCClientID, Name: f.OIDCName, Secret: s.getenv(variables + "_OIDC_SECRET")}
	if f.OIDCSecretFile == "" {
		return o, nil
	}
	text, err := os.ReadFile(f.OIDCSecretFile)
	if err != nil {
		return o, fault.Wrap(err, fault.Invalid, "app.config").With("oidc-secret-file", "app.oidc_secret", "file", f.OIDCSecretFile)
	}
	if o.Secret = strings.TrimSpace(string(text)); o.Secret == "" {
		return o, fault.New(fault.Invalid, "app.config").With("oidc-secret-file", "app.oidc_secret", "file", f.OIDCSecretFile)
	}
	return o, nil
}

func (f serveFlags) apply(s *session, c *app.Config) error {
	c.SMSURL, c.SMSToken = f.SMSURL, f.SMSToken
	c.BeaconURL = f.BeaconURL
	c.Addr, c.TLSCert, c.TLSKey, c.PublicURL, c.Capacity = f.Addr, f.TLSCert, f.TLSKey, f.PublicURL, f.Capacity
	var err error
	if c.OIDC, err = f.read(s); err != nil {
		return err
	}
	if c.Proxies, err = networks("--proxy", f.Proxies); err != nil {
		return err
	}
	c.Metrics, err = networks("--metrics-from", f.Metrics)
	return err
}

func networks(flag string, texts []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, text := range texts {
		n, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, usageError{fmt.Errorf("%s %s: %w", flag, text, err)}
		}
		out = append(out, n)
	}
	return out, nil
}

// withApp opens the store for one command; when a server has it, the command goes
// to that server and is carried out there.
func (s *session) withApp(c app.Config, do func(a *app.App) error) error {
	if s.app != nil {
		return do(s.app)
	}
	a, err := app.Open(s.ctx, c)
	if fault.Is(err, "storage.locked") {
		if code, err := s.forward(c); err != nil || code != done {
			if err == nil {
				err = errSaid
			}
			return err
		}
		return nil
	}
	if err != nil {
		return err
	}
	defer a.Close()
	return do(a)
}

// withDistrict is withApp for commands that need the district to have a name. It
// makes no store where there is none: a mistyped folder is not "all well, 0 facts".
func (s *session) withDistrict(c app.Config, do func(a *app.App) error) error {
	if err := c.Check(); err != nil {
		return err
	}
	if s.app == nil && !c.Exists() {
		return fault.New(fault.Conflict, "app.not_named")
	}
	return s.withApp(c, func(a *app.App) error {
		if !a.Named() {
			return fault.New(fault.Conflict, "app.not_named")
		}
		return do(a)
	})
}

type versionCommand struct{}

func (versionCommand) Run(s *session) error {
	_, err := fmt.Fprintln(s.out, "breakwater", version)
	return err
}

// provider names the identity provider without its secret.
func provider(o app.OIDC) string {
	switch {
	case o.Issuer == "":
		return "none"
	case o.Secret == "":
		return o.Issuer + " as " + o.ClientID + ", no secret"
	}
	return o.Issuer + " as " + o.ClientID + ", with a secret"
}

type checkConfig struct {
	storeFlags
	serveFlags
}

func (c checkConfig) Run(s *session) error {
	conf := c.config()
	if err := c.apply(s, &conf); err != nil {
		return err
	}
	if err := conf.Check(); err != nil {
		return err
	}
	if s.app == nil { // a server that runs has proved the rest
		if err := conf.Preflight(); err != nil {
			return err
		}
	}
	fmt.Fprintf(s.out, "store   %s\nkeys    %s\nlisten  %s\ntls     %t\npublic  %s\nproxies %v\nmetrics this machine %v\noidc    %s\nok\n",
		conf.Where(), conf.Keys(), conf.Addr, conf.TLSCert != "", conf.URL(conf.Addr), conf.Proxies, conf.Metrics, provider(conf.OIDC))
	return nil
}
