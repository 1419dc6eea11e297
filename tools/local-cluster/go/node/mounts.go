package main

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// privateMounts covers the folders in which Kubernetes and its tools leave files behind, so that they write into the
// instance's own ones and the machine never sees them.
func privateMounts(mounts Mounts) error {
	// Nothing from here may reach the machine; on machines with shared mounts it would.
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("private mounts: %w", err)
	}
	kept := map[string]*os.File{}
	for _, folder := range mounts.Keep {
		handle, err := os.OpenFile(folder, unix.O_PATH|unix.O_DIRECTORY, 0)
		if err != nil {
			return err
		}
		defer handle.Close()
		kept[folder] = handle
	}
	for _, private := range mounts.Private {
		if err := cover(private.Path, private.Source); err != nil {
			return fmt.Errorf("mount over %s: %w", private.Path, err)
		}
		for folder, handle := range kept {
			if !strings.HasPrefix(folder+"/", private.Path+"/") {
				continue
			}
			if err := uncover(folder, handle); err != nil {
				return fmt.Errorf("keep %s: %w", folder, err)
			}
		}
	}
	if err := unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return fmt.Errorf("mount /proc: %w", err)
	}
	// Pods that ask for mount propagation need a shared root; inside this namespace only.
	return unix.Mount("", "/", "", unix.MS_REC|unix.MS_SHARED, "")
}

func cover(path, source string) error {
	if _, err := os.Stat(path); os.IsNotExist(err) {
		// Making the folder would leave it on the machine.
		return nil
	}
	if source == "" {
		return unix.Mount("tmpfs", path, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=755")
	}
	return unix.Mount(source, path, "", unix.MS_BIND|unix.MS_REC, "")
}

func uncover(folder string, handle *os.File) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	return unix.Mount(fmt.Sprintf("/proc/self/fd/%d", handle.Fd()), folder, "", unix.MS_BIND|unix.MS_REC, "")
}
