// Command node runs a one-node Kubernetes inside its own network, mount, pid and ipc namespaces.
//
// It holds what TypeScript cannot do: creating namespaces, mounting, netlink, being pid 1. What to run, with which
// flags, addresses and folders, stands in a plan (JSON) that the starter renders.
package main

import (
	"fmt"
	"os"
)

const usage = `usage:
  node certificates PLAN   make the keys and certificates of a plan
  node start PLAN          create the namespaces and leave pid 1 running in them
`

func main() {
	if len(os.Args) != 3 {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	if err := dispatch(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintf(os.Stderr, "node %s: %v\n", os.Args[1], err)
		os.Exit(1)
	}
}

func dispatch(command, file string) error {
	plan, err := readPlan(file)
	if err != nil {
		return err
	}
	switch command {
	case "certificates":
		return makeCertificates(plan.Certificates)
	case "start":
		return start(plan, file)
	case "init":
		return initialize(plan)
	}
	return fmt.Errorf("unknown command; %s", usage)
}
