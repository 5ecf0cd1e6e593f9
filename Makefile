# Flickreel's entry points; `make help` lists them.
#
# Only Rust, git and make have to be there: packaging/linux/install-deps.sh brings the rest (as root or through sudo).
# No target needs a display: the tests that want one start an Xvfb of their own.

CARGO ?= cargo
PREFIX ?= /usr/local
ARGS ?=
DEPS = packaging/linux/install-deps.sh
TARGET = $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)

# The client draws with Vulkan or OpenGL; without a GPU Mesa does both on the CPU.
# A GStreamer registry of our own: tests neither read nor spoil the user's, and every run sees the same plugins.
TEST_ENV = G_DEBUG=fatal_warnings GST_REGISTRY=$(abspath $(TARGET))/gstreamer-registry.bin \
	XDG_RUNTIME_DIR=$(abspath $(TARGET))/runtime RUST_BACKTRACE=1
STRICT = -D warnings

.DEFAULT_GOAL := help
.PHONY: help run build test deps-run deps-test fmt lint doc check-packaging test-pure test-full bench install uninstall clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 18

run: deps-run ## install what is missing, build, and start the client: make run ARGS="~/Videos"
	$(CARGO) run --release --locked --bin flickreel -- $(ARGS)

build: deps-run ## build both programs for release
	$(CARGO) build --release --locked

test: deps-test fmt lint doc check-packaging test-pure test-full ## every check that a change has to pass

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

test-pure: ## tests of the parts that need no display, GStreamer or network
	$(TEST_ENV) $(CARGO) test --locked --no-default-features

test-full: deps-test ## all tests
	mkdir -p -m 700 $(TARGET)/runtime
	$(TEST_ENV) $(CARGO) test --locked

bench: ## benches of the pure parts
	$(CARGO) bench --locked --no-default-features

install: build ## install under PREFIX (default /usr/local)
	packaging/linux/install.sh "$(PREFIX)" "$(TARGET)/release"

uninstall: ## remove what install put under PREFIX
	packaging/linux/install.sh --remove "$(PREFIX)"

clean: ## remove everything that was built
	$(CARGO) clean
