//! Where an audit is to look: from what was typed to a list of clouds and regions.

use super::AuditArgs;
use crate::cli::Login;
use crate::cli::exit::Stop;
use crate::cli::setup::Setup;
use crate::report::access::ScopeName;
use cloud::config::Clouds;
use engine::Target;
use secrecy::SecretString;

/// A place to look at.
#[derive(Clone, Debug, Default)]
pub(super) struct AuditTarget {
    /// A configured cloud; `None` for the default.
    pub(super) cloud: Option<String>,
    /// Its region; `None` for its first.
    pub(super) region: Option<String>,
    /// For the first login, if it asks for one.
    pub(super) passcode: Option<SecretString>,
    /// What the user typed where the configuration has no password.
    pub(super) secret: Option<SecretString>,
    /// All regions of the cloud, which only its catalog lists.
    pub(super) every_region: bool,
}

impl AuditTarget {
    pub(super) fn name(&self) -> ScopeName {
        ScopeName::configured(self.cloud.as_deref(), self.region.as_deref())
    }

    /// Where to log in. A one-time code is given away.
    pub(super) fn target(&mut self) -> Target {
        let Self { cloud, region, passcode, secret, .. } = self;
        let (cloud, region, secret) = (cloud.clone(), region.clone(), secret.clone());
        Target { cloud, region, project: None, passcode: passcode.take(), secret }
    }
}

/// The places that were asked for, in the order they are reported in.
pub(super) fn targets(
    args: &AuditArgs,
    login: &Login,
    setup: &Setup,
    clouds: &Clouds,
) -> Result<Vec<AuditTarget>, Stop> {
    refuse_contradictions(args, login)?;
    if !args.all_clouds && !args.all_regions {
        let Login { cloud, region, otp } = login.clone();
        return Ok(vec![AuditTarget { cloud, region, passcode: otp, ..AuditTarget::default() }]);
    }
    let names: Vec<&str> = match setup.default_cloud(clouds) {
        _ if args.all_clouds => clouds.names().collect(),
        // Ambiguous; the login reports it.
        None => return Ok(vec![AuditTarget::default()]),
        Some(name) => vec![name],
    };
    let of = |name: &str| {
        let every_region = every_region(clouds, name);
        if args.all_regions {
            return every_region;
        }
        let first = every_region.into_iter().take(1);
        first.map(|asked| AuditTarget { every_region: false, ..asked }).collect()
    };
    let mut all: Vec<AuditTarget> = names.into_iter().flat_map(of).collect();
    if let Some(first) = all.first_mut() {
        first.passcode.clone_from(&login.otp);
    }
    Ok(all)
}

fn refuse_contradictions(args: &AuditArgs, login: &Login) -> Result<(), Stop> {
    let both = [
        (args.all_clouds && login.cloud.is_some(), "--all-clouds", "--cloud"),
        (args.all_clouds && login.region.is_some(), "--all-clouds", "--region"),
        (args.all_regions && login.region.is_some(), "--all-regions", "--region"),
    ];
    match both.into_iter().find(|(both, ..)| *both) {
        Some((_, all, one)) => Err(Stop::Usage(format!("{all} and {one} exclude each other"))),
        None => Ok(()),
    }
}

fn of_cloud(name: &str, region: Option<String>) -> AuditTarget {
    AuditTarget { cloud: Some(name.to_owned()), region, ..AuditTarget::default() }
}

/// The regions that the configuration knows. An entry that makes no sense is left to the login, which says why.
fn every_region(clouds: &Clouds, name: &str) -> Vec<AuditTarget> {
    match clouds.regions(name) {
        Ok(regions) if regions.is_empty() => {
            vec![AuditTarget { every_region: true, ..of_cloud(name, None) }]
        }
        Ok(regions) => regions.into_iter().map(|region| of_cloud(name, Some(region))).collect(),
        Err(_) => vec![of_cloud(name, None)],
    }
}
