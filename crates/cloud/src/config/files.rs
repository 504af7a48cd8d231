//! Where `clouds.yaml`, `secure.yaml` and `clouds-public.yaml` are looked for, and how one of them is read.
//!
//! As in openstacksdk the first file that exists and can be read is the only one: files of different folders are
//! never merged, and each of the three is searched by itself.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::placeholders::Unusable;
use super::yaml::{self, Invalid, Map, Node, Place};
use super::{Complaint, Environment};

/// More than any file of clouds needs, and little enough to read by mistake.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// The folders that are searched, in order.
pub(super) fn folders(env: &Environment) -> Vec<PathBuf> {
    let own = match env.xdg("XDG_CONFIG_HOME") {
        Some(config) => config.join("openstack"),
        None if cfg!(target_os = "macos") => env.home.join("Library/Application Support/openstack"),
        None => env.home.join(".config/openstack"),
    };
    let real_home = env.var("SNAP_REAL_HOME").map_or(&*env.home, Path::new);
    let usual = [env.cwd.clone(), own, real_home.join(".config/openstack")];
    let mut folders = Vec::new();
    for folder in usual.into_iter().chain(env.site.iter().cloned()) {
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    folders
}

/// Finds and reads the file called `stem`; an empty one has no keys. Mistakes are added to `warnings`.
pub(super) fn find(
    env: &Environment,
    stem: &str,
    variable: Option<&str>,
    warnings: &mut Vec<Complaint>,
) -> Option<(PathBuf, Map)> {
    let named = variable.and_then(|name| Some((name, env.cwd.join(env.var(name)?))));
    if let Some((variable, path)) = named.as_ref().filter(|(_, path)| !path.exists()) {
        warnings.push(Complaint::new(
            format!("{variable} names {}, which does not exist", path.display()),
            "correct or unset it; the usual places were searched instead",
        ));
    }
    let usual = folders(env).into_iter().flat_map(|folder| {
        ["yaml", "yml", "json"].map(|suffix| folder.join(format!("{stem}.{suffix}")))
    });
    let candidates = named.into_iter().map(|(_, path)| path).chain(usual);
    candidates.filter(|path| path.exists()).find_map(|path| match read(&path, warnings) {
        Ok(content) => Some((path, content)),
        Err(complaint) => {
            warnings.push(complaint);
            None
        }
    })
}

/// Reads a file of YAML; warnings are added to `warnings`.
pub(super) fn read(path: &Path, warnings: &mut Vec<Complaint>) -> Result<Map, Complaint> {
    parse(&text(path)?, &path.display().to_string(), warnings)
}

/// Reads a file of text.
pub(super) fn text(path: &Path) -> Result<String, Complaint> {
    let shown = path.display();
    let unread = |why: &dyn std::fmt::Display| {
        Complaint::new(
            format!("{shown} cannot be read: {why}"),
            "make it a readable UTF-8 file, or remove it",
        )
    };
    let file = std::fs::File::open(path).map_err(|error| unread(&error))?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|error| unread(&error))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(unread(&"it is larger than 4 MiB"));
    }
    String::from_utf8(bytes).map_err(|_| unread(&"it is not UTF-8"))
}

/// Reads the text of a file called `label`. An empty one has no keys.
pub(super) fn parse(
    text: &str,
    label: &str,
    warnings: &mut Vec<Complaint>,
) -> Result<Map, Complaint> {
    let file: Arc<str> = label.into();
    let document = yaml::read(text, &file).map_err(|error| not_yaml(label, &error))?;
    for line in document.repeated {
        let at = Place { file: file.clone(), line: Some(line) };
        warnings.push(Complaint::new(
            format!("a key is repeated in the same mapping at {at}"),
            "remove one of them; the last one counts",
        ));
    }
    if let Some(unusable) = encrypted_whole(&document.root) {
        let (why, hint) = unusable.explained();
        return Err(Complaint::new(format!("{label} {why}"), hint));
    }
    if let Some((node, unusable)) = outside_of_entries(&document.root) {
        let (why, hint) = unusable.explained();
        return Err(Complaint::new(format!("the value at {} {why}", node.at), hint));
    }
    if document.root.is_null() {
        return Ok(Map::default());
    }
    document.root.map().cloned().ok_or_else(|| {
        Complaint::new(
            format!("{label} is not a mapping"),
            "begin it with `clouds:` and one indented entry for each cloud",
        )
    })
}

/// What encrypted a file as a whole: its text is a ciphertext, or SOPS stored it in `data`.
fn encrypted_whole(root: &Node) -> Option<Unusable> {
    let of_sops = |map: &Map| map.get("sops").and(map.get("data")).and_then(Node::unusable);
    match root.map() {
        Some(map) => of_sops(map),
        None => root.unusable().filter(|_| root.text().is_some()),
    }
}

/// The first unusable value that is in none of the entries: its file is skipped, as by `PyYAML`. One in an entry makes
/// only that entry unusable.
fn outside_of_entries(root: &Node) -> Option<(&Node, Unusable)> {
    let Some(map) = root.map() else { return root.tagged() };
    map.iter().find_map(|(key, node)| {
        let entries = ["clouds", "public-clouds"].contains(&key) && node.map().is_some();
        if entries { None } else { node.tagged() }
    })
}

fn not_yaml(label: &str, Invalid { line, column }: &Invalid) -> Complaint {
    Complaint::new(
        format!("{label} is not valid YAML at line {line}, column {column}"),
        "correct it there: indent with spaces, close every bracket and quote, and put quotes around \
         a value that begins with one of * & ! % @ ` { [ or contains `: ` or ` #`",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_searched_in_the_order_of_openstacksdk_and_once_each() {
        let mut env = Environment {
            cwd: "/w".into(),
            home: "/h".into(),
            site: vec!["/etc/openstack".into()],
            ..Environment::default()
        };
        env.vars.insert("XDG_CONFIG_HOME".into(), "/x".into());
        let expected = ["/w", "/x/openstack", "/h/.config/openstack", "/etc/openstack"];
        assert_eq!(folders(&env), expected.map(PathBuf::from));

        env.vars.insert("XDG_CONFIG_HOME".into(), "/h/.config".into());
        assert_eq!(folders(&env).len(), 3);

        env.vars.insert("SNAP_REAL_HOME".into(), "/real".into());
        assert_eq!(folders(&env)[2], Path::new("/real/.config/openstack"));
    }

    #[test]
    fn what_is_not_utf8_or_too_large_or_a_folder_is_skipped_with_a_warning() {
        let dir = tempfile::tempdir().unwrap();
        let env = Environment { cwd: dir.path().into(), ..Environment::default() };
        std::fs::write(dir.path().join("clouds.yaml"), b"\xff\xfe").unwrap();
        std::fs::create_dir(dir.path().join("clouds.yml")).unwrap();
        let large = vec![b'#'; usize::try_from(MOST_BYTES).unwrap() + 1];
        std::fs::write(dir.path().join("clouds.json"), large).unwrap();

        let mut warnings = Vec::new();
        assert!(find(&env, "clouds", None, &mut warnings).is_none());

        let shown: Vec<_> = warnings.iter().map(ToString::to_string).collect();
        assert_eq!(shown.len(), 3, "{shown:?}");
        assert!(shown[0].contains("clouds.yaml cannot be read: it is not UTF-8"), "{shown:?}");
        assert!(shown[2].contains("larger than 4 MiB"), "{shown:?}");
    }
}
