package server_test

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/server"
)

// writeCertificate puts a certificate of this number for loopback, and its key,
// where a server looks for them.
func writeCertificate(t *testing.T, dir string, number int64) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(number), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: keyDER},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

// number is that of the certificate that a new connection gets.
func number(t *testing.T, address string) int64 {
	t.Helper()
	c, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

// notes is a log that tests look into.
type notes struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (n *notes) Write(b []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.Write(b)
}

func (n *notes) has(text string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return strings.Contains(n.text.String(), text)
}

// await asks again and again until it is so.
func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within 20 s", what)
		}
		time.Sleep(10 * time.Millisecond) //nolint:forbidigo // a file is looked at now and then: there is no event
	}
}

// Over TLS it is the same chat. A new certificate is taken while people talk, a
// broken one is not.
//
// Rules: P-1, P-15
func TestTLS(t *testing.T) {
	dir, log := t.TempDir(), new(notes)
	opts := options()
	opts.TLSListen, opts.Web = "127.0.0.1:0", "127.0.0.1:0"
	opts.TLSCert, opts.TLSKey = writeCertificate(t, dir, 1)
	opts.Log = slog.New(slog.NewTextHandler(log, nil))
	_, addrs := start(t, opts)
	plain := join(t, addrs["chat"])
	plain.expect("login alice", "loginok")
	c, err := tls.Dial("tcp", addrs["tls"], &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprint(c, "login bob\nmsg hi\n")
	if got := plain.line(); got != "msg bob hi" {
		t.Errorf("alice got %q", got)
	}
	for _, address := range []string{addrs["tls"], addrs["web"]} {
		if n := number(t, address); n != 1 {
			t.Errorf("certificate %d", n)
		}
	}
	writeCertificate(t, dir, 2)
	await(t, "the new certificate", func() bool { return number(t, addrs["tls"]) == 2 && number(t, addrs["web"]) == 2 })
	if err := os.WriteFile(opts.TLSCert, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	await(t, "a word on the broken one", func() bool { return log.has("the old one stays") })
	if n := number(t, addrs["tls"]); n != 2 {
		t.Errorf("certificate %d after a broken one", n)
	}
	fmt.Fprint(c, "msg still here\n")
	if got := plain.line(); got != "msg bob still here" {
		t.Errorf("alice got %q", got)
	}
	c.CloseWrite()
	if rest, err := io.ReadAll(c); err != nil || !strings.HasPrefix(string(rest), "loginok\nmsgok 1\nmsgok ") {
		t.Errorf("bob got %q, %v", rest, err)
	}
}

// Who speaks without TLS where the page does is told so, and it is in the log like
// everything else.
func TestHTTPWhereTLSIs(t *testing.T) {
	log := new(notes)
	opts := options()
	opts.Web = "127.0.0.1:0"
	opts.TLSCert, opts.TLSKey = writeCertificate(t, t.TempDir(), 1)
	opts.Log = slog.New(slog.NewTextHandler(log, nil))
	_, addrs := start(t, opts)
	c, err := net.Dial("tcp", addrs["web"])
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
	if got, err := io.ReadAll(c); !strings.HasPrefix(string(got), "HTTP/1.0 400 ") {
		t.Errorf("got %q, %v", got, err)
	}
	await(t, "a line in the log", func() bool { return log.has(`msg="HTTP reports" error="http: TLS handshake error from 127.0.0.1:`) })
}

// A certificate may also be changed by what its name points to, whatever the time
// of the new file is, and by a rename.
func TestCertificateBehindALink(t *testing.T) {
	dir, at := t.TempDir(), time.Now().Add(-time.Minute)
	link := func(version int64) {
		folder := filepath.Join(dir, fmt.Sprint(version))
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		cert, key := writeCertificate(t, folder, version)
		next := filepath.Join(dir, "next")
		for _, err := range []error{
			os.Chtimes(cert, at, at), os.Chtimes(key, at, at),
			os.Symlink(folder, next), os.Rename(next, filepath.Join(dir, "now")),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	opts := options()
	opts.TLSListen = "127.0.0.1:0"
	opts.TLSCert, opts.TLSKey = filepath.Join(dir, "now", "cert.pem"), filepath.Join(dir, "now", "key.pem")
	link(1)
	_, addrs := start(t, opts)
	for version := int64(1); version <= 3; version++ {
		link(version)
		await(t, fmt.Sprint("certificate ", version), func() bool { return number(t, addrs["tls"]) == version })
	}
}

// Who does not finish the handshake is no member, and holds up nobody.
//
// Rules: P-12
func TestUnfinishedHandshake(t *testing.T) {
	opts := options()
	opts.TLSListen = "127.0.0.1:0"
	opts.TLSCert, opts.TLSKey = writeCertificate(t, t.TempDir(), 1)
	srv, addrs := start(t, opts)
	silent, err := net.Dial("tcp", addrs["tls"])
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	if n := number(t, addrs["tls"]); n != 1 {
		t.Errorf("certificate %d", n)
	}
	p := join(t, addrs["chat"])
	p.until("users", func(a string) bool { return len(strings.Fields(a)) == 2 })
	begin := time.Now()
	if err := srv.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("the stop took %v", took)
	}
}

// Over TLS, too, a peer that reads nothing is cut, and nobody waits for it.
//
// Rules: P-71
func TestSlowReaderOverTLS(t *testing.T) {
	opts := options()
	opts.TLSListen, opts.SpamRate, opts.WriteTimeout = "127.0.0.1:0", 0, 300*time.Millisecond
	opts.TLSCert, opts.TLSKey = writeCertificate(t, t.TempDir(), 1)
	_, addrs := start(t, opts)
	c, err := tls.Dial("tcp", addrs["tls"], &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	// It is a member when it has an answer: the first of the two.
	fmt.Fprint(c, "users\n")
	if first, err := bufio.NewReader(c).ReadString('\n'); err != nil || first != "users Anonymous1\n" {
		t.Fatalf("%q, %v", first, err)
	}
	talker := join(t, addrs["chat"])
	line := "msg " + strings.Repeat("x", 16_000) + "\n"
	for talker.ask("users") != "users Anonymous2" {
		talker.send(line)
		talker.line()
	}
}

// What is wrong with a certificate is said at the start.
func TestBadCertificate(t *testing.T) {
	opts := options()
	opts.TLSCert, opts.TLSKey = filepath.Join(t.TempDir(), "none"), "none"
	if _, err := server.Listen(opts); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("%v", err)
	}
	opts.TLSKey = ""
	if _, err := server.Listen(opts); err == nil || !strings.Contains(err.Error(), "--tls-key") {
		t.Errorf("%v", err)
	}
}
