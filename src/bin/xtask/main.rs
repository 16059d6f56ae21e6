//! The workshop: `cargo xtask serve | build | test | bench`.

fn main() {}
