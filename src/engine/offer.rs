//! One request that changes something, on its way: sent once, whatever comes back.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::Login;
use crate::cloud::{Accepted, CloudError};
use crate::domain::Batch;

/// A request that the cloud refuses with "too many" was not carried out and is offered again this often.
const OFFERS: u32 = 5;

/// Sends a batch. Only a refusal for "too many" is followed by another offer: nothing was carried out then.
/// Everything else is the answer, a lost one too.
pub(super) async fn offer(
    login: &Login,
    batch: &Batch,
    stop: &CancellationToken,
) -> Result<Accepted, CloudError> {
    let mut wait = Duration::from_secs(1);
    for _ in 1..OFFERS {
        login.pace.ready().await;
        match login.cloud.revoke(batch).await {
            Err(CloudError::Throttled { refusal, retry_after }) if refusal.status < 500 => {
                login.pace.throttled(retry_after);
                let pause = retry_after.unwrap_or(wait);
                let rested = stop.run_until_cancelled(sleep(pause)).await;
                if rested.is_none() {
                    return Err(CloudError::Throttled { refusal, retry_after });
                }
                wait *= 2;
            }
            answer => {
                login.pace.succeeded();
                return answer;
            }
        }
    }
    login.cloud.revoke(batch).await
}
