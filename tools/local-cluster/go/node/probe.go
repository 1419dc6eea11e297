package main

import (
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

const (
	probePause   = 50 * time.Millisecond
	probeTimeout = 2 * time.Second
)

// The probes only ask the node's own processes whether they are there, so nobody's identity matters.
var probeClient = &http.Client{
	Timeout:   probeTimeout,
	Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true},
}

// await returns true when the probe succeeds, false when the process is gone first.
func (probe Probe) await(gone <-chan struct{}) bool {
	for !probe.succeeds() {
		select {
		case <-gone:
			return false
		case <-time.After(probePause):
		}
	}
	return true
}

func (probe Probe) succeeds() bool {
	switch {
	case probe.URL != "":
		answer, err := probeClient.Get(probe.URL)
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	case probe.Socket != "":
		connection, err := net.DialTimeout("unix", probe.Socket, probeTimeout)
		if err != nil {
			return false
		}
		connection.Close()
	}
	return true
}
