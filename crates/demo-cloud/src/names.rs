//! Believable names and ids.

use fastrand::Rng;

/// A random (version 4) UUID.
pub(super) fn uuid(rng: &mut Rng) -> String {
    let bits = rng.u128(..) & !(0xf << 76) | (4 << 76);
    let bits = bits & !(0x3 << 62) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// 32 hex digits: a project, user or job.
pub(super) fn hex(rng: &mut Rng) -> String {
    uuid(rng).replace('-', "")
}

const PROJECTS: &str = "payments data-platform ml-training partner-acme team-mobile team-search checkout contractor-jmeier \
    billing fraud-detection sre-tooling ci-runners partner-globex warehouse identity observability \
    contractor-skumar marketing-site edge-cache partner-initech customer-portal risk-models video-transcode \
    contractor-lrossi team-android geo-services hr-systems partner-umbrella loyalty sap-bridge \
    contractor-anovak iot-ingest team-ios legal-archive partner-hooli recommendations log-lake \
    contractor-tdubois kiosk-fleet training-lab partner-vandelay pricing security-scans contractor-ykim \
    mail-relay partner-soylent logistics feature-store contractor-bsilva legacy-erp";

const STAGES: &[&str] = &["", "-dev", "-staging", "-sandbox", "-prod", "-eu", "-dr", "-test"];

/// The name of the n-th receiving project; different for every n.
pub(super) fn project(n: usize) -> String {
    let count = PROJECTS.split(' ').count();
    let (name, round) = (PROJECTS.split(' ').nth(n % count).unwrap_or_default(), n / count);
    match STAGES.get(round) {
        Some(stage) => format!("{name}{stage}"),
        None => format!("{name}-{round}"),
    }
}

/// A line of images built again and again: what they are called, what runs on them, how large they are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Family {
    pub(super) name: &'static str,
    pub(super) os: &'static str,
    pub(super) distro: &'static str,
    pub(super) gigabytes: u64,
}

pub(super) const FAMILIES: &[Family] = &[
    family("ubuntu-22.04-golden", "Ubuntu 22.04", "ubuntu", 2),
    family("ubuntu-24.04-golden", "Ubuntu 24.04", "ubuntu", 3),
    family("rhel-9.4-cis", "Red Hat Enterprise Linux 9.4", "rhel", 5),
    family("windows-2022-sql", "Windows Server 2022", "windows", 24),
    family("k8s-node-1.31", "Ubuntu 22.04", "ubuntu", 4),
    family("debian-12-minimal", "Debian 12", "debian", 1),
    family("ml-cuda-12.4", "Ubuntu 22.04", "ubuntu", 18),
    family("jenkins-agent", "Debian 12", "debian", 6),
    family("postgres-16-ha", "Rocky Linux 9.3", "rocky", 4),
    family("windows-2019-iis", "Windows Server 2019", "windows", 21),
    family("rocky-9-base", "Rocky Linux 9.3", "rocky", 2),
    family("vpn-gateway", "Alpine 3.20", "alpine", 1),
    family("k8s-node-1.30", "Ubuntu 22.04", "ubuntu", 4),
    family("sles-15-sap", "SUSE Linux Enterprise 15", "sles", 9),
    family("bastion", "Debian 12", "debian", 1),
    family("kafka-broker", "Ubuntu 24.04", "ubuntu", 3),
];

const fn family(
    name: &'static str,
    os: &'static str,
    distro: &'static str,
    gigabytes: u64,
) -> Family {
    Family { name, os, distro, gigabytes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_projects_have_the_same_name() {
        let names: std::collections::BTreeSet<String> = (0..5000).map(project).collect();

        assert_eq!(names.len(), 5000);
    }

    #[test]
    fn ids_look_as_openstack_makes_them() {
        let id = uuid(&mut Rng::with_seed(7));

        assert_eq!(id.len(), 36);
        assert_eq!(&id[14..15], "4");
        assert!(matches!(&id[19..20], "8" | "9" | "a" | "b"), "{id}");
    }
}
