# The course in two commands: `make lab` and `make test`. `make help` lists the others.

GOOD := -I -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3 python; do \
  $$p $(GOOD) 2>/dev/null && command -v $$p && break; done)
VENV ?= .venv
EXTRAS ?= pytorch,tensorflow,lab,tools,dev,docs,benchmarks
NOTEBOOK ?= notebooks/01_embeddings/embeddings_pytorch.ipynb
LAB_ARGS ?=
JOBS ?= 2
CONSTRAINTS ?= -c constraints.txt
# Where a run of the notebooks leaves every claim with device, seconds and memory.
MEASURED ?= build/measured$(if $(filter gpu,$(COURSE_DEVICE)),_gpu_$(FRAMEWORK)).json
# Which notebooks `make test-notebooks` runs: LESSON=01, FRAMEWORK=pytorch, both or all.
LESSON ?=
FRAMEWORK ?=

BIN := $(VENV)/bin
READY := $(VENV)/.ready
# An environment that can be used: a good Python with pip, standing where it was made. -I keeps out
# what PYTHONPATH and its kind name.
WHOLE = $(BIN)/python -I course_utils/tools/environment.py
# Any other is made anew if it is the Makefile's own: what you named or linked is left alone.
MAY_CLEAR := test ! -L $(VENV) && $(if $(filter .venv%,$(VENV)),true,test ! -e $(VENV))
# .ready holds the extras. It moves along with its folder, and outlives a Python or a package.
STALE := $(shell { $(WHOLE) "$$(cat $(READY))"; } >/dev/null 2>&1 || echo yes)
export PIP_USER := 0
unexport PIP_TARGET PIP_PREFIX PIP_ROOT PIP_PYTHON PIP_NO_DEPS PIP_DRY_RUN PYTHONHOME PYTHONPLATLIBDIR
# Programs of the environment come first. The shell knows the folder, whatever signs its name has.
IN_VENV := PATH="$$(cd $(BIN) && pwd -P):$$PATH"
# One thread a process: two processes side by side are faster than one with two threads.
THREADS := OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE TF_CPP_MIN_LOG_LEVEL=3
LINTED := course_utils tests notebooks/conftest.py $(wildcard benchmarks)
NOTEBOOKS = notebooks/$(LESSON)*/*$(FRAMEWORK).ipynb
# PyTorch's and TensorFlow's packages for CUDA overwrite each other: one environment for each.
GPU_VENV ?= .venv-gpu-$(FRAMEWORK)
GPU_EXTRA := $(patsubst tensorflow,tensorflow-gpu,$(filter pytorch tensorflow,$(FRAMEWORK)))
NBVAL := --nbval-lax --nbval-current-env --nbval-cell-timeout=240 --dist loadfile --no-loadscope-reorder

.PHONY: $(if $(STALE),$(READY)) help setup lab lessons build site test test-package test-notebooks test-browser test-gpu test-devices \
  on-gpu test-benchmarks report shards lint clean

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 18

setup: $(READY)  ## make .venv with everything the course needs, and fetch the pre-trained encoder

$(READY): pyproject.toml constraints.txt
	@"$(PYTHON)" $(GOOD) 2>/dev/null || { echo "The course needs Python 3.11, 3.12 or 3.13, and found $(or $(PYTHON),none): install one, or run 'make PYTHON=/path/to/python3.11'."; exit 1; }
	@case "$$(pwd -P)" in *[\":\$$\`]*|*"$$(printf '\t')"*) echo "Python's tools do not work in a folder whose path has one of the signs : \$$ \` \" or a tab: move the course to another folder, then run make again."; exit 1;; esac
	@echo "Setting up $(VENV) with $(PYTHON) (a few minutes, once)"
	@$(WHOLE) 2>/dev/null || { $(MAY_CLEAR) && "$(PYTHON)" -m venv --clear $(VENV) && $(WHOLE); } || \
	  { echo "$(VENV) cannot be used or made (see above): on Debian or Ubuntu run 'sudo apt install python3-venv', otherwise remove $(VENV), then run make again."; exit 1; }
	@$(BIN)/python -I -m pip install --quiet --disable-pip-version-check $(CONSTRAINTS) -e ".[$(EXTRAS)]" && $(WHOLE) "$(EXTRAS)" || \
	  { echo "pip did not install the course into $(VENV) (see above): mend the network, the space on the disk or what '$(BIN)/pip config list' shows, then run make again."; exit 1; }
	@$(BIN)/course data fetch --needed
	@echo "$(EXTRAS)" > $@

lab: setup  ## open lesson 1 in JupyterLab
	$(IN_VENV) OMP_WAIT_POLICY=PASSIVE \
	  $(BIN)/jupyter lab --ServerApp.root_dir="$$(pwd -P)" --LabApp.default_url="/lab/tree/$(NOTEBOOK)" $(LAB_ARGS)

lessons: setup  ## run every lesson without a browser; leaves executed pages in build/html
	$(IN_VENV) $(THREADS) $(BIN)/course run all --jobs $(JOBS) --html build/html

build: setup  ## rebuild the notebooks from their lesson.md and execute them
	$(IN_VENV) $(THREADS) $(BIN)/course build all

site: $(VENV)/.docs  ## make the website of the course from the stored notebooks, in build/site
	$(BIN)/python -m course_utils.tools.website build/site

test: test-package test-notebooks  ## run every test: the package, then all notebooks

test-package: setup  ## test the package
	$(IN_VENV) $(THREADS) $(BIN)/python -m pytest tests -n $(JOBS) --dist loadfile

test-notebooks: setup  ## run notebooks as tests: all, or those of LESSON=01, of FRAMEWORK=pytorch
	$(IN_VENV) $(THREADS) $(BIN)/python -m pytest $(NOTEBOOKS) -n $(JOBS) $(NBVAL) --measured $(MEASURED)

test-browser: $(VENV)/.docs $(VENV)/.browser  ## test the website and JupyterLab in Chromium (minutes)
	$(IN_VENV) $(THREADS) $(BIN)/python -m pytest tests -m browser

$(VENV)/.docs $(VENV)/.browser: $(READY)
	@$(BIN)/python -I -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[$(patsubst .%,%,$(notdir $@))]"
	@touch $@

test-gpu:  ## run the notebooks of FRAMEWORK=pytorch or tensorflow on a GPU; fail if there is none
	@test -n "$(GPU_EXTRA)" || { echo "Say which framework: make test-gpu FRAMEWORK=pytorch, or FRAMEWORK=tensorflow."; exit 1; }
	@test "$$(uname)" = Darwin || nvidia-smi -L >/dev/null 2>&1 || { echo "No GPU is seen here (nvidia-smi names none): run 'make test' to test on the processor."; exit 1; }
	@$(MAKE) --no-print-directory on-gpu VENV=$(GPU_VENV) EXTRAS=$(GPU_EXTRA),lab,tools,dev JOBS=1

on-gpu: export COURSE_DEVICE = gpu
on-gpu: setup
	@$(BIN)/course gpu $(FRAMEWORK)
	@$(MAKE) --no-print-directory test-notebooks

# What a GPU does in seconds takes its time on a processor.
test-devices: NBVAL := $(subst =240,=900,$(NBVAL))
test-devices: setup  ## run the notebooks of PyTorch, or LESSON=01, on an imitated GPU (half an hour)
	$(IN_VENV) COURSE_DEVICE=gpu COURSE_FAKE_DEVICE=1 $(THREADS) $(BIN)/python -m pytest \
	  notebooks/$(LESSON)*/*_pytorch.ipynb -n $(JOBS) $(NBVAL)

test-benchmarks: setup  ## run the lessons on the standard data sets (from a mirror or the network)
	$(IN_VENV) $(THREADS) $(BIN)/python -m pytest benchmarks -v -k "$(LESSON)$(if $(and $(LESSON),$(FRAMEWORK)), and )$(FRAMEWORK)"

report: setup  ## write notebooks/RESULTS.md and the links of notebooks/README.md anew
	$(BIN)/course report

shards:
	@printf '["%s"]\n' "$$(ls -d notebooks/[0-9][0-9]_*/lesson.md | sed -E 's|.*/([0-9]{2})_.*|\1|' | paste -sd, - | sed 's/,/","/g')"

lint: setup  ## check the style of code and notebooks, the types, and the spelling
	$(BIN)/ruff check $(LINTED) notebooks
	$(BIN)/ruff format --check $(LINTED)
	$(BIN)/mypy
	$(BIN)/codespell

clean:  ## remove what the commands above made
	rm -rf $(VENV) .venv-gpu-* build .pytest_cache .ruff_cache .mypy_cache
