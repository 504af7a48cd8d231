//! Parse, run, print the error, exit status.

fn main() {}
