//! Opening clouds: at the start, from the list, and after a failed login.

mod refused;
mod starting;
