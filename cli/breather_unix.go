//go:build unix

package cli

import "syscall"

// look makes Go look at the network: the caller waits for a byte that is on its
// way already, and that comes with all else that has arrived.
func (p *pipe) look() {
	if p == nil {
		return
	}
	conn, err := p.out.SyscallConn()
	if err != nil {
		return
	}
	var b [1]byte
	sent := false
	_ = conn.Read(func(fd uintptr) bool {
		if !sent {
			_, err := p.in.Write(b[:])
			sent = true
			return err != nil // nothing will come
		}
		_, _ = syscall.Read(int(fd), b[:])
		return true
	})
}
