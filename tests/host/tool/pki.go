package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"flag"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

type keyPair struct {
	cert    *x509.Certificate
	certPEM []byte
	key     *ecdsa.PrivateKey
	keyPEM  []byte
}

// pki writes the keys, certificates and kubeconfigs of one cluster into a
// directory. Everything is new at each call: a host's life is short.
func pki(args []string) error {
	flags := flag.NewFlagSet("pki", flag.ExitOnError)
	dir := flags.String("dir", "", "where to write")
	server := flags.String("server", "", "URL of the API server")
	nodeIP := flags.String("node-ip", "", "address of the node and of the API server")
	serviceIP := flags.String("service-ip", "", "cluster IP of the kubernetes Service")
	nodeName := flags.String("node-name", "", "name of the node")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := os.MkdirAll(*dir, 0o700); err != nil {
		return err
	}

	ca, err := authority("vc-host-ca")
	if err != nil {
		return err
	}
	frontProxyCA, err := authority("vc-host-front-proxy-ca")
	if err != nil {
		return err
	}
	serviceAccounts, err := newKey()
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(&serviceAccounts.key.PublicKey)
	if err != nil {
		return err
	}
	files := map[string][]byte{
		"ca.crt":             ca.certPEM,
		"ca.key":             ca.keyPEM,
		"front-proxy-ca.crt": frontProxyCA.certPEM,
		"sa.key":             serviceAccounts.keyPEM,
		"sa.pub":             pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}),
	}

	apiserverNames := []string{
		"kubernetes", "kubernetes.default", "kubernetes.default.svc",
		"kubernetes.default.svc.cluster.local", "localhost", *nodeName,
		*nodeIP, *serviceIP, "127.0.0.1",
	}
	leaves := []struct {
		file   string
		issuer *keyPair
		name   pkix.Name
		sans   []string
	}{
		{"apiserver", ca, pkix.Name{CommonName: "kube-apiserver"}, apiserverNames},
		{"kubelet-server", ca, pkix.Name{CommonName: *nodeName}, []string{*nodeName, *nodeIP, "127.0.0.1"}},
		{"apiserver-kubelet-client", ca, pkix.Name{CommonName: "kube-apiserver-kubelet-client", Organization: []string{"system:masters"}}, nil},
		{"front-proxy-client", frontProxyCA, pkix.Name{CommonName: "front-proxy-client"}, nil},
	}
	for _, leaf := range leaves {
		pair, err := leaf.issuer.issue(leaf.name, leaf.sans)
		if err != nil {
			return err
		}
		files[leaf.file+".crt"], files[leaf.file+".key"] = pair.certPEM, pair.keyPEM
	}

	users := []struct {
		file string
		name pkix.Name
	}{
		{"admin", pkix.Name{CommonName: "kubernetes-admin", Organization: []string{"system:masters"}}},
		{"kubelet", pkix.Name{CommonName: "system:node:" + *nodeName, Organization: []string{"system:nodes"}}},
		{"kube-controller-manager", pkix.Name{CommonName: "system:kube-controller-manager"}},
		{"kube-scheduler", pkix.Name{CommonName: "system:kube-scheduler"}},
		{"kube-proxy", pkix.Name{CommonName: "system:kube-proxy"}},
	}
	for _, user := range users {
		pair, err := ca.issue(user.name, nil)
		if err != nil {
			return err
		}
		files[user.file+".kubeconfig"] = kubeconfig(*server, user.name.CommonName, ca, pair)
	}

	for name, content := range files {
		if err := os.WriteFile(filepath.Join(*dir, name), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func newKey() (*keyPair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return &keyPair{key: key, keyPEM: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})}, nil
}

func authority(name string) (*keyPair, error) {
	pair, err := newKey()
	if err != nil {
		return nil, err
	}
	template, err := template(pkix.Name{CommonName: name})
	if err != nil {
		return nil, err
	}
	template.IsCA = true
	template.BasicConstraintsValid = true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	return pair, pair.sign(template, template, pair.key)
}

func (ca *keyPair) issue(name pkix.Name, sans []string) (*keyPair, error) {
	pair, err := newKey()
	if err != nil {
		return nil, err
	}
	template, err := template(name)
	if err != nil {
		return nil, err
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	if sans != nil {
		template.ExtKeyUsage = append(template.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
	}
	for _, san := range sans {
		if ip := net.ParseIP(san); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, san)
		}
	}
	return pair, pair.sign(template, ca.cert, ca.key)
}

func template(name pkix.Name) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      name,
		// An hour back, for clocks that are set while the host runs.
		NotBefore: time.Now().Add(-time.Hour),
		NotAfter:  time.Now().AddDate(1, 0, 0),
	}, nil
}

func (p *keyPair) sign(template, issuer *x509.Certificate, issuerKey *ecdsa.PrivateKey) error {
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, &p.key.PublicKey, issuerKey)
	if err != nil {
		return err
	}
	p.cert, err = x509.ParseCertificate(der)
	p.certPEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return err
}

func kubeconfig(server, user string, ca, pair *keyPair) []byte {
	encode := base64.StdEncoding.EncodeToString
	return []byte(fmt.Sprintf(`apiVersion: v1
kind: Config
clusters:
- name: vc-host
  cluster:
    server: %s
    certificate-authority-data: %s
users:
- name: %s
  user:
    client-certificate-data: %s
    client-key-data: %s
contexts:
- name: vc-host
  context:
    cluster: vc-host
    user: %s
current-context: vc-host
`, server, encode(ca.certPEM), user, encode(pair.certPEM), encode(pair.keyPEM), user))
}
