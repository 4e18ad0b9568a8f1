// table sets what the conformance suite said of a host beside what it said of a virtual cluster on it.
//
//	table -host REPORT,... -virtual REPORT,... [-page docs/conformance.md]
//
// The reports are Ginkgo's JSON; of a test that is in several, the last one counts. The table goes to stdout, one test a
// line, and the sum to stderr. It fails if a test passes on the host alone and the page does not name it, if the page
// names one that is no such test, or if there was no test at all.
package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
)

// What is read of a report.
type report struct {
	SpecReports []spec
}

type spec struct {
	ContainerHierarchyTexts []string
	LeafNodeType            string
	LeafNodeText            string
	State                   string
	Failure                 struct{ Message string }
}

// Outcomes of a test. One that was not chosen has none.
const (
	passed  = "passed"
	failed  = "failed"
	skipped = "skipped"
	notRun  = "-"
)

// results: test name to outcome.
type results map[string]string

func (s spec) name() string {
	return strings.Join(append(slices.Clone(s.ContainerHierarchyTexts), s.LeafNodeText), " ")
}

// outcome says of a test that was chosen how it went. Ginkgo calls skipped what was not chosen, too, but gives a reason
// only for what skipped itself.
func (s spec) outcome() (string, bool) {
	switch {
	case s.LeafNodeType != "It":
		return "", false
	case s.State == "passed":
		return passed, true
	case s.State == "skipped" && s.Failure.Message != "":
		return skipped, true
	case s.State == "skipped" || s.State == "pending":
		return "", false
	}
	return failed, true
}

// merge adds what one report says.
func (r results) merge(data []byte) error {
	var reports []report
	if err := json.Unmarshal(data, &reports); err != nil {
		return err
	}
	for _, one := range reports {
		for _, spec := range one.SpecReports {
			if outcome, ok := spec.outcome(); ok {
				r[spec.name()] = outcome
			}
		}
	}
	return nil
}

func read(files string) (results, error) {
	all := results{}
	if files == "" {
		return all, nil
	}
	for _, file := range strings.Split(files, ",") {
		data, err := os.ReadFile(file)
		if err == nil {
			err = all.merge(data)
		}
		if err != nil {
			return nil, fmt.Errorf("could not read the report %s: %w", file, err)
		}
	}
	return all, nil
}

type row struct{ test, host, virtual string }

// rows are in the order of their names.
func rows(host, virtual results) []row {
	tests := map[string]row{}
	for test := range host {
		tests[test] = row{test, notRun, notRun}
	}
	for test := range virtual {
		tests[test] = row{test, notRun, notRun}
	}
	all := make([]row, 0, len(tests))
	for test := range tests {
		all = append(all, row{test, cmp.Or(host[test], notRun), cmp.Or(virtual[test], notRun)})
	}
	slices.SortFunc(all, func(a, b row) int { return strings.Compare(a.test, b.test) })
	return all
}

// differs: what a user of the virtual cluster misses of his host.
func (r row) differs() bool { return r.host == passed && r.virtual != passed && r.virtual != notRun }

// check compares the tests that pass on the host alone with those that the page explains, each as `NAME` in backquotes.
func check(all []row, page string) error {
	var problems []error
	for _, r := range all {
		named := strings.Contains(page, "`"+r.test+"`")
		switch {
		case r.differs() && !named:
			problems = append(problems, fmt.Errorf("passes on the host alone, and has no reason: %s", r.test))
		case named && r.virtual == passed:
			problems = append(problems, fmt.Errorf("passes, and has a reason why not: %s", r.test))
		}
	}
	return errors.Join(problems...)
}

// sum is one line.
func sum(all []row) string {
	of := map[string]int{}
	differ := 0
	for _, r := range all {
		of["host "+r.host]++
		of["virtual "+r.virtual]++
		if r.differs() {
			differ++
		}
	}
	return fmt.Sprintf("host: %d passed, %d failed, %d skipped; virtual: %d passed, %d failed, %d skipped; on the host alone: %d",
		of["host passed"], of["host failed"], of["host skipped"],
		of["virtual passed"], of["virtual failed"], of["virtual skipped"], differ)
}

func run() error {
	hostFiles := flag.String("host", "", "reports of the host, with commas between")
	virtualFiles := flag.String("virtual", "", "reports of the virtual cluster, with commas between")
	pageFile := flag.String("page", "", "where what differs is explained")
	flag.Parse()
	host, err := read(*hostFiles)
	if err != nil {
		return err
	}
	virtual, err := read(*virtualFiles)
	if err != nil {
		return err
	}
	all := rows(host, virtual)
	if len(all) == 0 {
		return errors.New("no test was run")
	}
	fmt.Println("test\thost\tvirtual")
	for _, r := range all {
		fmt.Printf("%s\t%s\t%s\n", r.test, r.host, r.virtual)
	}
	fmt.Fprintln(os.Stderr, sum(all))
	if *pageFile == "" {
		return nil
	}
	page, err := os.ReadFile(*pageFile)
	if err != nil {
		return err
	}
	return check(all, string(page))
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}
