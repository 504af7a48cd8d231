//! sharelock: see who your cloud images are shared with, and take it back: exactly, and provably.
//!
//! # The screen, and where each part of it lives
//!
//! ```text
//!  sharelock  otc-prod · eu-de · image-factory          128 images · 3142 shares   ← tui/ui/header.rs
//!  1 Images  2 Members  3 Matrix  4 Jobs  5 History     ● 12 marked on 5 images    ← tui/ui/header.rs
//! ┌ Images ─ 17 of 128 ─ /ubuntu ──────────┐┌ ubuntu-22.04-golden ─ 24 members ─┐
//! │ ▌ ubuntu-22.04-golden       24    3  3d ││ ● 9c61004714024f95…  accepted  2y │ ← tui/views/images/
//! │   ubuntu-24.04-golden        8       9d ││   edc89b490d7d4392…  pending ⚠ 3d │
//! └─────────────────────────────────────────┘└───────────────────────────────────┘
//! ┌ Jobs ──────────────────────────────────────────────────────────────────────────┐
//! │ ⠹ 8b21 10:06  revoke 240 shares  2 requests   RUNNING   ▓▓▓▓▓░░░░ 118 of 240   │ ← tui/views/jobs/pane.rs
//! └────────────────────────────────────────────────────────────────────────────────┘
//!  space mark  a all  R revoke  / filter  ? help                          q quit    ← tui/keys/default.toml
//! ```
//!
//! Each view is a folder in `tui/views/` (`images`, `members`, `matrix`, `jobs`, `history`) with its state, what its keys
//! do, painting, and description for plain mode. Each dialog is one in `tui/overlays/`; `:` is `overlays/commands`. What one
//! scope has read and marked is in `tui/app/workspace.rs`. Plain mode (`--plain`) prints the same state as lines:
//! `tui/speech/`.
//!
//! # The one data flow
//!
//! ```text
//!    keys, paste, resize ──▶ Msg ──▶ tui::update(&mut App) ──▶ Effects ──▶ Command
//!                             ▲                │                               │
//!                           Event              └──▶ tui::view(&App)          ▼
//!                             └──────────────── engine ◀───────────────────────┘
//!                                                  │
//!                                      cloud ◀── auth ◀── http
//! ```
//!
//! [`report`] writes every document that leaves the program, for the screen and for the command line.
//!
//! The command line ([`cli`]) awaits the functions of the [`engine`] that carry out these commands: there is one way to
//! revoke, and it takes a [`domain::Confirmed`] plan, which only a confirmation can make.
//!
//! # Dependencies
//!
//! Dependencies point one way: `domain ← cloud ← engine ← tui, cli`. The first three are crates under `crates/`, and so is the
//! embedded cloud, which knows only [`domain`]. [`report`] knows only [`domain`] too; [`mod@file`] and [`signals`] know nothing
//! of the program. Cargo and `tests/architecture.rs` check it.

pub mod cli;
pub mod file;
pub mod report;
pub mod signals;
pub mod tui;
