//! Checks of changes before they are requested: what makes them impossible, and what deserves a warning.

use super::{CloudKind, Image, Member, MemberKind, ProjectId, Text, Visibility};

/// Longest member ID that Glance stores, in characters (its column, on most databases).
const LONGEST: usize = 255;

/// Why no image can be shared with this member; `None` if one can.
pub fn why_member_is_unshareable(
    cloud: CloudKind,
    own: &ProjectId,
    member: &Member,
) -> Option<String> {
    let id = member.id.raw();
    if member.kind == MemberKind::Project && own.is(&ProjectId(member.id.clone())) {
        return Some("an image cannot be shared with its own project".into());
    }
    match cloud {
        _ if id.is_empty() => Some("the member ID is empty".into()),
        CloudKind::Glance => glance_member_problem(id),
        CloudKind::Rackspace if !id.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some("on this cloud a member is an account number, digits only".into())
        }
        CloudKind::Ims => ims_member_problem(member.kind, id),
        CloudKind::Rackspace => None,
    }
}

/// Glance takes any string, but a member with a slash cannot be removed (seen on Glance 33).
fn glance_member_problem(id: &str) -> Option<String> {
    if id.contains('/') {
        return Some("a member with a `/` in its ID cannot be removed again".into());
    }
    (id.chars().count() > LONGEST).then(|| format!("the ID is longer than {LONGEST} characters"))
}

/// Huawei/OTC docs: project IDs are 32 hex digits, organizations have a URN.
fn ims_member_problem(kind: MemberKind, id: &str) -> Option<String> {
    match kind {
        MemberKind::Project if !is_hex_id(id) => {
            Some("not a project ID: on this cloud a project ID has 32 hexadecimal digits".into())
        }
        MemberKind::Organization if !id.starts_with("organizations:") => Some(
            "not an organization: the URN of an organization begins with `organizations:`".into(),
        ),
        _ => None,
    }
}

/// Why the project cannot share this image; `None` if it can.
pub fn why_image_is_unshareable(
    cloud: CloudKind,
    own: &ProjectId,
    image: &Image,
) -> Option<String> {
    if let Some(owner) = image.owner.as_ref().filter(|owner| !own.owns(owner)) {
        return Some(format!(
            "the image belongs to project {owner}, and only its owner can share it"
        ));
    }
    match cloud {
        CloudKind::Glance if image.visibility != Visibility::Shared => {
            Some(format!("the image is {}: set its visibility to `shared` first", image.visibility))
        }
        CloudKind::Ims => ims_image_problem(image),
        _ => None,
    }
}

/// Huawei/OTC docs, restrictions on sharing images; codes IMG.0089 and IMG.0046 say the same.
fn ims_image_problem(image: &Image) -> Option<String> {
    if image.visibility == Visibility::Public {
        return Some("the image is public".into());
    }
    let status =
        image.status.as_ref().filter(|status| !status.raw().eq_ignore_ascii_case("active"));
    status.map(|status| format!("the image is {status}: only active images can be shared"))
}

/// Why this image cannot be accepted with or without this vault; `None` if it can. Full-ECS images of IMS are stored in a
/// vault of the receiver, which the answer names (OTC docs, "Accepting or Rejecting Shared Images"; code IMG.0184).
pub fn why_vault_does_not_fit(
    cloud: CloudKind,
    image: &Image,
    vault: Option<&Text>,
) -> Option<String> {
    match vault {
        Some(_) if cloud != CloudKind::Ims => Some("this cloud has no vaults".into()),
        Some(_) if !image.whole => {
            Some("not a full-ECS image; only those are accepted into a vault".into())
        }
        None if cloud == CloudKind::Ims && image.whole => {
            Some("a full-ECS image is accepted into a vault, and none was given".into())
        }
        _ => None,
    }
}

/// What to do about a [`why_vault_does_not_fit`].
pub fn vault_hint(vault: Option<&Text>) -> &'static str {
    match vault {
        Some(_) => "nothing was sent; accept it without `--vault`",
        None => {
            "nothing was sent; accept it separately with `sharelock accept --image ID --vault ID` and a server backup \
             vault of this project"
        }
    }
}

