//! Which API a cloud speaks, when neither its entry nor its name tells.

use std::time::{Duration, Instant};

use super::ims::ALL_GRANTED;
use super::pages::Frame;
use super::{Base, CloudError, Service};
use crate::auth::discovery;
use crate::http::{header, http_date};
use domain::{CloudKind, Image, Moment};

/// What a light request showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// From sending it to the end of the answer, on a connection that may be new.
    pub took: Duration,
    /// The cloud's clock, to the second, where the answer tells.
    pub date: Option<Moment>,
}

/// Asks for a list of one image, by the call that reading images begins with.
pub async fn look(service: &Service, kind: CloudKind) -> Result<Look, CloudError> {
    let native = "/v2/images?limit=1";
    let answered = match kind {
        CloudKind::Ims => listed(service, "/v2/cloudimages?limit=1").await,
        CloudKind::Glance | CloudKind::Rackspace => listed(service, native).await,
    };
    match answered {
        Err(CloudError::NotFound(_)) if kind == CloudKind::Ims => listed(service, native).await,
        Err(error @ CloudError::Forbidden(_)) if kind == CloudKind::Ims => {
            let path = format!("/v2/cloudimages?limit=1&enterprise_project_id={ALL_GRANTED}");
            listed(service, &path).await.map_err(|_| error)
        }
        answered => answered,
    }
}

async fn listed(service: &Service, path: &str) -> Result<Look, CloudError> {
    let begun = Instant::now();
    let (answer, _) = service.get_list::<Image, Frame>(path).await?;
    let took = begun.elapsed();
    let date = answer.headers.get(header::DATE).and_then(|date| http_date(date.to_str().ok()?));
    Ok(Look { took, date })
}

/// Glance where its version document puts version 2, as openstacksdk finds it: on the same host, and only where images are
/// listed there. Otherwise, and on other clouds, unchanged.
pub async fn locate(kind: CloudKind, service: Service) -> Service {
    match kind {
        CloudKind::Glance => found_elsewhere(&service).await.unwrap_or(service),
        CloudKind::Ims | CloudKind::Rackspace => service,
    }
}

async fn found_elsewhere(service: &Service) -> Option<Service> {
    let document = service.base().document()?;
    let answer = service.version_document(document.clone()).await.ok()?;
    let versions = discovery::versions(&answer.body)?;
    let base = Base::parse(discovery::address(&versions, 2, &document)?.as_str()).ok()?;
    if base.to_string() == service.base().to_string() {
        return None;
    }
    let there = service.moved_to(base);
    listed(&there, "/v2/images?limit=1").await.ok()?;
    Some(there)
}

/// One `GET /v2/cloudimages?limit=1`: answered with images it is IMS, not found it is Glance.
pub async fn probe(service: &Service) -> Result<CloudKind, CloudError> {
    match service.get_list::<Image, Frame>("/v2/cloudimages?limit=1").await {
        Ok(_) => Ok(CloudKind::Ims),
        // Some fronts answer everything with a page of their own; Glance answers 300 to what it does not know.
        Err(CloudError::Malformed { .. } | CloudError::NotFound(_)) => Ok(CloudKind::Glance),
        Err(CloudError::Answered(refusal)) if refusal.status < 500 => {
            let code = refusal.code.as_ref().map_or("", |code| code.raw());
            Ok(if code.starts_with("IMG.") { CloudKind::Ims } else { CloudKind::Glance })
        }
        Err(error) => Err(error),
    }
}
