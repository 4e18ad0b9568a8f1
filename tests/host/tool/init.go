package main

import (
	"os"
	"os/signal"
	"syscall"
)

// initProcess is the first process of the host's PID namespace. It reaps what
// is orphaned (containerd's shims detach themselves on purpose) and does
// nothing else. When it dies, however it dies, the kernel ends every process
// in the namespace with it, which is what makes `down` complete.
func initProcess([]string) error {
	died := make(chan os.Signal, 16)
	signal.Notify(died, syscall.SIGCHLD)
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGTERM)
	for {
		for {
			pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
			if err == syscall.EINTR {
				continue
			}
			if pid <= 0 || err != nil {
				break
			}
		}
		select {
		case <-died:
		case <-end:
			os.Exit(0)
		}
	}
}
