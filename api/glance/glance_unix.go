//go:build unix

package glance

import "syscall"

// Take takes a glance, and returns when those whose bytes had arrived can go on.
// Nothing can be waited for but a byte that is on its way already.
func (g *Glance) Take() {
	if g == nil {
		return
	}
	conn, err := g.out.SyscallConn()
	if err != nil {
		return
	}
	var b [1]byte
	sent := false
	_ = conn.Read(func(fd uintptr) bool {
		if !sent {
			_, err := g.in.Write(b[:])
			sent = true
			return err != nil // nothing will come
		}
		_, _ = syscall.Read(int(fd), b[:])
		return true
	})
}