/// Whether a text has the form of a project ID on this cloud.
pub fn looks_like_an_id(cloud: CloudKind, text: &str) -> bool {
    match cloud {
        CloudKind::Glance => is_hex_id(&text.replace('-', "")),
        CloudKind::Ims => is_hex_id(text),
        CloudKind::Rackspace => text.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

/// A warning about a member that the cloud does not check.
pub fn member_warning(cloud: CloudKind, member: &Member) -> Option<&'static str> {
    let odd = cloud == CloudKind::Glance && !looks_like_an_id(cloud, member.id.raw());
    odd.then_some(
        "does not look like a project ID; the cloud accepts any text, even a typing error",
    )
}

/// A warning about an image.
pub fn image_warning(cloud: CloudKind, image: &Image) -> Option<&'static str> {
    match cloud {
        CloudKind::Ims if image.encrypted => {
            Some("is encrypted: some clouds refuse to share it, and its members need the key")
        }
        CloudKind::Ims if image.whole => Some(
            "is a full-ECS image: it can have at most 10 members, and accepting it needs a vault",
        ),
        _ => None,
    }
}

fn is_hex_id(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "0123456789abcdef0123456789abcdef";

    fn obstacle(cloud: CloudKind, member: &Member) -> bool {
        why_member_is_unshareable(cloud, &ProjectId(OWN.into()), member).is_some()
    }

    #[test]
    fn an_image_is_never_offered_to_its_own_project_however_spelt() {
        for own in [OWN, "01234567-89AB-cdef-0123-456789abcdef"] {
            assert!(obstacle(CloudKind::Glance, &Member::project(own)));
        }
        let account = Member { kind: MemberKind::Domain, id: OWN.into() };
        assert!(!obstacle(CloudKind::Ims, &account));
    }

    #[test]
    fn a_vault_is_for_full_ecs_images_of_ims_and_for_nothing_else() {
        let plain = Image::bare("a".into());
        let whole = Image { whole: true, ..plain.clone() };
        let vault = Text::from("v");
        let may = |cloud, image, vault| why_vault_does_not_fit(cloud, image, vault).is_none();
        for (image, with, without) in [(&whole, true, false), (&plain, false, true)] {
            assert_eq!(may(CloudKind::Ims, image, Some(&vault)), with);
            assert_eq!(may(CloudKind::Ims, image, None), without);
            assert!(!may(CloudKind::Glance, image, Some(&vault)));
            assert!(may(CloudKind::Glance, image, None));
        }
    }

    #[test]
    fn each_cloud_has_its_own_form_of_ids() {
        let other = Member::project("f123456789abcdef0123456789abcdef");
        let (name, number) = (Member::project("team-web"), Member::project("929418"));
        assert!(!obstacle(CloudKind::Ims, &other) && obstacle(CloudKind::Ims, &name));
        assert!(!obstacle(CloudKind::Rackspace, &number) && obstacle(CloudKind::Rackspace, &name));
        assert!(!obstacle(CloudKind::Glance, &name));
        assert!(member_warning(CloudKind::Glance, &name).is_some());
        assert_eq!(member_warning(CloudKind::Glance, &other), None);
    }

    #[test]
    fn a_member_that_could_never_be_removed_is_not_added() {
        assert!(obstacle(CloudKind::Glance, &Member::project("a/b")));
    }

    #[test]
    fn an_image_that_is_not_ours_or_not_shareable_is_told_before_the_cloud_refuses_it() {
        let own = ProjectId(OWN.into());
        let mut image = Image { owner: Some(own.clone()), ..Image::bare("a".into()) };
        image.visibility = Visibility::Shared;
        assert_eq!(why_image_is_unshareable(CloudKind::Glance, &own, &image), None);
        image.visibility = Visibility::Private;
        assert!(why_image_is_unshareable(CloudKind::Glance, &own, &image).is_some());
        assert_eq!(why_image_is_unshareable(CloudKind::Ims, &own, &image), None);
        image.status = Some("saving".into());
        assert!(why_image_is_unshareable(CloudKind::Ims, &own, &image).is_some());
        image.owner = Some(ProjectId("other".into()));
        assert!(why_image_is_unshareable(CloudKind::Rackspace, &own, &image).is_some());
    }
}
