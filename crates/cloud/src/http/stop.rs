//! Ends the wait for a connection when the request that needs it is stopped.
//!
//! The HTTP library waits for a new connection and for one that becomes free, whichever comes first, and sends the
//! request in the same moment. When the new connection fails, it gives up the request. So a stop that fails the new
//! connection also keeps the request from leaving over one that becomes free later.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio_util::sync::CancellationToken;
use tower_service::Service;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

tokio::task_local! {
    /// Stops the request that this task sends.
    static STOP: CancellationToken;
}

/// Runs `request`; connections that it waits for are given up when `stop` is cancelled.
pub(super) async fn until<F: Future>(stop: &CancellationToken, request: F) -> F::Output {
    STOP.scope(stop.clone(), request).await
}

/// Opens connections, until the request that needs one is stopped.
#[derive(Clone)]
pub(super) struct StoppableConnector<S>(pub(super) S);

impl<S, R> Service<R> for StoppableConnector<S>
where
    S: Service<R, Error = BoxError>,
    S::Response: 'static,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, to: R) -> Self::Future {
        let stop = STOP.try_with(Clone::clone).unwrap_or_default();
        let connection = self.0.call(to);
        Box::pin(async move {
            let opened = stop.run_until_cancelled(connection).await;
            opened.unwrap_or_else(|| Err("stopped while connecting".into()))
        })
    }
}
