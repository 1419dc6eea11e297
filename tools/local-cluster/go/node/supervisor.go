package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const (
	firstPause = 200 * time.Millisecond
	longPause  = 10 * time.Second
	// A component that ran this long had a fresh reason to end, so the pause before its next start is short again.
	healthyAfter = time.Minute
)

// supervisor starts every component as soon as those that it needs are ready, and again whenever it ends.
type supervisor struct {
	plan     *Plan
	events   *events
	children *children
	ready    map[string]chan struct{}
}

func newSupervisor(plan *Plan, events *events) *supervisor {
	supervisor := &supervisor{plan, events, newChildren(), map[string]chan struct{}{}}
	for _, component := range plan.Components {
		supervisor.ready[component.Name] = make(chan struct{})
	}
	return supervisor
}

func (supervisor *supervisor) run() {
	for _, component := range supervisor.plan.Components {
		go supervisor.keep(component)
	}
}

func (supervisor *supervisor) keep(component Component) {
	for _, needed := range component.After {
		<-supervisor.ready[needed]
	}
	log, err := os.Create(filepath.Join(supervisor.plan.Logs, component.Name+".log"))
	if err != nil {
		supervisor.events.add(component.Name, "failed", err.Error())
		return
	}
	supervisor.events.add(component.Name, "started", "")
	for pause := firstPause; ; pause = min(pause*2, longPause) {
		began := time.Now()
		status, err := supervisor.once(component, log)
		if component.Once && err == nil && status.ExitStatus() == 0 {
			supervisor.markReady(component)
			return
		}
		if time.Since(began) > healthyAfter {
			pause = firstPause
		}
		supervisor.events.add(component.Name, "failed", describe(status, err))
		time.Sleep(pause)
	}
}

// once runs the component to its end and, on the way, notes when it became ready.
func (supervisor *supervisor) once(component Component, log *os.File) (syscall.WaitStatus, error) {
	ended, err := supervisor.children.start(component.Command, supervisor.plan.Environment, log)
	if err != nil {
		return 0, err
	}
	if component.Once {
		return <-ended, nil
	}
	gone := make(chan struct{})
	defer close(gone)
	go func() {
		if component.Ready.await(gone) {
			supervisor.markReady(component)
		}
	}()
	return <-ended, nil
}

// markReady is called again after each restart; only the first time opens the way for others.
func (supervisor *supervisor) markReady(component Component) {
	select {
	case <-supervisor.ready[component.Name]:
	default:
		close(supervisor.ready[component.Name])
	}
	supervisor.events.add(component.Name, "ready", "")
}

func describe(status syscall.WaitStatus, err error) string {
	switch {
	case err != nil:
		return err.Error()
	case status.Signaled():
		return fmt.Sprintf("ended by signal %d", status.Signal())
	default:
		return fmt.Sprintf("exit code %d", status.ExitStatus())
	}
}
