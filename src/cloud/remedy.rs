//! What a user can do about a refusal: by the cloud's own code where it has one, else by the status.

use std::time::Duration;

use super::{CloudError, Refusal};

/// The remedy, as the rest of a sentence.
pub(super) fn of(error: &CloudError) -> Option<String> {
    let about_the_list = matches!(error, CloudError::ListForbidden(_));
    if let Some(text) = error.refusal().filter(|_| !about_the_list).and_then(by_code) {
        return Some(text.to_owned());
    }
    let text = match error {
        CloudError::Throttled { retry_after, .. } => return Some(wait(*retry_after)),
        CloudError::Login(error) => return error.hint().map(Into::into),
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
            "the login needs a role that may do this: `member` on OpenStack, `ims:images:share` on IMS, \
             `cloudImages:admin` on Rackspace"
        }
        CloudError::NotFound(_) => {
            "read the list again: it may be gone, or belong to another project"
        }
        CloudError::StaleMark(_) => "read the list again",
        CloudError::MembersDoNotApply(_) => {
            "its memberships are kept but cannot be listed: set its visibility to `shared` to see them"
        }
        CloudError::Malformed { .. } => {
            "check that the address is the image service's own; a proxy may have answered"
        }
        CloudError::TooLong(_) => {
            "check that the address is the image service's own and that nothing answers in its place: no page of \
             a list is that long, and a part of one would hide shares"
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
        Some(after) => format!("try again in {}", spoken(after.as_secs().max(1))),
        None => "try again in a while, or set `concurrency` lower in config.toml".into(),
    }
}

fn spoken(seconds: u64) -> String {
    match seconds {
        0..300 => format!("{seconds} s"),
        300..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => "some days (so the cloud says)".into(),
    }
}

fn by_status(status: u16) -> Option<&'static str> {
    match status {
        300..400 => Some("configure the address it redirects to, if it is right"),
        405 => Some("this cloud does not have this call: check `image_sharing_api` in clouds.yaml"),
        413 => Some("a quota is reached: ask for more, or take something away first"),
        409 => Some("read the list again: something changed meanwhile"),
        500.. => Some("the cloud is in trouble: try again in a while"),
        _ => None,
    }
}

/// Huawei/OTC docs: error codes of IMS and of the API gateway.
fn by_code(refusal: &Refusal) -> Option<&'static str> {
    let code = refusal.code.as_ref()?.raw();
    let text = match code.replace("APIG.", "APIGW.").as_str() {
        "IMG.0018" | "IMG.0023" | "IMG.0061" | "IMG.0064" | "IMG.0065" => "try again in a while",
        "IMG.0026" | "IMG.0161" => "the user needs the action `ims:images:share`",
        "IMG.0027" | "IMG.0066" | "IMG.0086" | "IMG.0144" => {
            "read the list again: there is no such image (any more)"
        }
        "IMG.0030" | "IMG.0087" | "APIGW.0307" => {
            "the login is for another region or project: check `region_name` and the project"
        }
        "IMG.0046" => "look at the image's status: only active images can be shared",
        "IMG.0047" | "IMG.0106" => "only the owner of an image can do this",
        "IMG.0060" => "too many tasks at once: try again in a while",
        "IMG.0067" | "IMG.0108" => {
            "check the member: it must be the id of a project in the image's region"
        }
        "IMG.0076" => "an image cannot be shared with its own project",
        "IMG.0088" => "the image has as many members as it may have",
        "IMG.0089" | "IMG.0107" => "public and market images cannot be shared",
        "IMG.0098" => "encrypted images cannot be shared",
        "IMG.0104" => "name the project: the region has several",
        "IMG.0112" | "IMG.0113" | "IMG.0114" => "read the members again to see what is true",
        "IMG.0135" => "this full-ECS image cannot be shared",
        "IMG.0182" | "IMG.0184" | "IMG.0188" | "IMG.0193" => {
            "full-ECS images are accepted into a server backup vault with room: name it with `--vault`"
        }
        "IMG.0177" => "image and member must be in one region",
        "APIGW.0101" | "APIGW.0103" => {
            "this cloud does not have this call: check the endpoint and `image_sharing_api`"
        }
        "APIGW.0301" | "APIGW.0303" | "APIGW.0305" => {
            "the token or key is not valid here: check the login and this machine's clock"
        }
        "APIGW.0302" | "APIGW.0304" | "APIGW.0306" => "the user is not allowed to make this call",
        "APIGW.0310" => "the project is not available to this login: check `project_id`",
        "APIGW.0402" => "this machine's address is not allowed: ask for it to be let in",
        "APIGW.0801" => "the service is not open in this region: check `region_name`",
        "APIGW.0802" => {
            "the user may not use this region: check `region_name`, or ask for the permission"
        }
        _ => return None,
    };
    Some(text)
}
