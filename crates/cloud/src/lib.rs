//! Access to clouds: what is configured, logging in, one request on the wire, and the image APIs.
//!
//! Modules depend on each other one way: `http ← auth ← clients`; [`config`] makes the logins that [`auth`] uses. A request is
//! sent once: retries are up to the caller, which knows the requests that are safe to repeat.

pub mod auth;
pub mod clients;
pub mod config;
pub mod http;
