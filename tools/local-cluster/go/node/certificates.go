package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Certificates are made anew at every start: with elliptic curves that takes milliseconds, and credentials of a cluster
// that is gone do not stay valid.
type Certificates struct {
	Folder string `json:"folder"`
	Leaves []Leaf `json:"leaves"`
}

type Leaf struct {
	Name         string   `json:"name"`
	CommonName   string   `json:"commonName"`
	Organization string   `json:"organization"`
	Usage        string   `json:"usage"`
	Addresses    []string `json:"addresses"`
	Names        []string `json:"names"`
}

const validity = 10 * 365 * 24 * time.Hour

type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func makeCertificates(wanted Certificates) error {
	if err := os.MkdirAll(wanted.Folder, 0o700); err != nil {
		return err
	}
	// The key that signs service account tokens is a plain key pair, not a certificate.
	accounts, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	if err := writeKey(wanted.Folder, "service-accounts", accounts); err != nil {
		return err
	}
	root, err := makeAuthority(wanted.Folder)
	if err != nil {
		return err
	}
	for _, leaf := range wanted.Leaves {
		if err := root.sign(wanted.Folder, leaf); err != nil {
			return fmt.Errorf("certificate %s: %w", leaf.Name, err)
		}
	}
	return nil
}

func makeAuthority(folder string) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := template("kube-ca")
	template.IsCA = true
	template.BasicConstraintsValid = true
	template.KeyUsage |= x509.KeyUsageCertSign
	body, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(body)
	if err != nil {
		return nil, err
	}
	return &authority{certificate, key}, writePair(folder, "ca", body, key)
}

func (root *authority) sign(folder string, leaf Leaf) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := template(leaf.CommonName)
	if leaf.Organization != "" {
		template.Subject.Organization = []string{leaf.Organization}
	}
	template.DNSNames = leaf.Names
	for _, address := range leaf.Addresses {
		template.IPAddresses = append(template.IPAddresses, net.ParseIP(address))
	}
	usage := x509.ExtKeyUsageClientAuth
	if leaf.Usage == "server" {
		usage = x509.ExtKeyUsageServerAuth
	}
	template.ExtKeyUsage = []x509.ExtKeyUsage{usage}
	body, err := x509.CreateCertificate(rand.Reader, template, root.certificate, key.Public(), root.key)
	if err != nil {
		return err
	}
	return writePair(folder, leaf.Name, body, key)
}

func template(commonName string) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: commonName},
		// An hour back: clocks of virtual machines are set shortly after the start.
		NotBefore: now.Add(-time.Hour),
		NotAfter:  now.Add(validity),
		KeyUsage:  x509.KeyUsageDigitalSignature,
	}
}

func writePair(folder, name string, certificate []byte, key *ecdsa.PrivateKey) error {
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})
	if err := os.WriteFile(filepath.Join(folder, name+".crt"), block, 0o600); err != nil {
		return err
	}
	return writeKey(folder, name, key)
}

func writeKey(folder, name string, key *ecdsa.PrivateKey) error {
	body, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	block := pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: body})
	return os.WriteFile(filepath.Join(folder, name+".key"), block, 0o600)
}
