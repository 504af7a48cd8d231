//! Which API a cloud speaks, when neither its entry nor its name tells.

use super::pages::{Of, entries};
use super::{CloudError, Service};
use crate::domain::CloudKind;

/// One `GET /v2/cloudimages?limit=1`: answered with images it is IMS, not found it is Glance.
pub async fn probe(service: &Service) -> Result<CloudKind, CloudError> {
    match service.get_list("/v2/cloudimages?limit=1").await {
        Ok(answer) if entries(&answer, Of::Images).is_ok() => Ok(CloudKind::Ims),
        // Some fronts answer everything with a page of their own; Glance answers 300 to what it does not know.
        Ok(_) | Err(CloudError::NotFound(_)) => Ok(CloudKind::Glance),
        Err(CloudError::Answered(refusal)) if refusal.status < 500 => {
            let code = refusal.code.as_ref().map_or("", |code| code.raw());
            Ok(if code.starts_with("IMG.") { CloudKind::Ims } else { CloudKind::Glance })
        }
        Err(error) => Err(error),
    }
}
