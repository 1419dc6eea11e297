package main

import (
	"io"
	"net"
)

// forward answers on a socket that was opened in the machine's network for an address inside the node: an address on
// loopback without address translation and without a process outside.
func forward(listener net.Listener, target string) {
	for {
		outside, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer outside.Close()
			node, err := net.Dial("tcp", target)
			if err != nil {
				return
			}
			defer node.Close()
			go pipe(node, outside)
			pipe(outside, node)
		}()
	}
}

// pipe copies one direction and passes its end on, so that half-closed connections stay half-closed.
func pipe(to, from net.Conn) {
	io.Copy(to, from)
	if half, ok := to.(*net.TCPConn); ok {
		half.CloseWrite()
	}
}
