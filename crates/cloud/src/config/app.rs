//! `config.toml`: settings of this program. Every key is checked; an unknown one is an error that names the nearest
//! known one, for a misspelled `protected` would protect nothing.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::did_you_mean;
use super::{CloudSettings, Complaint, ConfigError, Dirs, Environment, PasswordCommand};

/// What `config.toml` says. The default is what applies without a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppConfig {
    /// The file it was read from, if there is one.
    pub file: Option<PathBuf>,
    /// `require_tls`, for all clouds.
    pub require_tls: bool,
    /// `[clouds.NAME]`, for [`super::Clouds::with_settings`].
    pub clouds: BTreeMap<String, CloudSettings>,
    /// `[projects]`: names for project IDs.
    pub projects: BTreeMap<String, String>,
    /// What only the screen can check, in file order.
    settings: Vec<Setting>,
}

/// A line of `config.toml`, such as `undo = ["U", "ctrl-u"]` of `[keys.jobs]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its table: `theme`, `keys.jobs`, `clouds.NAME`.
    pub section: String,
    /// Its key.
    pub name: String,
    /// A key binding has any number of values, everything else has one.
    pub values: Vec<String>,
    /// Its line, for errors.
    pub line: usize,
}

impl Setting {
    /// The name after the dot of its section: a place of `[keys]`, a cloud of `[clouds]`.
    pub fn subsection(&self) -> Option<&str> {
        self.section.split_once('.').map(|(_, name)| name)
    }

    /// The value of a setting that has one.
    pub fn value(&self) -> &str {
        self.values.first().map_or("", String::as_str)
    }
}

const SECTIONS: [&str; 7] =
    ["require_tls", "clouds", "projects", "keys", "theme", "screen", "filters"];

type Set = fn(&mut CloudSettings, &Field<'_>) -> Result<(), Invalid>;

/// The keys of `[clouds.NAME]`.
const CLOUD_KEYS: [(&str, Set); 8] = [
    ("read_only", |cloud, field| field.bool().map(|on| cloud.read_only = on)),
    ("protected", |cloud, field| field.bool().map(|on| cloud.protected = on)),
    ("require_tls", |cloud, field| field.bool().map(|on| cloud.require_tls = Some(on))),
    ("concurrency", |cloud, field| field.number(1..=256).map(|n| cloud.concurrency = Some(n))),
    ("password_command", |cloud, field| {
        field.command().map(|command| cloud.password_command = Some(command))
    }),
    ("batch_images", |cloud, field| field.number(1..=1000).map(|n| cloud.batch_images = Some(n))),
    ("batch_members", |cloud, field| field.number(1..=1000).map(|n| cloud.batch_members = Some(n))),
    ("enterprise_project_id", |cloud, field| {
        field.string().map(|id| cloud.enterprise_project_id = Some(id))
    }),
];

/// The keys of `[clouds.NAME]` that only the screen can check.
const CLOUD_KEYS_OF_THE_SCREEN: [&str; 2] = ["accent", "console"];

impl AppConfig {
    /// Reads the file that was named (by `--config`, else by `SHARELOCK_CONFIG`), which must exist, else the usual one,
    /// which need not.
    pub fn load(env: &Environment, named: Option<&Path>) -> Result<Self, Vec<ConfigError>> {
        let by_variable = || env.var("SHARELOCK_CONFIG").map(|path| env.path(path));
        let named = named.map(|path| env.cwd.join(path)).or_else(by_variable);
        let path = named.clone().unwrap_or_else(|| Dirs::of(env).config_file());
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text, &path),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && named.is_none() => {
                Ok(Self::default())
            }
            Err(error) => Err(vec![ConfigError::Settings(Complaint::new(
                format!("{} cannot be read: {error}", path.display()),
                "correct the path, or make it a readable UTF-8 file",
            ))]),
        }
    }

    /// Reads the text of the file at `path`. Fails with everything that is wrong with it, by line.
    pub fn parse(text: &str, path: &Path) -> Result<Self, Vec<ConfigError>> {
        let config = Self { file: Some(path.to_owned()), ..Self::default() };
        let table = DeTable::parse(text);
        let mut reader = Reader { text, config, errors: Vec::new() };
        match &table {
            Ok(table) => reader.read(table.get_ref()),
            Err(error) => {
                let why = error.message().lines().next().unwrap_or("not valid TOML").to_owned();
                let line = line(text, &error.span().unwrap_or_default());
                reader.errors.push(Invalid { line, why, hint: "correct it there".into() });
            }
        }
        let Reader { mut config, mut errors, .. } = reader;
        errors.sort_by_key(|error| error.line);
        config.settings.sort_by_key(|setting| setting.line);
        let errors: Vec<_> = errors.iter().map(|e| config.wrong(e.line, &e.why, &e.hint)).collect();
        if errors.is_empty() { Ok(config) } else { Err(errors) }
    }

    /// The settings of a section and its subsections, in file order.
    pub fn section(&self, name: &str) -> Vec<Setting> {
        let of = |setting: &&Setting| setting.section.split('.').next() == Some(name);
        self.settings.iter().filter(of).cloned().collect()
    }

    /// An error about a line of the file.
    pub fn wrong(&self, line: usize, why: &str, hint: &str) -> ConfigError {
        let file = self.file.as_deref().unwrap_or_else(|| Path::new("config.toml"));
        ConfigError::Settings(Complaint::new(format!("{}:{line}: {why}", file.display()), hint))
    }
}

