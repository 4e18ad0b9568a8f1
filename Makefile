# What people and CI type. Everything else is in the scripts and crates named here.
export VC_TEST_KUBECONFIG

.PHONY: demo test lint unit e2e conformance chaos fuzz bench bench-compare host-up host-down

demo: ## A virtual cluster on this machine, from nothing
	@tests/demo

test: ## Everything that is checked, on a real host
	@tests/run

lint: ## Format, clippy, shell scripts, licences of dependencies
	@tests/run lint

unit: ## What needs no cluster
	@tests/run unit

e2e: ## What needs one
	@tests/run e2e

conformance: ## Kubernetes' own suite on the host and on a virtual cluster, side by side
	@tests/conformance/run

chaos: ## Operations and faults by chance, for an hour or VC_TEST_MINUTES
	@tests/run chaos

fuzz: ## What reads hostile input, each part for ten minutes or VC_TEST_MINUTES
	@tests/run fuzz

bench: ## All figures, beside the bare host: docs/performance.md
	@benches/run

bench-compare: ## By how much report B differs from report A: A=a.json B=b.json
	@benches/run compare "$(A)" "$(B)"

host-up: ## Raises the host; the last line is its kubeconfig
	@tests/host/host up

host-down: ## Removes the host: the machine is as before
	@tests/host/host down
