package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"time"
)

type list []string

func (l *list) String() string     { return strings.Join(*l, " ") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

// netBindService is the value of the security.capability attribute for
// cap_net_bind_service=+ep: version 2 with the effective flag, then the bit
// (10) in the permitted set, little-endian.
const netBindService = "\x01\x00\x00\x02" + "\x00\x04\x00\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00"

// image writes a docker-archive with one uncompressed layer. The same input
// gives the same bytes: names are sorted and no time is recorded.
func image(args []string) error {
	var tags, trees, files, links list
	flags := flag.NewFlagSet("image", flag.ExitOnError)
	out := flags.String("o", "", "archive to write")
	entrypoint := flags.String("entrypoint", "", "what is started, its words separated by spaces")
	user := flags.String("user", "", "who runs it, UID:GID")
	command := flags.String("cmd", "", "default command, or arguments of the entrypoint, its words separated by spaces")
	flags.Var(&tags, "tag", "full image reference; may be repeated")
	flags.Var(&trees, "tree", "directory whose files, links and modes are taken as they are")
	flags.Var(&files, "file", "SOURCE:PATH, or SOURCE:PATH:net_bind_service for that file capability")
	flags.Var(&links, "link", "TARGET:PATH, a symbolic link")
	if err := flags.Parse(args); err != nil {
		return err
	}

	entries := map[string]tarEntry{
		"tmp":        {header: tar.Header{Typeflag: tar.TypeDir, Mode: 0o1777}},
		"etc/passwd": textFile("root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n"),
		"etc/group":  textFile("root:x:0:\nnobody:x:65534:\ntty:x:5:\nnonroot:x:65532:\n"),
		"home/nonroot": {header: tar.Header{
			Typeflag: tar.TypeDir, Mode: 0o700, Uid: 65532, Gid: 65532}},
		"root": {header: tar.Header{Typeflag: tar.TypeDir, Mode: 0o700}},
	}
	for _, t := range trees {
		if err := addTree(entries, t); err != nil {
			return err
		}
	}
	for _, f := range files {
		part := strings.Split(f, ":")
		if len(part) < 2 || len(part) > 3 {
			return fmt.Errorf("bad -file %q", f)
		}
		info, err := os.Stat(part[0])
		if err != nil {
			return err
		}
		entry := tarEntry{source: part[0], header: tar.Header{Typeflag: tar.TypeReg, Mode: 0o755, Size: info.Size()}}
		if len(part) == 3 {
			if part[2] != "net_bind_service" {
				return fmt.Errorf("unknown capability in -file %q", f)
			}
			entry.header.PAXRecords = map[string]string{"SCHILY.xattr.security.capability": netBindService}
		}
		entries[strings.TrimPrefix(part[1], "/")] = entry
	}
	for _, l := range links {
		target, name, ok := strings.Cut(l, ":")
		if !ok {
			return fmt.Errorf("bad -link %q", l)
		}
		entries[strings.TrimPrefix(name, "/")] = tarEntry{header: tar.Header{Typeflag: tar.TypeSymlink, Linkname: target, Mode: 0o777}}
	}
	for name := range entries {
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			if _, ok := entries[dir]; !ok {
				entries[dir] = tarEntry{header: tar.Header{Typeflag: tar.TypeDir, Mode: 0o755}}
			}
		}
	}

	// The layer is needed twice, for its digest and for the archive, and may
	// be large: it goes through a file next to the result.
	layer, err := os.CreateTemp(path.Dir(*out), ".layer-")
	if err != nil {
		return err
	}
	defer layer.Close()
	if err := os.Remove(layer.Name()); err != nil {
		return err
	}
	digest := sha256.New()
	if err := writeTar(io.MultiWriter(layer, digest), entries); err != nil {
		return err
	}
	size, err := layer.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	if _, err := layer.Seek(0, io.SeekStart); err != nil {
		return err
	}

	config, err := json.Marshal(map[string]any{
		"architecture": runtime.GOARCH,
		"os":           "linux",
		"created":      "1970-01-01T00:00:00Z",
		"config": map[string]any{
			"Env":        []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
			"Entrypoint": strings.Fields(*entrypoint),
			"Cmd":        strings.Fields(*command),
			"User":       *user,
		},
		"rootfs":  map[string]any{"type": "layers", "diff_ids": []string{"sha256:" + hex.EncodeToString(digest.Sum(nil))}},
		"history": []any{map[string]any{"created": "1970-01-01T00:00:00Z", "created_by": "vc test host"}},
	})
	if err != nil {
		return err
	}
	configName := fmt.Sprintf("%x.json", sha256.Sum256(config))
	manifest, err := json.Marshal([]any{map[string]any{"Config": configName, "RepoTags": tags, "Layers": []string{"layer.tar"}}})
	if err != nil {
		return err
	}

	archive, err := os.Create(*out)
	if err != nil {
		return err
	}
	defer archive.Close()
	if err := writeTar(archive, map[string]tarEntry{
		"layer.tar":     {reader: layer, header: tar.Header{Typeflag: tar.TypeReg, Mode: 0o644, Size: size}},
		configName:      textFile(string(config)),
		"manifest.json": textFile(string(manifest)),
	}); err != nil {
		return err
	}
	return archive.Close()
}

type tarEntry struct {
	header tar.Header
	source string
	reader io.Reader
}

// addTree adds what is below a directory: files and links, and the directories that they need.
func addTree(entries map[string]tarEntry, tree string) error {
	return filepath.WalkDir(tree, func(source string, found fs.DirEntry, err error) error {
		if err != nil || found.IsDir() {
			return err
		}
		name, err := filepath.Rel(tree, source)
		if err != nil {
			return err
		}
		info, err := found.Info()
		if err != nil {
			return err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			header := tar.Header{Typeflag: tar.TypeReg, Mode: int64(info.Mode().Perm()), Size: info.Size()}
			entries[name] = tarEntry{source: source, header: header}
			return nil
		}
		target, err := os.Readlink(source)
		entries[name] = tarEntry{header: tar.Header{Typeflag: tar.TypeSymlink, Linkname: target, Mode: 0o777}}
		return err
	})
}

func textFile(text string) tarEntry {
	return tarEntry{reader: bytes.NewReader([]byte(text)), header: tar.Header{Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(text))}}
}

func writeTar(to io.Writer, entries map[string]tarEntry) error {
	names := make([]string, 0, len(entries))
	for name := range entries {
		names = append(names, name)
	}
	sort.Strings(names)
	w := tar.NewWriter(to)
	for _, name := range names {
		entry := entries[name]
		header := entry.header
		header.Name = name
		header.ModTime = time.Unix(0, 0)
		header.Format = tar.FormatPAX
		if header.Typeflag == tar.TypeDir {
			header.Name += "/"
		}
		if err := w.WriteHeader(&header); err != nil {
			return err
		}
		if entry.reader != nil {
			if _, err := io.Copy(w, entry.reader); err != nil {
				return err
			}
		}
		if entry.source != "" {
			if err := copyFile(w, entry.source); err != nil {
				return err
			}
		}
	}
	return w.Close()
}

func copyFile(to io.Writer, name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(to, file)
	return err
}
