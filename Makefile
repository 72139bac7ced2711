# What a person types. Everything real is in tools/ or a task of deno.json; what they install lies in ~/.cache/grad, never in the tree.
.DEFAULT_GOAL := help
.PHONY: help run dev stop test test-unit test-runner test-e2e test-attacks test-cluster check mutants build bench bench-cluster generate accept-api docs fmt hooks clean ci
SHELL := /bin/bash
# Recipes after the first need the tools that bootstrap.sh installed.
TOOLS := . tools/lib/env.sh &&

help: ## List these commands
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{ printf "  make %-12s %s\n", $$1, $$2 }'

run: ## Install what is missing, load real data into a local S3 server, run two analyses; safe to repeat
	@tools/demo/run.sh

dev: ## The same on Kubernetes: minikube, and grad in it from these sources, by skaffold; Ctrl-C ends it
	@tools/dev/dev.sh

stop: ## End what `make run` started; files, data and the workspace stay
	@tools/demo/stop.sh

test: ## All tests: unit, contract, runner, end to end (with a real S3 server), attacks
	@tools/test.sh

test-unit: ## Only the tests beside the TypeScript code
	@tools/test.sh unit

test-runner: ## Only the Python tests
	@tools/test.sh runner

test-attacks: ## Only the attacks of untrusted code, data, servers and workspaces; as root also once more as a plain user
	@tools/test.sh attacks

test-e2e: ## Only the end-to-end tests and what analysts do
	@tools/test.sh end-to-end analysts

test-cluster: ## The tests that need Kubernetes, on the cluster that KUBECONFIG names (docs/testing-on-a-cluster.md)
	@tools/cluster/test.sh

check: ## Format, lint, import rules, types, generated code, documents and their links, the API's compatibility
	@tools/check.sh

mutants: ## Put small faults into the cores and security checks; the tests must fail (an hour; ONLY=regex of files)
	@tools/bootstrap.sh test && $(TOOLS) GRAD_DEV_PYTHON="$$VENV_DEV/bin/python" deno task --quiet mutants $(if $(ONLY),--only '$(ONLY)')

build: ## Executables dist/gractl and dist/grad
	@tools/build.sh --compile

bench: ## Figures with their baselines (minutes); not part of CI
	@tools/bootstrap.sh check && tools/build.sh --launchers && $(TOOLS) deno task --quiet bench

bench-cluster: ## The figures of runners in pods, on the cluster that KUBECONFIG names, with the image GRAD_TEST_RUNNER_IMAGE (20 minutes)
	@tools/bootstrap.sh check && tools/build.sh --launchers && $(TOOLS) GRAD_TEST_DIST=$(CURDIR)/dist deno task --quiet bench:cluster

generate: ## Code from proto/, and the generated documents
	@tools/bootstrap.sh check && $(TOOLS) deno task --quiet generate && deno task --quiet docs

accept-api: ## Make today's protos the API that later ones must not break (CONTRIBUTING.md says when)
	@tools/bootstrap.sh check && $(TOOLS) deno task --quiet accept-api

docs: ## Only the generated documents: docs/cli.md, docs/errors.md
	@tools/bootstrap.sh run && $(TOOLS) deno task --quiet docs

fmt: ## Format everything
	@tools/bootstrap.sh check && $(TOOLS) deno fmt --quiet && "$$VENV_DEV/bin/ruff" format --quiet --config runner/pyproject.toml runner tools && deno task --quiet buf format -w

hooks: ## Check format and lint of staged files before each commit
	@git config core.hooksPath tools/hooks && echo "Installed: tools/hooks/pre-commit"

clean: ## Remove what was built (dist/ and tool caches); never data or workspaces
	@rm -rf dist runner/.mypy_cache runner/.ruff_cache runner/.pytest_cache runner/.hypothesis
	@find runner tools tests -name __pycache__ -type d -prune -exec rm -rf {} +

ci: ## What CI runs
	@.ci/run
