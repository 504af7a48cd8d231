//! sharelock: see who your cloud images are shared with, and take it back: exactly, and provably.

pub mod auth;
pub mod cli;
pub mod cloud;
pub mod config;
pub mod demo;
pub mod domain;
pub mod engine;
pub mod http;
pub mod tui;
