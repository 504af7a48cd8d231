//! From the name of a cloud to a login.

use std::sync::Arc;

use async_trait::async_trait;

use super::CloudChoice;
use crate::cloud::ImageCloud;
use crate::domain::{Failure, Scope};

/// Who knows the configured clouds and can log in to them.
#[async_trait]
pub trait Connector: Send + Sync + 'static {
    /// The configured clouds, and the one opened when none is named.
    async fn choices(&self) -> Result<(Vec<CloudChoice>, Option<String>), Failure>;

    /// Logs in.
    async fn open(&self, cloud: Option<&str>, region: Option<&str>) -> Result<Connected, Failure>;
}

/// A login that worked.
pub struct Connected {
    /// Where it is.
    pub scope: Scope,
    /// The cloud, ready for requests.
    pub cloud: Arc<dyn ImageCloud>,
    /// Requests at the same time, at most.
    pub concurrency: usize,
}
