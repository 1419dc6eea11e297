package main

import (
	"os"
	"path/filepath"
	"strings"
)

const cgroupRoot = "/sys/fs/cgroup"

// joinCgroups moves this process, and with it every component, into the instance's folder of each hierarchy. The node's
// own processes get a leaf beside the pods: version 2 allows processes only in leaves.
func joinCgroups(name string) error {
	if _, err := os.Stat(filepath.Join(cgroupRoot, "cgroup.controllers")); err == nil {
		delegate(cgroupRoot)
		if err := os.MkdirAll(filepath.Join(cgroupRoot, name, "node"), 0o755); err != nil {
			return err
		}
		if err := enter(filepath.Join(cgroupRoot, name, "node")); err != nil {
			return err
		}
		delegate(filepath.Join(cgroupRoot, name))
		return nil
	}
	hierarchies, err := os.ReadDir(cgroupRoot)
	if err != nil {
		return err
	}
	for _, hierarchy := range hierarchies {
		root := filepath.Join(cgroupRoot, hierarchy.Name())
		// Controllers that share a hierarchy have links to it under each name.
		if !hierarchy.IsDir() || !hasProcesses(root) {
			continue
		}
		for _, folder := range []string{filepath.Join(root, name), filepath.Join(root, name, "node")} {
			if err := os.MkdirAll(folder, 0o755); err != nil {
				return err
			}
			inherit(filepath.Dir(folder), folder)
		}
		if err := enter(filepath.Join(root, name, "node")); err != nil {
			return err
		}
	}
	return nil
}

func hasProcesses(root string) bool {
	_, err := os.Stat(filepath.Join(root, "cgroup.procs"))
	return err == nil
}

// delegate switches on for the children whatever the folder has; a controller that refuses stays off.
func delegate(folder string) {
	controllers, err := os.ReadFile(filepath.Join(folder, "cgroup.controllers"))
	if err != nil {
		return
	}
	for _, controller := range strings.Fields(string(controllers)) {
		os.WriteFile(filepath.Join(folder, "cgroup.subtree_control"), []byte("+"+controller), 0o644)
	}
}

// inherit fills the two cpuset files that start empty in version 1 and, while empty, let no process in.
func inherit(parent, folder string) {
	for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
		if value, err := os.ReadFile(filepath.Join(parent, file)); err == nil {
			os.WriteFile(filepath.Join(folder, file), value, 0o644)
		}
	}
}

func enter(folder string) error {
	return os.WriteFile(filepath.Join(folder, "cgroup.procs"), []byte("0"), 0o644)
}
