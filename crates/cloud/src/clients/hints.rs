//! Hints: what a user can do about an error, by the cloud's own code where it has one, else by the status.

use std::time::Duration;

use super::{ApiError, CloudError};

/// The hint, as the rest of a sentence.
pub(super) fn of(error: &CloudError) -> Option<String> {
    let about_the_list = matches!(error, CloudError::ListForbidden(_));
    if let Some(text) = error.refusal().filter(|_| !about_the_list).and_then(by_code) {
        return Some(text.to_owned());
    }
    let text = match error {
        CloudError::Throttled { retry_after, .. } => return Some(wait(*retry_after)),
        CloudError::Login(error) => return error.hint.clone(),
        CloudError::Unreachable(cause) | CloudError::Untrusted(cause) | CloudError::Lost(cause) => {
            return cause.hint().map(Into::into);
        }
        CloudError::ListForbidden(refusal) => match &refusal.code {
            Some(code) if code.raw().starts_with("IMG.") || code.raw().starts_with("APIG") => {
                "the user needs the permission `ims:images:list` in this project, or in enterprise projects: set \
                 `enterprise_project_id` to one of them"
            }
            _ => "the user needs a role in this project that may list images (`reader`, `member`)",
        },
        CloudError::Unauthorized(_) => {
            "a new token was refused as well: an application credential with access rules needs a rule for this call; \
             with any other login, check that it is for this cloud and region"
        }
        CloudError::Forbidden(_) => {
            "the user needs a role that allows this: `member` on OpenStack, the permission `ims:images:share` on IMS, \
             `cloudImages:admin` on Rackspace"
        }
        CloudError::NotFound(_) => {
            "read the list again: the image was deleted, or belongs to another project now"
        }
        CloudError::StaleMark(_) => "read the list again",
        CloudError::MembersDoNotApply(_) => {
            "the cloud keeps its members but does not list them: set the visibility of the image to `shared` to see them"
        }
        CloudError::Unresponsive => "check the network",
        CloudError::Malformed { .. } => {
            "check that the address is that of the image service; a proxy may have answered instead"
        }
        CloudError::TooLong(_) => {
            "check that the address is that of the image service; its own pages are never that long"
        }
        CloudError::Answered(refusal) => by_status(refusal.status)?,
        CloudError::Needless(_)
        | CloudError::NotSent(_)
        | CloudError::Stopped
        | CloudError::StoppedAfterRefusal => return None,
    };
    Some(text.to_owned())
}

fn wait(after: Option<Duration>) -> String {
    match after {
        Some(after) => format!("try again in {}", duration(after.as_secs().max(1))),
        None => "try again later, or set a lower `concurrency` in config.toml".into(),
    }
}

fn duration(seconds: u64) -> String {
    match seconds {
        0..300 => format!("{seconds} s"),
        300..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => "a few days (the cloud asks for that)".into(),
    }
}

fn by_status(status: u16) -> Option<&'static str> {
    match status {
        300..400 => Some("if the new address is right, set `image_endpoint_override` to it"),
        405 => Some("this cloud does not have this call: check `image_sharing_api` in clouds.yaml"),
        413 => Some(
            "a new share has reached a quota (ask for a larger one, or revoke shares first); anything else was too much at \
             once: try again later",
        ),
        409 => Some("read the list again: it changed in the meantime"),
        504 => Some(
            "a gateway in front of the cloud gave up waiting for it: try again later, or ask the cloud's operators to raise \
             the gateway's timeout",
        ),
        500.. => Some(
            "the cloud has a problem: try again later, or report the request ID to its operators",
        ),
        _ => None,
    }
}

/// Huawei/OTC docs: error codes of IMS and of the API gateway.
fn by_code(refusal: &ApiError) -> Option<&'static str> {
    let code = refusal.code.as_ref()?.raw();
    let text = match code.replace("APIG.", "APIGW.").as_str() {
        "IMG.0018" | "IMG.0023" | "IMG.0061" | "IMG.0064" | "IMG.0065" => "try again later",
        "IMG.0026" | "IMG.0161" => "the user needs the permission `ims:images:share`",
        "IMG.0027" | "IMG.0066" | "IMG.0086" | "IMG.0144" => {
            "read the list again: the image does not exist (any more)"
        }
        "IMG.0030" | "IMG.0087" | "APIGW.0307" => {
            "the login is for another region or project: check `region_name` and the project"
        }
        "IMG.0046" => "check the status of the image: only active images can be shared",
        "IMG.0047" | "IMG.0106" => {
            "log in to the project that owns the image: only its owner can do this"
        }
        "IMG.0060" => "the cloud runs too many tasks at once: try again later",
        "IMG.0067" | "IMG.0108" => {
            "check the member: it must be the ID of a project in the region of the image"
        }
        "IMG.0076" => {
            "leave this project out: an image cannot be shared with the project that owns it"
        }
        "IMG.0088" => {
            "the image has as many members as the cloud allows: revoke shares first, or ask for a larger quota"
        }
        "IMG.0089" | "IMG.0107" => "public and market images cannot be shared",
        "IMG.0098" => "encrypted images cannot be shared",
        "IMG.0104" => "set `project_id`: the region has several projects",
        "IMG.0112" | "IMG.0113" | "IMG.0114" => "read the members again to see their current state",
        "IMG.0135" => "this full-ECS image cannot be shared",
        "IMG.0182" | "IMG.0184" | "IMG.0188" | "IMG.0193" => {
            "a full-ECS image is accepted into a server backup vault with free capacity: name one with `--vault`"
        }
        "IMG.0177" => "share the image in the region of the member: both must be in one region",
        "APIGW.0101" | "APIGW.0103" => {
            "this cloud does not have this call: check the address of the image service and `image_sharing_api`"
        }
        "APIGW.0301" | "APIGW.0303" | "APIGW.0305" => {
            "the token or access key is not valid here: check the login and the clock of this machine"
        }
        "APIGW.0302" | "APIGW.0304" | "APIGW.0306" => {
            "ask for the permission to make this call: this user does not have it"
        }
        "APIGW.0310" => "check `project_id`: this login has no access to the project",
        "APIGW.0402" => {
            "the cloud does not allow the IP address of this machine: ask its operators to add it"
        }
        "APIGW.0801" => "check `region_name`: the service is not available in this region",
        "APIGW.0802" => "check `region_name`, or ask for access to this region: the user has none",
        _ => return None,
    };
    Some(text)
}
