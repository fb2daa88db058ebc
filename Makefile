# `make` or `make help` lists the targets. Needs Go (go.mod names the version), bash, and Python 3.11+ for notebooks.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PROFILE    ?= quick
FUZZTIME   ?= 1m
RUNS       ?= 3
PEER       ?= experiments/bench/torch/peer.py
LAB_ARGS   ?=
PIN_ARGS   ?=
BENCH_ARGS ?=
TORTURE_ARGS ?=
export FUZZTIME PACKAGES TEST_FLAGS

STEP := .ci/step.sh
RN   := build/bin/rn
IMAGE := reciprocalnorm/gonb-cuda
# The commit to write into results files, with "-dirty" if files differ from it.
COMMIT := $(shell git describe --always --abbrev=40 --dirty --match= 2>/dev/null)

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build the command to build/bin/rn
	@$(STEP) "build $(RN)" go build -ldflags "-X github.com/reciprocalnorm/rn/experiments/record.commit=$(COMMIT)" -o $(RN) ./cmd/rn

.PHONY: setup
setup: ## Fetch the Go modules, build rn, install the XLA plugin
	@$(STEP) "Go modules of go.mod" go mod download
	@$(MAKE) --no-print-directory build
	@$(STEP) "XLA plugin (rn setup)" $(RN) setup

.PHONY: setup-notebooks
setup-notebooks: ## Install the headless notebook tools and this checkout's GoNB kernel
	@$(STEP) "notebook tools" notebooks/setup.sh

.PHONY: demo
demo: setup ## Compare BN, domain-specific statistics and RN on real digits
	@$(STEP) "demo" $(RN) demo

.PHONY: test
test: setup setup-notebooks ## Run every check that CI runs; TEST_FLAGS go to go test
	@.ci/test.sh

.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME (1m); PACKAGES=./dir/... selects packages
	@.ci/fuzz.sh

.PHONY: torture
torture: setup ## Kill, damage and starve rn, minutes; TORTURE_ARGS (--short, --seed 2, --only damage) go to it
	@$(STEP) "torture of $(RN)" go run ./experiments/verify/torture --rn $(RN) $(TORTURE_ARGS)

.PHONY: bench-peer
bench-peer: setup ## Compare training steps with PyTorch's, RUNS (3) times; BENCH_ARGS go to rn bench peer
	@$(STEP) "install PyTorch, 3 GB the first time" experiments/bench/torch/venv.sh
	@$(STEP) "check RN in PyTorch against the golden files" "$$(experiments/bench/torch/venv.sh)/bin/python" \
		experiments/bench/torch/peer.py --check experiments/verify/golden/cases/layer_*_l2.json.gz
	@$(STEP) "training steps of GoMLX and PyTorch" $(RN) bench peer --runs $(RUNS) \
		--python "$$(experiments/bench/torch/venv.sh)/bin/python" --script $(PEER) $(BENCH_ARGS)

.PHONY: bench-profile
bench-profile: setup ## Profile training steps by kind of work; BENCH_ARGS go to experiments/bench/profile/main.py
	@$(STEP) "install the profiler, 1.2 GB the first time" docker/gonb-cuda/venv.sh docker/gonb-cuda/requirements-check.txt
	@$(STEP) "profiles of training steps" experiments/bench/profile/profile.sh $(BENCH_ARGS)

.PHONY: notebooks
notebooks: setup setup-notebooks ## Execute the notebooks to build/notebooks; PROFILE=full stores outputs in them
ifeq ($(PROFILE),full)
	@RN_NOTEBOOK_PROFILE=full $(STEP) "notebooks, full profile, outputs stored" notebooks/execute.sh --in-place
else
	@RN_NOTEBOOK_PROFILE=$(PROFILE) $(STEP) "notebooks, $(PROFILE) profile" notebooks/execute.sh
endif

.PHONY: browser-test
browser-test: setup setup-notebooks ## Run a notebook in JupyterLab in Chromium; screenshots go to build/browser
	@$(STEP) "a notebook in JupyterLab in Chromium" notebooks/browser/test.sh

.PHONY: lab
lab: setup setup-notebooks ## Open JupyterLab with the GoNB kernel; LAB_ARGS go to it
	@notebooks/lab.sh $(LAB_ARGS)

.PHONY: docker-build
docker-build: ## Build the image with Go, GoNB, JupyterLab and the CUDA plugin (docker/gonb-cuda)
	@$(STEP) "image $(IMAGE)" docker build --platform linux/amd64 --build-arg COMMIT=$(COMMIT) --tag $(IMAGE) --file docker/gonb-cuda/Dockerfile .

.PHONY: docker-lab
docker-lab: ## Open JupyterLab in the image with this machine's GPUs
	@docker compose --file docker/gonb-cuda/compose.yaml up --no-build lab

.PHONY: docker-rehearse
docker-rehearse: ## Build and start the image without Docker; needs root, buildah and debootstrap
	@$(STEP) "image, with buildah" docker/gonb-cuda/rehearse.sh

.PHONY: cuda-check
cuda-check: setup ## Compile training steps for an NVIDIA H100 on a machine without a GPU
	@$(STEP) "training steps compiled for an H100" docker/gonb-cuda/cuda-check.sh

.PHONY: gpu-check
gpu-check: setup ## Check parity, training and training steps on an NVIDIA GPU
	@$(STEP) "parity, training and steps on a GPU" docker/gonb-cuda/gpu-check.sh

.PHONY: fmt
fmt: ## Format the Go files
	@$(STEP) "gofmt" gofmt -l -w .

.PHONY: requirements
requirements: ## Pin the packages of requirements*.in; PIN_ARGS=--upgrade takes the newest versions
	@$(STEP) "pin the Python packages" notebooks/pin.sh $(PIN_ARGS)

.PHONY: clean
clean: ## Remove build/; the caches of Go and of the notebook tools stay
	@$(STEP) "remove build/" rm -rf build
