# 歷程 Licheng. `make demo` shows it, `make test` proves it; both set up everything they need.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON_OK := .venv/.ok
SCAN_OK := .venv-scan/.ok
BIN := .venv/bin
RUN := $(BIN)/python
SUDO := $(shell [ "$$(id -u)" = 0 ] || command -v sudo 2>/dev/null)
# Compiled once: without this, where the variable is set, every process would compile Django again.
export PYTHONDONTWRITEBYTECODE :=

## For everyone
.PHONY: help demo demo-check serve test check check-code check-types check-house check-scan test-units test-browser
help: ## Show what can be made
	@awk -F ':.*## ' '/^## /{print "\n" substr($$0,4)} /^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

demo: $(PYTHON_OK) media ## Set up, load the sample country, walk the whole path, then serve every site
	$(RUN) -m licheng.cli demo

demo-check: $(PYTHON_OK) media ## The same without serving; the last line is one JSON object with the counts
	@$(RUN) -m licheng.cli demo-check

serve: $(PYTHON_OK) ## Start again what the last demo left under var/demo
	$(RUN) -m licheng.cli serve

test: $(PYTHON_OK) browser ## Every test, against PostgreSQL and headless Chromium
	@$(MAKE) --no-print-directory -j2 -O test-units test-browser

test-units:
	@sh tools/can-mount.sh || echo "No mounts here: the tests that mount file systems are left out; make drills shows the same faults."
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not e2e and not slow $$(sh tools/can-mount.sh || echo and not mounts)"

test-browser:
	LICHENG_TEST_CLUSTER=browser $(BIN)/python -m pytest tests/e2e -m "not slow" -p no:randomly

check: check-code check-types check-house check-scan ## Linters, types, scanners, import contracts, templates; -j2 runs two at a time

check-code: $(PYTHON_OK)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/codespell

check-types: $(PYTHON_OK)
	$(RUN) tools/check_types.py

check-house: $(PYTHON_OK)
	$(BIN)/lint-imports
	$(BIN)/djade --target-version 6.1 --check $$(find src -name '*.html' -path '*/templates/*')
	$(RUN) tools/make_docs.py --check

check-scan: $(SCAN_OK)
	$(RUN) tools/scan.py

## For slow proofs
.PHONY: bench drills
DRILL_PROGRAMS := strace mkfs.btrfs mkfs.ext4 mkfs.xfs fusermount3 nft ip clamd pgbackrest pg_lsclusters
drills: $(PYTHON_OK) browser ## Faults made on purpose, each beside a control that must fail; needs root
	@for one in $(DRILL_PROGRAMS); do command -v $$one >/dev/null || missing=1; done; [ -z "$$missing" ] || sh tools/packages.sh \
		strace btrfs-progs e2fsprogs xfsprogs fuse3 nftables iproute2 clamav-daemon postgresql pgbackrest || true
	$(BIN)/python -m pytest -q -m slow -p no:randomly
	$(SUDO) $(RUN) -m tests.drills

bench: $(PYTHON_OK) ## Ratios against peers, taken in one run each
	@failed=; for script in bench/*.py; do echo "== $$script"; $(RUN) $$script || failed="$$failed $$script"; done; \
		[ -z "$$failed" ] || { echo "rows that do not reach their goal:$$failed"; exit 1; }

## For maintainers
.PHONY: setup lock advisories assets messages samples clean media browser
setup: $(PYTHON_OK) ## The Python environment alone

$(PYTHON_OK): requirements/dev.txt tools/find-python.sh tools/setup.sh
	sh tools/setup.sh

$(SCAN_OK): requirements/scan.txt $(PYTHON_OK)
	sh tools/setup-scan.sh

advisories: $(PYTHON_OK) $(SCAN_OK) ## Ask the advisory databases about every locked package (needs the network; fails when one is skipped)
	.venv-scan/bin/pip-audit --strict --require-hashes --disable-pip -r requirements/base.txt

lock: $(PYTHON_OK) ## Resolve requirements/*.in again, with hashes and without any address
	$(BIN)/uv pip compile -q --universal --python-version 3.12 --generate-hashes --no-header --no-annotate --upgrade requirements/base.in -o requirements/base.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.12 --generate-hashes --no-header --no-annotate -c requirements/base.txt requirements/dev.in -o requirements/dev.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.12 --generate-hashes --no-header --no-annotate requirements/scan.in -o requirements/scan.txt

assets: ## Build styles, icons and scripts again (needs Node; the results are committed)
	cd frontend && npm install --no-save && node build.mjs

messages: $(PYTHON_OK) browser ## Collect the interface texts again and build the English catalogue
	cd src/licheng && env $$(../../$(BIN)/python ../../tools/settings_shim.py) ../../$(BIN)/django-admin makemessages -l en --no-obsolete --no-location -v 0
	msgfmt --check-format -o src/licheng/locale/en/LC_MESSAGES/django.mo src/licheng/locale/en/LC_MESSAGES/django.po

samples: $(PYTHON_OK) ## Make the sample country again
	$(RUN) samples/make.py

clean: ## Remove the environment and everything under var
	rm -rf .venv .venv-scan var

media: ## ffprobe, which looks into sound and film; without it media are taken as "not checked"
	@command -v ffprobe >/dev/null || sh tools/packages.sh ffmpeg || echo "ffprobe is not here: media will be marked as not checked"

browser: media ## What tests need from Debian: Chromium, a Chinese face, 7-Zip, gettext, ClamAV
	@[ -x /usr/sbin/clamd ] || sh tools/packages.sh clamav-daemon
	@command -v chromium >/dev/null || sh tools/packages.sh chromium
	@fc-list 2>/dev/null | grep -qi "noto.*cjk" || sh tools/packages.sh fonts-noto-cjk fontconfig
	@command -v 7z >/dev/null || sh tools/packages.sh p7zip-full
	@command -v msgfmt >/dev/null || sh tools/packages.sh gettext
