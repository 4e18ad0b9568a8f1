// The host's own small tool: what shell does badly or slowly. It has no
// dependencies, so it builds in seconds wherever Go is.
package main

import (
	"fmt"
	"os"
)

var commands = map[string]func([]string) error{
	"image": image,
	"init":  initProcess,
	"pki":   pki,
}

func main() {
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: hosttool image|init|pki ...")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintf(os.Stderr, "hosttool %s: %v\n", os.Args[1], err)
		os.Exit(1)
	}
}
