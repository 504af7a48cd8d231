//! Proof of identity for one request.
