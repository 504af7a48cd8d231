//! sharelock: see who your cloud images are shared with, and take it back: exactly, and provably.
//!
//! # The screen, and where each part of it lives
//!
//! ```text
//!  sharelock  otc-prod · eu-de · image-factory          128 images · 3142 shares   ← tui/view/header.rs
//!  1 Images  2 Members  3 Matrix  4 Jobs  5 History     ● 12 marked on 5 images    ← tui/view/header.rs
//! ┌ Images ─ 17 of 128 ─ /ubuntu ──────────┐┌ ubuntu-22.04-golden ─ 24 members ─┐
//! │ ▌ ubuntu-22.04-golden       24    3  3d ││ ● 9c61004714024f95…  accepted  2y │ ← tui/view/images.rs, members.rs
//! │   ubuntu-24.04-golden        8       9d ││   edc89b490d7d4392…  pending ⚠ 3d │
//! └─────────────────────────────────────────┘└───────────────────────────────────┘
//! ┌ Jobs ──────────────────────────────────────────────────────────────────────────┐
//! │ ⠹ 8b21 10:06  revoke 240 shares  2 requests   RUNNING   ▓▓▓▓▓░░░░ 118 of 240   │ ← tui/view/jobs.rs
//! └────────────────────────────────────────────────────────────────────────────────┘
//!  space mark  a all  R revoke  / filter  ? help                          q quit    ← tui/keymap/table.rs
//! ```
//!
//! Views 2 to 5 use the same area: `tui/view/by_member.rs`, `matrix.rs`, `jobs.rs`, `history.rs`. The state of a scope that
//! is open but not shown is in `tui/model/workspace.rs`; the list of all open scopes is `tui/model/all_scopes.rs`; `:` is
//! `tui/view/palette.rs`. Plain mode (`--plain`) prints the same model as lines: `tui/plain/`, a file for each view.
//!
//! # The one data flow
//!
//! ```text
//!    keys, paste, resize ──▶ Msg ──▶ tui::update(&mut Model) ──▶ Effects ──▶ Command
//!                             ▲                │                               │
//!                           Event              └──▶ tui::view(&Model)          ▼
//!                             └──────────────── engine ◀───────────────────────┘
//!                                                  │
//!                                      cloud ◀── auth ◀── http
//! ```
//!
//! [`report`] writes every document that leaves the program, for the screen and for the command line.
//!
//! The command line ([`cli`]) sends the same commands to the same [`engine`]: there is one way to revoke, and it takes a
//! [`domain::Confirmed`] plan, which only a confirmation can make.
//!
//! # Dependencies
//!
//! Dependencies point one way: `domain ← http ← auth ← cloud ← engine ← tui, cli`; [`config`] knows what a login of
//! [`auth`] needs, [`journal`], [`report`] and [`demo`] know only [`domain`], and [`mod@file`] and [`signals`] know nothing of the program. `tests/architecture.rs`
//! checks it.

pub use ::cloud::clients as cloud;
pub use ::cloud::{auth, config, http};
pub mod cli;
pub use demo_cloud as demo;
pub use domain;
pub mod engine;
pub mod file;
pub mod journal;
pub mod report;
pub mod signals;
pub mod tui;
