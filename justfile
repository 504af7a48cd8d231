# Tasks for developers; `just --list` shows them.

# Run the program on its embedded cloud
demo *ARGS:
    cargo run --release -- --demo {{ARGS}}

# Format the source
fmt:
    cargo fmt --all

# Check format, lints and documentation as CI does
lint:
    cargo fmt --all --check
    cargo clippy --locked --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS='-D warnings' cargo doc --locked --workspace --no-deps --document-private-items

# Run the tests, or those that match a filter
test *ARGS:
    cargo test --locked {{ARGS}}

# Run the tests against a real Keystone and Glance on loopback (needs Python 3.11)
live *ARGS:
    tests/live/run {{ARGS}}

# Run the benchmarks
bench *ARGS:
    cargo bench --locked {{ARGS}}

# Make the pictures of the README
pictures:
    cargo build --locked --release
    cargo run --locked --example pictures -- target/release/sharelock assets

# Run everything that CI runs
ci:
    .ci/run
