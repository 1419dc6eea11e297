package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// start runs on the machine's side: it creates pid 1 in new namespaces, writes down who that is, plugs in the network
// and lets it go. Until the last step pid 1 waits on a pipe: when this process dies earlier, pid 1 reads the end of the
// pipe and ends too, so nothing half-started survives.
func start(plan *Plan, file string) error {
	if err := dieWithStarter(); err != nil {
		return err
	}
	listener, err := listenLoopback(plan.Loopback.Port)
	if err != nil {
		return err
	}
	socket, err := listener.File()
	if err != nil {
		return err
	}
	released, release, err := os.Pipe()
	if err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(plan.Logs, "node.log"))
	if err != nil {
		return err
	}
	command := exec.Command("/proc/self/exe", "init", file)
	command.Dir = "/"
	command.Env = plan.Environment
	command.Stdout, command.Stderr = log, log
	command.ExtraFiles = []*os.File{socket, released}
	command.SysProcAttr = &syscall.SysProcAttr{
		Setsid:     true,
		Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWIPC,
	}
	if err := command.Start(); err != nil {
		return fmt.Errorf("new namespaces: %w", err)
	}
	released.Close()
	pid := command.Process.Pid
	if err := writeRecord(plan.Record, pid, listener.Addr().(*net.TCPAddr).Port); err != nil {
		return err
	}
	if err := plugHost(plan.Network, pid); err != nil {
		return err
	}
	_, err = release.Write([]byte{1})
	return err
}

// dieWithStarter ends this process with the one that called it: a `down` that follows the death of an `up` must not
// race against a start that is still on its way.
func dieWithStarter() error {
	runtime.LockOSThread()
	parent := os.Getppid()
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return err
	}
	if os.Getppid() != parent || parent == 1 {
		return fmt.Errorf("the starter is gone")
	}
	return nil
}

// listenLoopback prefers the instance's usual port, so that addresses stay the same from start to start.
func listenLoopback(port int) (*net.TCPListener, error) {
	loopback := net.IPv4(127, 0, 0, 1)
	if listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: loopback, Port: port}); err == nil {
		return listener, nil
	}
	return net.ListenTCP("tcp4", &net.TCPAddr{IP: loopback})
}

// writeRecord writes down how to recognise pid 1 later: a pid alone could have been given to somebody else.
func writeRecord(file string, pid, port int) error {
	namespace, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", pid))
	if err != nil {
		return err
	}
	began, err := startTime(pid)
	if err != nil {
		return err
	}
	text, err := json.Marshal(map[string]any{"pid": pid, "startTime": began, "pidNamespace": namespace, "loopbackPort": port})
	if err != nil {
		return err
	}
	if err := os.WriteFile(file+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// startTime is the moment at which a process began, in clock ticks since the machine started: field 22 of its stat
// line, counted after the command's name, which may itself contain spaces.
func startTime(pid int) (string, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", err
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	return fields[19], nil
}
