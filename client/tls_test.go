package client_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"testing"
	"time"

	"parley/client"
)

// TestTLS speaks over TLS with a server that it can know, and not with another.
func TestTLS(t *testing.T) {
	cert, known := certificate(t)
	addr := listen(t, func(conn net.Conn) {
		conn = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{cert}})
		defer conn.Close()
		if _, err := bufio.NewReader(conn).ReadString('\n'); err == nil {
			_, _ = io.WriteString(conn, "modeok\n")
		}
	})
	c := dial(t, addr, &client.Options{TLS: &tls.Config{RootCAs: known}})
	if err := c.Sync(t.Context()); err != nil {
		t.Error(err)
	}
	<-c.Done()
	if err := c.Err(); !errors.Is(err, io.EOF) {
		t.Errorf("the end is %v, want EOF", err)
	}
	_, err := client.Dial(t.Context(), addr, &client.Options{TLS: &tls.Config{RootCAs: x509.NewCertPool()}})
	if unknown := (x509.UnknownAuthorityError{}); !errors.As(err, &unknown) {
		t.Errorf("got %v, want an unknown authority", err)
	}
}

// certificate makes one for 127.0.0.1, and a pool that knows it.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		NotAfter:     time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}