/// Collects the settings and the mistakes.
struct Reader<'a> {
    text: &'a str,
    config: AppConfig,
    errors: Vec<Invalid>,
}

struct Invalid {
    line: usize,
    why: String,
    hint: String,
}

/// A key and its value.
struct Field<'a> {
    text: &'a str,
    key: &'a Spanned<Cow<'a, str>>,
    value: &'a Spanned<DeValue<'a>>,
}

fn line(text: &str, span: &Range<usize>) -> usize {
    1 + text.get(..span.start).unwrap_or_default().matches('\n').count()
}

impl<'a> Reader<'a> {
    fn fields(&self, table: &'a DeTable<'a>) -> impl Iterator<Item = Field<'a>> + use<'a> {
        let text = self.text;
        table.iter().map(move |(key, value)| Field { text, key, value })
    }

    fn read(&mut self, table: &'a DeTable<'a>) {
        for field in self.fields(table) {
            let read = match field.name() {
                "require_tls" => field.bool().map(|required| self.config.require_tls = required),
                name if SECTIONS.contains(&name) => self.section(name, &field),
                _ => Err(field.unknown("section", &SECTIONS)),
            };
            self.errors.extend(read.err());
        }
    }

    fn section(&mut self, section: &str, field: &Field<'a>) -> Result<(), Invalid> {
        for field in self.fields(field.table(section)?) {
            let name = field.name();
            let read = match (section, field.value.get_ref().as_table()) {
                ("clouds", _) => self.cloud(name, &field),
                ("keys", Some(_)) => self.section(&format!("keys.{name}"), &field),
                _ => self.setting(section, &field),
            };
            self.errors.extend(read.err());
        }
        Ok(())
    }

    fn cloud(&mut self, name: &str, field: &Field<'a>) -> Result<(), Invalid> {
        let section = format!("clouds.{name}");
        let mut settings = CloudSettings::default();
        for field in self.fields(field.table(&section)?) {
            let read = match CLOUD_KEYS.iter().find(|(key, _)| *key == field.name()) {
                Some((_, set)) => set(&mut settings, &field),
                None if CLOUD_KEYS_OF_THE_SCREEN.contains(&field.name()) => {
                    self.setting(&section, &field)
                }
                None => {
                    let known = CLOUD_KEYS.iter().map(|(key, _)| *key);
                    let known: Vec<_> = known.chain(CLOUD_KEYS_OF_THE_SCREEN).collect();
                    Err(field.unknown("key", &known))
                }
            };
            self.errors.extend(read.err());
        }
        self.config.clouds.insert(name.to_owned(), settings);
        Ok(())
    }

    /// A setting whose meaning is checked elsewhere.
    fn setting(&mut self, section: &str, field: &Field<'a>) -> Result<(), Invalid> {
        let name = field.name().to_owned();
        let values = match (section, &*name) {
            (keys, _) if keys.starts_with("keys") => field.strings()?,
            ("screen", "plain") => vec![field.bool()?.to_string()],
            _ => vec![field.string()?],
        };
        if section == "projects" {
            self.config.projects.extend(values.into_iter().map(|alias| (name.clone(), alias)));
            return Ok(());
        }
        let line = line(self.text, &field.key.span());
        self.config.settings.push(Setting { section: section.to_owned(), name, values, line });
        Ok(())
    }
}

