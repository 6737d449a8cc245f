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
	seen [2]time.Time // when the files were changed that were read last
}

func newCertificate(certFile, keyFile string, log *slog.Logger) (*certificate, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile, log: log, seen: changed(certFile, keyFile)}
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
		return err
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
	now := changed(c.certFile, c.keyFile)
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

// changed is when files were changed; a file that is not there gives no time.
func changed(files ...string) (times [2]time.Time) {
	for i, file := range files {
		if info, err := os.Stat(file); err == nil {
			times[i] = info.ModTime()
		}
	}
	return times
}

func names(leaf *x509.Certificate) []string {
	all := leaf.DNSNames
	for _, ip := range leaf.IPAddresses {
		all = append(all, ip.String())
	}
	return all
}
