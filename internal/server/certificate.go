package server

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"
)

// lookAgain is how often the files of a certificate are looked at.
const lookAgain = 2 * time.Second

// certificate is a certificate and its key in two files, which may be replaced
// while the server runs. New connections get the new one, others stay as they
// are.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger
	current           atomic.Pointer[tls.Certificate]

	// Owned by the goroutine in watch.
	seen [2]string // what was in the files; their times may be those of the files before
}

func newCertificate(certFile, keyFile string, log *slog.Logger) (*certificate, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile, log: log, seen: contents(certFile, keyFile)}
	return c, c.load()
}

// config is for listeners.
func (c *certificate) config() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current.Load(), nil },
	}
}

func (c *certificate) load() error {
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("%s and %s: %w", c.certFile, c.keyFile, err)
	}
	if now := time.Now(); now.After(pair.Leaf.NotAfter) {
		return fmt.Errorf("%s: the certificate has expired on %s", c.certFile, pair.Leaf.NotAfter.Format(time.DateOnly))
	}
	c.current.Store(&pair)
	return nil
}

// watch reads the files again when they have changed, until stop is closed. A
// pair that does not work leaves the old one in use.
func (c *certificate) watch(stop <-chan struct{}) {
	ticker := time.NewTicker(lookAgain)
	defer ticker.Stop()
	for {
		select {
		case <-stop:
			return
		case <-ticker.C:
			c.look()
		}
	}
}

func (c *certificate) look() {
	now := contents(c.certFile, c.keyFile)
	if now == c.seen {
		return
	}
	c.seen = now
	if err := c.load(); err != nil {
		c.log.Error("the new certificate does not work, the old one stays", "file", c.certFile, "error", err)
		return
	}
	c.log.Info("new certificate", "file", c.certFile, "names", names(c.current.Load().Leaf),
		"expires", c.current.Load().Leaf.NotAfter)
}

// contents is what is in files; one that cannot be read has nothing.
func contents(files ...string) (texts [2]string) {
	for i, file := range files {
		text, err := os.ReadFile(file)
		if err == nil {
			texts[i] = string(text)
		}
	}
	return texts
}

func names(leaf *x509.Certificate) []string {
	all := leaf.DNSNames
	for _, ip := range leaf.IPAddresses {
		all = append(all, ip.String())
	}
	return all
}