impl<'a> Field<'a> {
    fn name(&self) -> &'a str {
        self.key.get_ref()
    }

    fn invalid(&self, why: String, hint: impl Into<String>) -> Invalid {
        Invalid { line: line(self.text, &self.value.span()), why, hint: hint.into() }
    }

    fn unknown(&self, what: &str, known: &[&str]) -> Invalid {
        let near = did_you_mean(self.name(), known.iter().copied());
        Invalid {
            line: line(self.text, &self.key.span()),
            why: format!("unknown {what} `{}`{near}", self.name()),
            hint: format!("use one of {}", known.join(", ")),
        }
    }

    fn table(&self, section: &str) -> Result<&'a DeTable<'a>, Invalid> {
        let table = self.value.get_ref().as_table();
        table.ok_or_else(|| {
            self.invalid(format!("`{section}` is not a table"), format!("write `[{section}]`"))
        })
    }

    fn expect<T>(&self, value: Option<T>, why: &str, hint: &str) -> Result<T, Invalid> {
        value.ok_or_else(|| self.invalid(format!("`{}` {why}", self.name()), hint))
    }

    fn string(&self) -> Result<String, Invalid> {
        let string = self.value.get_ref().as_str().map(str::to_owned);
        self.expect(string, "is not a string", "put it in quotes")
    }

    /// A list of strings, or a single one.
    fn strings(&self) -> Result<Vec<String>, Invalid> {
        match self.value.get_ref().as_array() {
            Some(items) => items.iter().map(|value| Field { value, ..*self }.string()).collect(),
            None => Ok(vec![self.string()?]),
        }
    }

    fn bool(&self) -> Result<bool, Invalid> {
        let hint = "write `true` or `false` without quotes";
        self.expect(self.value.get_ref().as_bool(), "is neither true nor false", hint)
    }

    fn number(&self, range: RangeInclusive<usize>) -> Result<usize, Invalid> {
        let number = self.value.get_ref().as_integer();
        let number = number.and_then(|n| usize::from_str_radix(n.as_str(), n.radix()).ok());
        let why = format!("is not a whole number from {} to {}", range.start(), range.end());
        self.expect(number.filter(|number| range.contains(number)), &why, "correct it there")
    }

    /// A list of a program and its arguments, or a string with spaces between them. No shell reads it.
    fn command(&self) -> Result<PasswordCommand, Invalid> {
        let hint = "write a list: [\"PROGRAM\", \"ARGUMENT\", …]";
        let mut words = self.strings()?;
        if self.value.get_ref().is_str() {
            let text = words.concat();
            let plain = !text.contains(|c| "'\"\\$`|&;<>()*?~#\n".contains(c));
            self.expect(plain.then_some(()), "contains shell syntax, and no shell runs it", hint)?;
            words = text.split_whitespace().map(str::to_owned).collect();
        }
        let named = words.first().is_some_and(|program| !program.is_empty());
        self.expect(named.then_some(PasswordCommand(words)), "names no program", hint)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_password_command_is_a_list_or_a_text_that_needs_no_shell() {
        let of = |value: &str| {
            let text = format!("[clouds.a]\npassword_command = {value}\n");
            parse(&text).map(|app| app.clouds["a"].password_command.clone().unwrap())
        };
        let list = of("[\"pass\", \"show\", \"a b\"]").unwrap();
        assert_eq!(list.0, ["pass", "show", "a b"]);
        assert_eq!(format!("{list:?}"), "PasswordCommand(\"pass\")");
        assert_eq!(of("\"pass show  a/b\"").unwrap().0, ["pass", "show", "a/b"]);
        for value in [
            "\"pass 'a b'\"",
            "\"pass | head\"",
            "\"echo $HOME\"",
            "\"\"",
            "[]",
            "[\"\"]",
            "[1]",
            "true",
        ] {
            assert!(of(value).is_err(), "{value}");
        }
        assert!(
            error("[clouds.a]\npassword_command = \"a|b\"\n")
                .contains("no shell runs it; write a list")
        );
    }

    fn parse(text: &str) -> Result<AppConfig, Vec<ConfigError>> {
        AppConfig::parse(text, Path::new("config.toml"))
    }

    fn error(text: &str) -> String {
        told(parse(text)).join("\n")
    }

    fn told(read: Result<AppConfig, Vec<ConfigError>>) -> Vec<String> {
        read.unwrap_err().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn require_tls_is_for_all_clouds_and_one_may_have_its_own() {
        let text = "require_tls = true\n[clouds.lab]\nrequire_tls = false\nprotected = true\n";
        let config = parse(text).unwrap();
        assert!(config.require_tls);
        let auth = "{auth_url: 'http://a', username: u, password: p, project_name: pr}";
        let yaml = format!("clouds: {{lab: {{auth: {auth}}}, prod: {{auth: {auth}}}}}");
        let clouds = crate::config::Clouds::from_yaml_text(&yaml, "test").unwrap();
        let clouds = clouds.with_settings(config.clouds, config.require_tls);
        let of = |name| clouds.entry(name, None).unwrap().settings.require_tls;
        assert_eq!((of("lab"), of("prod")), (Some(false), Some(true)));

        assert!(error("require_tls = 'yes'").contains("neither true nor false"));
        assert!(error("require-tls = true").contains("did you mean `require_tls`?"));
    }

    #[test]
    fn everything_that_is_wrong_is_reported_at_once_by_line() {
        let text = "[projects]\nx = 1\n[clouds.b]\nprotectd = true\nconcurrency = 0\n[clouds.a]\n\
                    read_only = \"yes\"\naccent = 5\n[colours]\n[keys]\nquit = 1\n[clouds]\nc = 1\n";
        let lines: Vec<String> = told(parse(text))
            .iter()
            .map(|told| told.split(':').take(2).collect::<Vec<_>>().join(":"))
            .collect();
        let at = |line: usize| format!("config.toml:{line}");
        assert_eq!(lines, [2, 4, 5, 7, 8, 9, 11, 13].map(at));
    }

    #[test]
    fn everything_can_be_set() {
        let config = parse(
            r#"
[clouds.otc-prod]
read_only = true
protected = true
concurrency = 8
batch_images = 50
batch_members = 1_00
accent = "light-red"
enterprise_project_id = "ep-1"

[projects]
9c61004714024f95b1b9e6b6a0d3a6f1 = "team-web"
"929418" = "rackspace"

[keys]
revoke = "R"
quit = ["q", "ctrl-q"]
undo = []

[keys.jobs]
copy = "Y"

[theme]
mark = "bold yellow"

[screen]
notify = "bell"
"#,
        )
        .unwrap();

        let cloud = CloudSettings {
            password_command: None,
            read_only: true,
            protected: true,
            require_tls: None,
            concurrency: Some(8),
            batch_images: Some(50),
            batch_members: Some(100),
            enterprise_project_id: Some("ep-1".into()),
        };
        assert_eq!(config.clouds, [("otc-prod".to_owned(), cloud)].into());
        assert_eq!(config.projects["929418"], "rackspace");
        assert_eq!(config.projects.len(), 2);
        let keys = config.section("keys");
        let keys: Vec<_> = keys
            .iter()
            .map(|k| (k.subsection(), k.name.as_str(), k.values.join(" "), k.line))
            .collect();
        assert_eq!(
            keys,
            [
                (None, "revoke", "R".into(), 16),
                (None, "quit", "q ctrl-q".into(), 17),
                (None, "undo", String::new(), 18),
                (Some("jobs"), "copy", "Y".into(), 21),
            ]
        );
        let setting = |section: &str, name: &str, value: &str, line| Setting {
            section: section.into(),
            name: name.into(),
            values: vec![value.into()],
            line,
        };
        let accent = setting("clouds.otc-prod", "accent", "light-red", 8);
        assert_eq!(config.section("clouds"), [accent]);
        assert_eq!(config.section("theme"), [setting("theme", "mark", "bold yellow", 24)]);
        assert_eq!(config.section("screen"), [setting("screen", "notify", "bell", 27)]);
    }

    #[test]
    fn an_unknown_key_is_an_error_with_its_line_and_the_nearest_known_one() {
        assert_eq!(
            error("\n[clouds.a]\nread-only = true\n"),
            "config.toml:3: unknown key `read-only` (did you mean `read_only`?); \
             use one of read_only, protected, require_tls, concurrency, password_command, batch_images, batch_members, \
             enterprise_project_id, accent, console"
        );
        assert_eq!(
            error("[cloud.a]\nread_only = true\n"),
            "config.toml:1: unknown section `cloud` (did you mean `clouds`?); \
             use one of require_tls, clouds, projects, keys, theme, screen, filters"
        );
        assert!(error("colour = 1").starts_with("config.toml:1: unknown section `colour`;"));
    }

    #[test]
    fn wrong_types_and_numbers_out_of_range_are_errors_with_their_line() {
        for (text, expected) in [
            (
                "[clouds.a]\nprotected = \"yes\"",
                "config.toml:2: `protected` is neither true nor false",
            ),
            (
                "[clouds.a]\nconcurrency = 0",
                "config.toml:2: `concurrency` is not a whole number from 1 to 256",
            ),
            (
                "[clouds.a]\nconcurrency = 257",
                "config.toml:2: `concurrency` is not a whole number from 1 to 256",
            ),
            (
                "[clouds.a]\nbatch_images = 1001",
                "config.toml:2: `batch_images` is not a whole number from 1 to 1000",
            ),
            (
                "[clouds.a]\nbatch_members = -1",
                "config.toml:2: `batch_members` is not a whole number from 1 to 1000",
            ),
            (
                "[clouds.a]\nbatch_members = 1.5",
                "config.toml:2: `batch_members` is not a whole number from 1 to 1000",
            ),
            ("[clouds]\na = true", "config.toml:2: `clouds.a` is not a table"),
            ("clouds = 1", "config.toml:1: `clouds` is not a table"),
            ("[projects]\nx = 1", "config.toml:2: `x` is not a string"),
            ("[screen]\nnotify = true", "config.toml:2: `notify` is not a string"),
            ("[screen]\nplain = \"yes\"", "config.toml:2: `plain` is neither true nor false"),
            ("[keys]\nquit = [\"q\",\n1]", "config.toml:3: `quit` is not a string"),
            ("[theme]\nmark = {fg = \"red\"}", "config.toml:2: `mark` is not a string"),
        ] {
            assert!(error(text).starts_with(expected), "{text}: {}", error(text));
        }
    }

    #[test]
    fn what_is_not_toml_says_in_which_line() {
        for text in
            ["[clouds.a]\nread_only = \n", "[clouds.a]\nread_only = true\nread_only = true\n"]
        {
            let error = error(text);
            assert!(
                error.starts_with("config.toml:2: ") || error.starts_with("config.toml:3: "),
                "{error}"
            );
            assert_eq!(error.lines().count(), 1);
        }
    }

    #[test]
    fn a_missing_usual_file_is_the_default_and_a_missing_named_one_is_an_error() {
        let home = tempfile::tempdir().unwrap();
        let mut env = Environment {
            home: home.path().into(),
            cwd: home.path().into(),
            ..Environment::default()
        };
        assert_eq!(AppConfig::load(&env, None).unwrap(), AppConfig::default());

        let missing = told(AppConfig::load(&env, Some(Path::new("my.toml")))).join("");
        assert!(missing.contains("my.toml cannot be read"), "{missing}");
        env.vars.insert("SHARELOCK_CONFIG".into(), "~/other.toml".into());
        assert!(told(AppConfig::load(&env, None)).join("").contains("other.toml"));

        std::fs::write(home.path().join("other.toml"), "[clouds.a]\nprotected = true").unwrap();
        std::fs::write(home.path().join("my.toml"), "").unwrap();
        assert!(AppConfig::load(&env, None).unwrap().clouds["a"].protected);
        assert_eq!(
            AppConfig::load(&env, Some(Path::new("my.toml"))).unwrap().clouds,
            BTreeMap::new()
        );
    }

    #[test]
    fn the_usual_file_is_found() {
        let home = tempfile::tempdir().unwrap();
        let env = Environment {
            vars: [("XDG_CONFIG_HOME".to_owned(), home.path().to_string_lossy().into_owned())]
                .into(),
            ..Environment::default()
        };
        std::fs::create_dir(home.path().join("sharelock")).unwrap();
        let file = home.path().join("sharelock/config.toml");
        std::fs::write(&file, "[clouds.a]\nread_only = true").unwrap();

        let config = AppConfig::load(&env, None).unwrap();

        assert!(config.clouds["a"].read_only);
        assert_eq!(config.file, Some(file));
        let error = config.wrong(7, "unknown action `x`", "see help").to_string();
        assert!(error.ends_with("config.toml:7: unknown action `x`; see help"), "{error}");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "[ -~\n\t\u{e9}]{0,80}") {
            let _ = parse(&text);
        }
    }
}
