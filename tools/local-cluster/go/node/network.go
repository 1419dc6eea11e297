package main

import (
	"fmt"
	"net"
	"os"

	"github.com/vishvananda/netlink"
)

const inside = "eth0"

// plugHost makes the cable between the machine and the node, and the one route that leads to nodes, pods and services.
func plugHost(network Network, pid int) error {
	cable := &netlink.Veth{
		LinkAttrs:     netlink.LinkAttrs{Name: network.Device},
		PeerName:      inside,
		PeerNamespace: netlink.NsPid(pid),
	}
	if err := netlink.LinkAdd(cable); err != nil {
		return fmt.Errorf("device %s: %w", network.Device, err)
	}
	if err := configure(network.Device, network.HostAddress); err != nil {
		return err
	}
	_, block, err := net.ParseCIDR(network.Route)
	if err != nil {
		return err
	}
	node, _, err := net.ParseCIDR(network.NodeAddress)
	if err != nil {
		return err
	}
	if err := netlink.RouteAdd(&netlink.Route{Dst: block, Gw: node}); err != nil {
		return fmt.Errorf("route to %s: %w", network.Route, err)
	}
	return nil
}

// plugNode is the other end of the cable, seen from inside the namespace.
func plugNode(network Network) error {
	loopback, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	if err := netlink.LinkSetUp(loopback); err != nil {
		return err
	}
	if err := configure(inside, network.NodeAddress); err != nil {
		return err
	}
	gateway, _, err := net.ParseCIDR(network.HostAddress)
	if err != nil {
		return err
	}
	if err := netlink.RouteAdd(&netlink.Route{Gw: gateway}); err != nil {
		return fmt.Errorf("default route: %w", err)
	}
	return os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0o644)
}

func configure(device, address string) error {
	link, err := netlink.LinkByName(device)
	if err != nil {
		return fmt.Errorf("device %s: %w", device, err)
	}
	parsed, err := netlink.ParseAddr(address)
	if err != nil {
		return err
	}
	if err := netlink.AddrAdd(link, parsed); err != nil {
		return fmt.Errorf("address %s: %w", address, err)
	}
	return netlink.LinkSetUp(link)
}
