# Two commands for a new machine: `make demo` runs the main job, `make test` passes the tests.
# Both make .venv and need nothing but Python 3.11 and make; Debian packages that are missing are installed
# when root, else the one line to run is printed.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DONE   := $(VENV)/.installed

# What the daemon imports, compiled as it runs it: without these files each start compiles, and keeps 1 MB of it.
FAMILIES := printer bus68 bx5k camera heartbeat hid newland sdt voice xfs4iot
LINKS := alsa evdev host serial sim tcp udev usblp
DAEMON := edge.app edge.check edge.daemon edge.metrics edge.upstream.work edge.upstream.identify $(FAMILIES:%=drivers.%.driver) $(LINKS:%=drivers.transport.%) \
	sqlite_utils pydantic.dataclasses encodings.gbk encodings.idna
# Where hallctl looks: who runs it may not write beside the sources, so that each run would compile them anew.
TOOL := edge drivers

# pip in the environment; another Python than Debian's brings it along.
RUN_PACKAGES  := $(if $(shell $(PYTHON) -c 'import ensurepip' 2>/dev/null && echo yes),,python3-venv)
# For the tests: a broker, a database, system-call counts, certificates, who judges the units and the package's scripts,
# who speaks for the kiosk and reads its pages, a browser, the type that slips are set in, and cameras that are not ours.
GSTREAMER     := gir1.2-gst-rtsp-server-1.0 python3-gi $(addprefix gstreamer1.0-plugins-,base good bad ugly)
TEST_PACKAGES := $(RUN_PACKAGES) mosquitto postgresql strace openssl systemd shellcheck espeak-ng tesseract-ocr tesseract-ocr-chi-sim chromium \
	fonts-noto-cjk $(GSTREAMER)
# The recordings of the announcer are made by one and played by the other; the tests need no player.
VOICE_PACKAGES := espeak-ng alsa-utils
# Photographs and clips that looking at cameras and judging pictures is measured on; the tests draw theirs.
EVAL_PACKAGES  := $(RUN_PACKAGES) opencv-doc
# A hall's whole machine: its disk, and what runs it.
APPLIANCE_PACKAGES := $(RUN_PACKAGES) debootstrap e2fsprogs qemu-system-x86

# One apt at a time, and all packages that a target needs in one line.
.NOTPARALLEL:

# Of `make fuzz`: inputs for each protocol family, and the seed, by chance where it is left out.
N    ?= 100000
SEED ?=

.PHONY: demo test test-thorough fuzz venv lint types bench bench-waits bench-cameras eval-cameras voice items handbook
.PHONY: deb test-appliance
.PHONY: clean soak-kiosk
.PHONY: run-packages test-packages
.PHONY: voice-packages eval-packages appliance-packages

# The files that hold tests so marked: looking into all of them for a dozen takes longer than some of these.
MARKED = $(shell grep -rlE 'mark\.$(1)\b' tests --include='test_*.py')

demo: $(DONE)
	$(BIN)/hall-edge demo $(ARGS)

# Five at a time on two cores, since most of them wait for something; each would compile all tests for itself.
test: export PYTHONDONTWRITEBYTECODE =
test: test-packages lint types
	$(BIN)/pytest -m 'not alone and not few and not appliance and not thorough' -n 5 --dist worksteal $(ARGS)
	$(BIN)/pytest -m 'few and not thorough' -n 3 $(ARGS) $(call MARKED,few)
	$(BIN)/pytest -m 'alone and not thorough' $(ARGS) $(call MARKED,alone)

# Other lengths, brokers, languages and panels of what `make test` has tried: an hour more or less.
test-thorough: test-packages $(DONE)
	$(BIN)/pytest --hypothesis-profile thorough -m 'not thorough and not alone' -n 3 tests/property $(ARGS)
	$(BIN)/pytest -m 'thorough and not alone' -n 3 --dist worksteal $(ARGS)
	$(BIN)/pytest -m 'thorough and alone' $(ARGS)

lint: $(DONE)
	$(BIN)/ruff check --no-cache .
	$(BIN)/ruff format --check --no-cache .
	$(BIN)/lint-imports --no-cache

types: $(DONE)
	$(BIN)/mypy -n 2

fuzz: $(DONE)
	$(BIN)/python -m tests.property.fuzz_targets $(N) $(SEED)

bench: test-packages $(DONE)
	$(BIN)/python -m tests.bench $(ARGS)

bench-waits: $(DONE)
	$(BIN)/python -m tests.sim_day $(ARGS)

# A day and a night of a kiosk, and 10,000 pages: 5 minutes of an idle machine.
soak-kiosk: $(DONE)
	$(BIN)/python -m tests.soak_kiosk $(ARGS)

bench-cameras: eval-packages $(DONE)
	$(BIN)/python -m tests.bench_cameras $(ARGS)

eval-cameras: eval-packages $(DONE)
	$(BIN)/python -m tests.eval --out eval-cameras.md $(ARGS)

voice: voice-packages $(DONE)
	$(BIN)/python -m drivers.voice.make $(ARGS)

handbook: $(DONE)
	$(BIN)/python -m edge.handbook docs/repair.md

items: $(DONE)
	$(BIN)/python -m edge.catalogue.make $(ARGS)

test-appliance: appliance-packages $(DONE)
	$(BIN)/python -m tests.appliance.image
	$(BIN)/pytest -m appliance tests/appliance $(ARGS)

# The Debian package, in build/: of everything at its pinned version, so that nothing is fetched where it is installed.
deb: $(DONE)
	debian/build $(ARGS)

venv: $(DONE)

$(DONE): pyproject.toml constraints.txt | run-packages
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -OO -X no_debug_ranges -c '$(DAEMON:%=import %;)'
	$(BIN)/python -m compileall -q $(TOOL)
	touch $@

run-packages:
	@sh .ci/packages $(RUN_PACKAGES)

test-packages:
	@sh .ci/packages $(TEST_PACKAGES)

voice-packages:
	@sh .ci/packages $(VOICE_PACKAGES)

eval-packages:
	@sh .ci/packages $(EVAL_PACKAGES)

appliance-packages:
	@sh .ci/packages $(APPLIANCE_PACKAGES)

clean:
	rm -rf .appliance $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
