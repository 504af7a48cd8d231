//! What the roles of a login allow.

use domain::{CloudKind, Text};

/// Why a login that only reads cannot change shares, and what to do about it.
pub fn missing_role(kind: CloudKind) -> (&'static str, &'static str) {
    match kind {
        CloudKind::Rackspace => (
            "the login has no role for it, only ones that look",
            "ask who administers the account for the role `cloudImages:admin`",
        ),
        CloudKind::Glance | CloudKind::Ims => (
            "the login has no role for it, only `reader`",
            "ask for the role `member` in the project",
        ),
    }
}

/// Whether these roles allow to change shares, as far as they say.
///
/// Glance's own policy asks for `member` or `admin`; operators may have another. On IMS a right may come from a custom
/// policy that the token does not show.
pub fn may_change(kind: CloudKind, roles: &[Text]) -> Option<bool> {
    let has = |names: &[&str]| {
        roles.iter().any(|role| names.iter().any(|name| role.raw().eq_ignore_ascii_case(name)))
    };
    match kind {
        CloudKind::Glance if has(&["admin", "manager", "member", "_member_"]) => Some(true),
        CloudKind::Glance
            if !roles.is_empty() && roles.iter().all(|role| role.raw() == "reader") =>
        {
            Some(false)
        }
        // Rackspace docs, "Role-based access control": who administers the account may do everything; a creator of
        // Cloud Images cannot delete, an observer only looks, and `identity:default` is everybody's.
        CloudKind::Rackspace if has(&["identity:user-admin", "cloudImages:admin", "admin"]) => {
            Some(true)
        }
        CloudKind::Rackspace
            if has(&["cloudImages:observer", "observer"])
                && !has(&["cloudImages:creator", "creator", "identity:user-manage"]) =>
        {
            Some(false)
        }
        CloudKind::Ims if has(&["te_admin", "admin"]) => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(names: &[&str]) -> Vec<Text> {
        names.iter().map(|name| Text::from(*name)).collect()
    }

    #[test]
    fn what_the_roles_do_not_tell_is_unknown() {
        let glance = |names| may_change(CloudKind::Glance, &roles(names));
        assert_eq!(glance(&["reader", "Member"]), Some(true));
        assert_eq!(glance(&["reader"]), Some(false));
        assert_eq!(glance(&["reader", "image-operator"]), None);
        assert_eq!(glance(&[]), None);
        let rackspace = |names| may_change(CloudKind::Rackspace, &roles(names));
        assert_eq!(rackspace(&["identity:user-admin"]), Some(true));
        assert_eq!(rackspace(&["identity:default", "cloudImages:observer"]), Some(false));
        assert_eq!(rackspace(&["identity:default", "observer", "cloudImages:creator"]), None);
        assert_eq!(rackspace(&["identity:default"]), None);
        assert_eq!(may_change(CloudKind::Ims, &roles(&["te_admin"])), Some(true));
        assert_eq!(may_change(CloudKind::Ims, &roles(&["readonly"])), None);
    }
}
