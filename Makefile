# Flickreel's entry points; `make help` lists them.
#
# Only Rust, git and make have to be there: packaging/linux/install-deps.sh brings the rest (as root or through sudo).
# No target needs a display: the tests that want one start an Xvfb of their own.

CARGO ?= cargo
PREFIX ?= /usr/local
ARGS ?=
MEDIA ?=
DEPS = packaging/linux/install-deps.sh
TARGET = $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)

# Tests neither read nor spoil what the user has: a GStreamer registry and a runtime folder of their own, no sound server but
# the one they start. Warnings of GLib and GStreamer are failures.
PRIVATE = GST_REGISTRY=$(abspath $(TARGET))/gstreamer-registry.bin XDG_RUNTIME_DIR=$(abspath $(TARGET))/runtime
TEST_ENV = $(PRIVATE) G_DEBUG=fatal_warnings RUST_BACKTRACE=1
STRICT = -D warnings

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run build test deps-run deps-test fmt lint doc check-packaging test-folders test-pure test-full test-shuttle bench install uninstall clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 18

run: deps-run ## install what is missing, build, and start the client: make run ARGS="~/Videos"
	$(CARGO) run --release --locked --bin flickreel -- $(ARGS)

build: deps-run ## build both programs for release
	$(CARGO) build --release --locked

test: deps-test fmt lint doc check-packaging test-pure test-full test-shuttle ## every check that a change has to pass

deps-run:
	$(DEPS) build

deps-test:
	$(DEPS) test

fmt: ## is everything formatted?
	$(CARGO) fmt --check

lint: deps-test ## clippy over each feature set that is supported on its own
	$(CARGO) clippy --locked --all-targets --no-default-features -- $(STRICT)
	$(CARGO) clippy --locked --all-targets --no-default-features --features server -- $(STRICT)
	$(CARGO) clippy --locked --all-targets -- $(STRICT)

doc: deps-test ## the documentation builds without a warning
	RUSTDOCFLAGS="$(STRICT)" $(CARGO) doc --locked --no-deps --document-private-items

check-packaging: deps-test ## the desktop entry and the metainfo are valid
	desktop-file-validate packaging/linux/org.flickreel.Flickreel.desktop
	appstreamcli validate --no-net packaging/linux/org.flickreel.Flickreel.metainfo.xml

test-pure: test-folders ## tests of the parts that need no display, GStreamer or network
	$(TEST_ENV) $(CARGO) test --locked --no-default-features

test-full: deps-test test-folders ## all tests
	@# The first look at all plugins happens here, where a plugin of the distribution that grumbles is no failure of ours.
	$(PRIVATE) gst-inspect-1.0 >/dev/null 2>&1 || true
	$(TEST_ENV) $(CARGO) test --locked

test-shuttle: deps-test test-folders ## the disk cache, with its threads going on in orders that a scheduler chooses
	$(TEST_ENV) $(CARGO) test --locked --features shuttle --lib shuttle_

bench: deps-test test-folders ## benches of the pure parts and the disk cache, then replays and one table: make bench MEDIA=~/Videos
	$(CARGO) bench --locked --bench pure --bench cache
	$(PRIVATE) CARGO="$(CARGO)" TARGET="$(abspath $(TARGET))" MEDIA="$(MEDIA)" benches/replays.sh

test-folders:
	@mkdir -p -m 700 $(TARGET)/runtime

install: build ## install under PREFIX (default /usr/local)
	packaging/linux/install.sh "$(PREFIX)" "$(TARGET)/release"

uninstall: ## remove what install put under PREFIX
	packaging/linux/install.sh --remove "$(PREFIX)"

clean: ## remove everything that was built
	$(CARGO) clean
