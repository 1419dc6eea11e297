package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
)

// The file descriptors that start hands over.
const (
	loopbackSocket = 3
	releasePipe    = 4
)

// initialize is pid 1 of the new namespaces. Killing it ends every component and pod, and with the last process the
// kernel drops mounts, devices and packet rules.
func initialize(plan *Plan) error {
	gate := os.NewFile(releasePipe, "release")
	if _, err := io.ReadFull(gate, make([]byte, 1)); err != nil {
		return fmt.Errorf("the starter ended before the network was there: %w", err)
	}
	gate.Close()
	socket := os.NewFile(loopbackSocket, "loopback")
	listener, err := net.FileListener(socket)
	if err != nil {
		return err
	}
	socket.Close()
	if err := joinCgroups(plan.Cgroup); err != nil {
		return fmt.Errorf("cgroups: %w", err)
	}
	if err := privateMounts(plan.Mounts); err != nil {
		return err
	}
	if err := plugNode(plan.Network); err != nil {
		return err
	}
	raiseLimits()
	go forward(listener, plan.Loopback.Target)
	events, err := openEvents(plan.Events)
	if err != nil {
		return err
	}
	newSupervisor(plan, events).run()
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	<-stop
	return nil
}

// raiseLimits lets many pods watch files. The inotify limits belong to the whole machine, so they only ever go up.
func raiseLimits() {
	raise("/proc/sys/fs/inotify/max_user_instances", 8192)
	raise("/proc/sys/fs/inotify/max_user_watches", 524288)
	limit := syscall.Rlimit{}
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) == nil {
		limit.Cur = limit.Max
		syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
	}
}

func raise(file string, least int) {
	text, err := os.ReadFile(file)
	if err != nil {
		return
	}
	if now, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil && now < least {
		os.WriteFile(file, []byte(strconv.Itoa(least)), 0o644)
	}
}
