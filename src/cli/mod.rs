//! The command line: what was typed, what it means, one file per command.
