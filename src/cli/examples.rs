//! Examples at the end of each command's long help.

pub(super) const MAIN: &str = "\
Examples:
  Try everything on the embedded cloud
    $ sharelock --demo

  Open the screen on a cloud of clouds.yaml
    $ sharelock --cloud otc-prod

  Check every configured cloud
    $ sharelock clouds --check

Exit status:
  0    done
  1    failed
  2    wrong arguments
  3    incomplete: something could not be checked, or a share is still there or unknown
  129  the terminal was closed (SIGHUP)
  130  interrupted (Ctrl-C)
  143  terminated (SIGTERM)";

pub(super) const AUDIT: &str = "\
Examples:
  Show who has access to one image
    $ sharelock audit --image ubuntu-22.04-golden

  Show what a project can use
    $ sharelock audit --project team-web --by member

  Audit every region of every cloud in CI; exits with 3 unless everything was checked
    $ sharelock audit --all-clouds --all-regions --format json --output audit.json";

pub(super) const REVOKE: &str = "\
Examples:
  Review the plan, then revoke
    $ sharelock revoke --image ubuntu-22.04-golden --project team-web --dry-run
    $ sharelock revoke --image ubuntu-22.04-golden --project team-web

  Revoke everything that is shared with a project
    $ sharelock audit --project team-web --format csv | sharelock revoke --from - --yes";

pub(super) const SHARE: &str = "\
Examples:
  Share two images with a project
    $ sharelock share --image web-base db-base --project 9c61004714024f9586705d090530f9fa";

pub(super) const ACCEPT: &str = "\
Examples:
  Show what other projects share with yours, then accept one image
    $ sharelock audit --received
    $ sharelock accept --image web-base";

pub(super) const REJECT: &str = "\
Examples:
  Hide an image that another project shares with yours
    $ sharelock reject --image web-base";

pub(super) const UNDO: &str = "\
Examples:
  Share again what an operation revoked
    $ sharelock history
    $ sharelock undo 6b033feb-c582";

pub(super) const JOBS: &str = "\
Examples:
  Find out what became of interrupted operations
    $ sharelock jobs

  Wait until every job has ended
    $ sharelock jobs --watch";

pub(super) const HISTORY: &str = "\
Examples:
  Show the operations of the last week
    $ sharelock history --since 7d

  Print a receipt for a ticket
    $ sharelock history 6b033feb-c582 --format markdown

  Check whether anything has changed since
    $ sharelock history 6b033feb-c582 --verify";

pub(super) const CLOUDS: &str = "\
Examples:
  Show which clouds and files sharelock uses
    $ sharelock clouds

  Find out why a login fails
    $ sharelock clouds --check --cloud otc-prod";

pub(super) const DEMO_CLOUD: &str = "\
Examples:
  Use the embedded cloud with other clients
    $ sharelock demo-cloud --port 8774 > clouds.yaml &
    $ openstack --os-cloud demo-glance image list";

pub(super) const COMPLETIONS: &str = "\
Examples:
  Install completions for bash
    $ sharelock completions bash > ~/.local/share/bash-completion/completions/sharelock";
