package redistest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// StartTLS runs a server that takes only encrypted connections. It returns the
// path of the certificate to trust, too.
func StartTLS(t TB) (server *Server, certificate string) {
	t.Helper()
	s := &Server{t: t, dir: t.TempDir(), port: freePort(t), tls: true}
	certificate, key := s.write("cert.pem"), s.write("key.pem")
	if err := certify(certificate, key); err != nil {
		t.Fatalf("make a certificate: %v", err)
	}
	s.args = []string{
		"--port", "0", "--tls-port", strconv.Itoa(s.port), "--tls-cert-file", certificate, "--tls-key-file", key,
		"--tls-auth-clients", "no",
	}
	t.Cleanup(s.Kill)
	s.Restart()
	return s, certificate
}

func (s *Server) write(name string) string { return filepath.Join(s.dir, name) }

// trusting is how the server's own test reaches it: it looks at no certificate.
func (s *Server) trusting() *tls.Config {
	if !s.tls {
		return nil
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true} //nolint:gosec // loopback, to set up a test
}

// certify writes a certificate of loopback that vouches for itself.
func certify(certificate, key string) error {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err //nolint:wrapcheck // told by the caller
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		return err //nolint:wrapcheck // the same
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err //nolint:wrapcheck // the same
	}
	if err := os.WriteFile(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		return err //nolint:wrapcheck // the same
	}
	return os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600) //nolint:wrapcheck // the same
}
