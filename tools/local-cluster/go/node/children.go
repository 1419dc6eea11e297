package main

import (
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// children starts processes and waits for them. Pid 1 inherits every orphan of the node, so it waits for any process at
// all; os/exec would wait for its own ones at the same time and miss those that were reaped first.
type children struct {
	mutex sync.Mutex
	ended map[int]chan syscall.WaitStatus
}

func newChildren() *children {
	all := &children{ended: map[int]chan syscall.WaitStatus{}}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGCHLD)
	go func() {
		for range signals {
			all.reap()
		}
	}()
	return all
}

// start runs a command and returns the channel on which its end arrives. The lock spans the fork and the note of the
// pid: a process that ends at once is reaped only after it is known.
func (all *children) start(argv, environment []string, log *os.File) (<-chan syscall.WaitStatus, error) {
	all.mutex.Lock()
	defer all.mutex.Unlock()
	pid, err := syscall.ForkExec(argv[0], argv, &syscall.ProcAttr{
		Dir:   "/",
		Env:   environment,
		Files: []uintptr{0, log.Fd(), log.Fd()},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return nil, err
	}
	ended := make(chan syscall.WaitStatus, 1)
	all.ended[pid] = ended
	return ended, nil
}

func (all *children) reap() {
	all.mutex.Lock()
	defer all.mutex.Unlock()
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if pid <= 0 || err != nil {
			return
		}
		if ended, ours := all.ended[pid]; ours {
			delete(all.ended, pid)
			ended <- status
		}
	}
}
