# Sets up .venv when it is missing or older than pyproject.toml, then does the job. Needs Python >= 3.11.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
CLEAN_TYPES = mkdir -p typing && ln -sfn .. typing/stylecam

.PHONY: demo test lint types format web camera-test styles reference wheel-test clean

# Whether there can be a window is asked of the program itself: it is not enough that DISPLAY is set.
HAS_DISPLAY = $(BIN)/python -c 'from stylecam.realtime.live.sdl import check_display; check_display()' 2>/dev/null

demo: $(VENV)/.run
	@if $(HAS_DISPLAY); then \
	  $(BIN)/realtime --camera demo --style hokusai; \
	else \
	  echo "no display: painting 90 frames of the demo scene without a window"; \
	  $(BIN)/realtime --camera demo --style hokusai --no-window --frames 90 --snapshot demo.png; \
	fi

# Tests of tiny networks use one core each: two run at once. The others open windows or play in real time: they run one
# after the other, as all do with `pytest`. What fails in the first half does not keep the second from being run.
TORCH_TESTS = tests/models tests/training tests/export

test: $(VENV)/.dev
	@failed=0; \
	$(BIN)/python -m pytest -n 2 --dist worksteal $(TORCH_TESTS) || failed=$$?; \
	[ $$failed -le 1 ] || exit $$failed; \
	$(BIN)/python -m pytest $(TORCH_TESTS:%=--ignore=%) || failed=1; \
	exit $$failed

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(CLEAN_TYPES)
	$(BIN)/mypy -m stylecam -p stylecam.models -p stylecam.realtime -p stylecam.training -p stylecam.export

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The page that paints in a browser, into web/dist. Needs npm; see docs/web.md.
web: web/node_modules/.package-lock.json $(VENV)/.dev
	$(BIN)/python web/build.py

web/node_modules/.package-lock.json: web/package-lock.json
	cd web && npm ci

# An emulated machine with the kernel's own camera driver; see CONTRIBUTING.md. Minutes, root, Linux.
camera-test: $(VENV)/.dev
	STYLECAM_CAMERA_VM=1 $(BIN)/python -m pytest tests/system/test_camera_vm.py -rA

# Trains and exports the bundled styles from configs/ (CONTENT=folder of photographs, PAINTINGS=folder of NAME.jpg,
# VGG_WEIGHTS=file; without it torchvision's are downloaded).
styles: $(VENV)/.dev
	REALTIME=$(BIN)/realtime sh configs/make_styles.sh "$(CONTENT)" "$(PAINTINGS)" "$(VGG_WEIGHTS)"

reference: $(VENV)/.dev
	$(BIN)/python -m stylecam.export.reference

# The built wheel in a fresh environment, outside the repository.
wheel-test: $(VENV)/.dev
	sh tests/wheel_test.sh $(BIN)/python

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install -qq --disable-pip-version-check -e .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install -qq --disable-pip-version-check -e '.[dev]'
	@touch $@ $(VENV)/.run

clean:
	rm -rf $(VENV) build dist typing web/dist web/node_modules *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
