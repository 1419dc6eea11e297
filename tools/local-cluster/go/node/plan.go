package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// Plan is everything that one instance is made of. Its shape is declared a second time in src/plan.ts, which writes it.
type Plan struct {
	// Record is the file that identifies pid 1 for status and down.
	Record string `json:"record"`
	// Events is a file of JSON lines on which the starter follows how far the components are.
	Events string `json:"events"`
	// Logs is the folder with one log for pid 1 and one for each component.
	Logs         string       `json:"logs"`
	Cgroup       string       `json:"cgroup"`
	Mounts       Mounts       `json:"mounts"`
	Network      Network      `json:"network"`
	Loopback     Loopback     `json:"loopback"`
	Certificates Certificates `json:"certificates"`
	Environment  []string     `json:"environment"`
	Components   []Component  `json:"components"`
}

// Mounts says which folders of the machine the node sees as private ones.
type Mounts struct {
	// Keep stays visible even where a private folder covers the path that leads to it.
	Keep    []string `json:"keep"`
	Private []struct {
		Path string `json:"path"`
		// Source is a folder of the instance, or empty for memory.
		Source string `json:"source"`
	} `json:"private"`
}

type Network struct {
	Device      string `json:"device"`
	HostAddress string `json:"hostAddress"`
	NodeAddress string `json:"nodeAddress"`
	// Route is the block of the instance, which the machine reaches through the node.
	Route string `json:"route"`
}

// Loopback is the address of the machine under which pid 1 answers for a port of the node.
type Loopback struct {
	Port   int    `json:"port"`
	Target string `json:"target"`
}

type Component struct {
	Name string `json:"name"`
	// After names the components that have to be ready before this one starts.
	After   []string `json:"after"`
	Command []string `json:"command"`
	// Once marks a command that does its work and ends; it is ready when it ended well.
	Once  bool  `json:"once"`
	Ready Probe `json:"ready"`
}

// Probe tells when a component is ready: when a URL answers 200, or a unix socket or TCP address accepts. None: at once.
type Probe struct {
	URL    string `json:"url"`
	Socket string `json:"socket"`
}

func readPlan(file string) (*Plan, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	plan := &Plan{}
	if err := json.Unmarshal(text, plan); err != nil {
		return nil, fmt.Errorf("plan %s: %w", file, err)
	}
	return plan, nil
}
