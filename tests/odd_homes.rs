//! A home on a network file system: without file locks, or without the shared memory of a write-ahead log. A small
//! library between the program and the system makes it so.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that panics is a test that fails")]

mod support;

use demo_cloud::Options;
use support::cloud::{Cloud, Ran, ran};

/// Refuses record locks, shared mappings, or neither, as `LACKS` says.
const SHIM: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
static int lacks(const char *what) {
    const char *it = getenv("LACKS");
    return it && strcmp(it, what) == 0;
}
static int control(int fd, int command, void *argument) {
    static int (*real)(int, int, ...);
    if (!real) real = dlsym(RTLD_NEXT, "fcntl64");
    if (lacks("locks") && (command == F_SETLK || command == F_SETLKW)) { errno = ENOLCK; return -1; }
    return real(fd, command, argument);
}
int fcntl(int fd, int command, ...) {
    va_list rest; va_start(rest, command); void *argument = va_arg(rest, void *); va_end(rest);
    return control(fd, command, argument);
}
int fcntl64(int fd, int command, ...) {
    va_list rest; va_start(rest, command); void *argument = va_arg(rest, void *); va_end(rest);
    return control(fd, command, argument);
}
static void *map(void *at, size_t size, int protection, int flags, int fd, off_t offset) {
    static void *(*real)(void *, size_t, int, int, int, off_t);
    if (!real) real = dlsym(RTLD_NEXT, "mmap64");
    if (lacks("memory") && (flags & MAP_SHARED) && fd >= 0) { errno = ENODEV; return MAP_FAILED; }
    return real(at, size, protection, flags, fd, offset);
}
void *mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset) {
    return map(at, size, protection, flags, fd, offset);
}
void *mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset) {
    return map(at, size, protection, flags, fd, offset);
}
"#;

struct Home(Cloud);

impl Home {
    fn new() -> Self {
        let cloud = Cloud::start(Options::plain(12, 9));
        cloud.file("shim.c", SHIM);
        // The C compiler that builds the bundled SQLite.
        let mut cc = std::process::Command::new("cc");
        cc.args(["-shared", "-fPIC", "-o", "shim.so", "shim.c", "-ldl"]);
        assert!(cc.current_dir(cloud.home.path()).status().unwrap().success());
        let shares = cloud.truth().into_iter().take(2);
        let line =
            |share: domain::Share| format!("{},{}\n", share.image.raw(), share.member.id.raw());
        cloud.file("shares.csv", &shares.map(line).collect::<String>());
        Self(cloud)
    }

    fn run(&self, lacks: &str, args: &[&str]) -> Ran {
        let mut command = self.0.command(&["--cloud", "demo-ims"]);
        command
            .args(args)
            .env("LACKS", lacks)
            .env("LD_PRELOAD", self.0.home.path().join("shim.so"));
        ran(command.spawn().unwrap())
    }
}

const REVOKE: [&str; 4] = ["revoke", "--from", "shares.csv", "--yes"];

#[test]
fn without_file_locks_nothing_is_sent_and_the_remedy_is_named() {
    let home = Home::new();
    for args in [&REVOKE[..], &["history"]] {
        let told = home.run("locks", args).ended(1);
        assert!(told.err.contains("the file system there has no file locks"), "{told:#?}");
        assert!(told.err.contains("set XDG_DATA_HOME to a directory on a local disk"), "{told:#?}");
        assert!(!told.err.contains("another program"), "{told:#?}");
    }
    assert_eq!(home.0.deletes(), 0);
}

#[test]
fn without_shared_memory_the_journal_works_all_the_same() {
    let home = Home::new();
    let told = home.run("memory", &REVOKE).ended(0);
    assert!(told.err.contains("2 revoked"), "{told:#?}");
    let told = home.run("memory", &["history"]).ended(0);
    assert!(told.out.contains("2 revoked"), "{told:#?}");
    let told = home.run("memory", &["jobs"]).ended(0);
    assert!(told.err.contains("nothing is unfinished"), "{told:#?}");
}

#[test]
fn a_journal_from_a_local_disk_is_taken_along() {
    let home = Home::new();
    home.run("nothing", &REVOKE).ended(0);
    for lacks in ["memory", "nothing", "memory"] {
        let told = home.run(lacks, &["history"]).ended(0);
        assert!(told.out.contains("2 revoked"), "{told:#?}");
    }
}
