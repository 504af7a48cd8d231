//! `config.toml`: settings of this program. Every key is checked; an unknown one is an error that names the nearest
//! known one, for a misspelled `protected` would protect nothing.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::nearest;
use super::{CloudSettings, Complaint, ConfigError, Dirs, Environment, PasswordCommand};

/// What `config.toml` says. The default is what holds without a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppConfig {
    /// The file it was read from, if there is one.
    pub file: Option<PathBuf>,
    /// `require_tls`, for all clouds.
    pub require_tls: bool,
    /// `[clouds.NAME]`, for [`super::Clouds::with_settings`].
    pub clouds: BTreeMap<String, CloudSettings>,
    /// `[projects]`: names for project ids.
    pub projects: BTreeMap<String, String>,
    /// `[keys]`, in file order. What an action or a key is only the screen knows.
    pub keys: Vec<KeySetting>,
    /// `[theme]`, in file order.
    pub theme: Vec<ThemeSetting>,
    /// `[screen]`, in file order.
    pub screen: Vec<ScreenSetting>,
    /// `accent` of `[clouds.NAME]`, in file order. What a colour is only the screen knows.
    pub accents: Vec<AccentSetting>,
    /// `console` of `[clouds.NAME]`, in file order.
    pub consoles: Vec<ConsoleSetting>,
    /// `[filters]`, in file order. What a filter is only the screen knows.
    pub filters: Vec<FilterSetting>,
}

/// `ACTION = "key"` or `ACTION = ["key", …]` of `[keys]` or `[keys.PLACE]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySetting {
    /// Where it holds; `None` for everywhere.
    pub place: Option<String>,
    /// The action.
    pub action: String,
    /// Its keys; none to unbind it.
    pub keys: Vec<String>,
    /// Where it stands, for errors.
    pub line: usize,
}

/// `NAME = "value"` of `[theme]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThemeSetting {
    /// What is styled.
    pub name: String,
    /// How.
    pub value: String,
    /// Where it stands, for errors.
    pub line: usize,
}

/// `NAME = "value"` of `[screen]`, or a truth value in its word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScreenSetting {
    /// What is set.
    pub name: String,
    /// To what.
    pub value: String,
    /// Where it stands, for errors.
    pub line: usize,
}

/// `accent = "value"` of `[clouds.NAME]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccentSetting {
    /// The cloud.
    pub cloud: String,
    /// Its colour.
    pub value: String,
    /// Where it stands, for errors.
    pub line: usize,
}

/// `console = "https://…"` of `[clouds.NAME]`: where the cloud's own pages show an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleSetting {
    /// The cloud.
    pub cloud: String,
    /// The address, with places for ids.
    pub value: String,
    /// Where it stands, for errors.
    pub line: usize,
}

/// `NAME = "words"` of `[filters]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterSetting {
    /// What it is called.
    pub name: String,
    /// The filter, as it is typed.
    pub words: String,
    /// Where it stands, for errors.
    pub line: usize,
}

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

    /// Reads the text of the file at `path`; or everything that is wrong with it, by line.
    pub fn parse(text: &str, path: &Path) -> Result<Self, Vec<ConfigError>> {
        let reading = Reading { text, path, wrong: RefCell::default() };
        let table = DeTable::parse(text).map_err(|error| {
            let span = error.span().unwrap_or_default();
            let why = error.message().lines().next().unwrap_or("not valid TOML").to_owned();
            vec![reading.wrong(&span, why, "correct it there").error]
        })?;
        let mut config = Self { file: Some(path.to_owned()), ..Self::default() };
        for (key, value) in table.get_ref() {
            match key.get_ref().as_ref() {
                "require_tls" => {
                    config.require_tls = reading.good(reading.truth(key, value)).unwrap_or(true);
                }
                "clouds" => reading.clouds(value, &mut config),
                "projects" => config.projects = reading.projects(value),
                "keys" => config.keys = reading.keys(value),
                "theme" => config.theme = reading.theme(value),
                "screen" => config.screen = reading.screen(value),
                "filters" => config.filters = reading.filters(value),
                _ => {
                    let known =
                        ["require_tls", "clouds", "projects", "keys", "theme", "screen", "filters"];
                    reading.note(reading.unknown("section", key, &known));
                }
            }
        }
        reading.end()?;
        config.keys.sort_by_key(|key| key.line);
        config.theme.sort_by_key(|style| style.line);
        config.screen.sort_by_key(|setting| setting.line);
        config.accents.sort_by_key(|accent| accent.line);
        config.consoles.sort_by_key(|console| console.line);
        config.filters.sort_by_key(|filter| filter.line);
        Ok(config)
    }

    /// An error about a line of the file, for what only the screen can check: actions, keys, colours.
    pub fn wrong(&self, line: usize, why: &str, hint: &str) -> ConfigError {
        let file = self.file.as_deref().unwrap_or_else(|| Path::new("config.toml"));
        ConfigError::Settings(Complaint::new(format!("{}:{line}: {why}", file.display()), hint))
    }
}

type Key<'i> = Spanned<std::borrow::Cow<'i, str>>;
type Found<'i> = Spanned<DeValue<'i>>;

struct Reading<'a> {
    text: &'a str,
    path: &'a Path,
    wrong: RefCell<Vec<Wrong>>,
}

/// A mistake, and the line it is in.
struct Wrong {
    line: usize,
    error: ConfigError,
}

impl Reading<'_> {
    fn line(&self, span: &Range<usize>) -> usize {
        1 + self.text.get(..span.start).unwrap_or_default().matches('\n').count()
    }

    fn wrong(&self, span: &Range<usize>, why: impl AsRef<str>, hint: &str) -> Wrong {
        let line = self.line(span);
        let why = format!("{}:{line}: {}", self.path.display(), why.as_ref());
        Wrong { line, error: ConfigError::Settings(Complaint::new(why, hint)) }
    }

    fn note(&self, wrong: Wrong) {
        self.wrong.borrow_mut().push(wrong);
    }

    /// What was read; a mistake is noted, and the reading goes on.
    fn good<T>(&self, read: Result<T, Wrong>) -> Option<T> {
        read.map_err(|wrong| self.note(wrong)).ok()
    }

    /// Every mistake, by line.
    fn end(&self) -> Result<(), Vec<ConfigError>> {
        let mut wrong = self.wrong.take();
        wrong.sort_by_key(|wrong| wrong.line);
        if wrong.is_empty() {
            return Ok(());
        }
        Err(wrong.into_iter().map(|wrong| wrong.error).collect())
    }

    fn unknown(&self, what: &str, key: &Key<'_>, known: &[&str]) -> Wrong {
        let hint = nearest(key.get_ref(), known.iter().copied())
            .map_or(String::new(), |meant| format!(" (did you mean `{meant}`?)"));
        let why = format!("unknown {what} `{}`{hint}", key.get_ref());
        self.wrong(&key.span(), why, &format!("use one of {}", known.join(", ")))
    }

    /// What is in a table; nothing where it is none.
    fn table<'t, 'i>(
        &self,
        what: &str,
        value: &'t Found<'i>,
    ) -> impl Iterator<Item = (&'t Key<'i>, &'t Found<'i>)> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            let (why, hint) = (format!("`{what}` is not a table"), format!("write `[{what}]`"));
            self.note(self.wrong(&value.span(), why, &hint));
        }
        table.into_iter().flatten()
    }

    fn text(&self, key: &Key<'_>, value: &Found<'_>) -> Result<String, Wrong> {
        value.get_ref().as_str().map(str::to_owned).ok_or_else(|| {
            let why = format!("`{}` is not a text", key.get_ref());
            self.wrong(&value.span(), why, "put it in quotes")
        })
    }

    fn clouds(&self, value: &Found<'_>, config: &mut AppConfig) {
        for (name, value) in self.table("clouds", value) {
            let mut cloud = CloudSettings::default();
            for (key, value) in self.table(&format!("clouds.{}", name.get_ref()), value) {
                self.good(self.setting(config, &mut cloud, name, (key, value)));
            }
            config.clouds.insert(name.get_ref().to_string(), cloud);
        }
    }

    /// Takes one key of a cloud. Accents and consoles are the screen's to read.
    fn setting(
        &self,
        config: &mut AppConfig,
        cloud: &mut CloudSettings,
        name: &Key<'_>,
        (key, value): (&Key<'_>, &Found<'_>),
    ) -> Result<(), Wrong> {
        let line = self.line(&key.span());
        let named = || name.get_ref().to_string();
        match key.get_ref().as_ref() {
            "read_only" => cloud.read_only = self.truth(key, value)?,
            "protected" => cloud.protected = self.truth(key, value)?,
            "require_tls" => cloud.require_tls = Some(self.truth(key, value)?),
            "concurrency" => cloud.concurrency = Some(self.number(key, value, 1..=256)?),
            "password_command" => cloud.password_command = Some(self.command(key, value)?),
            "batch_images" => cloud.batch_images = Some(self.number(key, value, 1..=1000)?),
            "batch_members" => cloud.batch_members = Some(self.number(key, value, 1..=1000)?),
            "enterprise_project_id" => {
                cloud.enterprise_project_id = Some(self.text(key, value)?);
            }
            "accent" => {
                let value = self.text(key, value)?;
                config.accents.push(AccentSetting { cloud: named(), value, line });
            }
            "console" => {
                let value = self.text(key, value)?;
                config.consoles.push(ConsoleSetting { cloud: named(), value, line });
            }
            _ => {
                let known = [
                    "read_only",
                    "protected",
                    "require_tls",
                    "concurrency",
                    "password_command",
                    "batch_images",
                    "batch_members",
                    "enterprise_project_id",
                    "accent",
                    "console",
                ];
                return Err(self.unknown("key", key, &known));
            }
        }
        Ok(())
    }

    /// A list of a program and its arguments, or a text with blanks between them. No shell reads it.
    fn command(&self, key: &Key<'_>, value: &Found<'_>) -> Result<PasswordCommand, Wrong> {
        let words: Vec<String> = if let Some(words) = value.get_ref().as_array() {
            words.iter().map(|word| self.text(key, word)).collect::<Result<_, _>>()?
        } else {
            let text = self.text(key, value)?;
            if text.contains(|c| "'\"\\$`|&;<>()*?~#\n".contains(c)) {
                let key = key.get_ref();
                let why = format!("`{key}` has characters of a shell, and no shell runs it");
                let hint = "write a list: [\"PROGRAM\", \"ARGUMENT\", …]";
                return Err(self.wrong(&value.span(), why, hint));
            }
            text.split_whitespace().map(str::to_owned).collect()
        };
        if words.first().is_none_or(String::is_empty) {
            let why = format!("`{}` names no program", key.get_ref());
            return Err(self.wrong(&value.span(), why, "write [\"PROGRAM\", \"ARGUMENT\", …]"));
        }
        Ok(PasswordCommand(words))
    }

    fn truth(&self, key: &Key<'_>, value: &Found<'_>) -> Result<bool, Wrong> {
        value.get_ref().as_bool().ok_or_else(|| {
            let why = format!("`{}` is neither true nor false", key.get_ref());
            self.wrong(&value.span(), why, "write `true` or `false` without quotes")
        })
    }

    fn number(
        &self,
        key: &Key<'_>,
        value: &Found<'_>,
        range: RangeInclusive<usize>,
    ) -> Result<usize, Wrong> {
        let number = value.get_ref().as_integer();
        let number = number.and_then(|n| usize::from_str_radix(n.as_str(), n.radix()).ok());
        number.filter(|number| range.contains(number)).ok_or_else(|| {
            let (from, to) = range.into_inner();
            let why = format!("`{}` is not a whole number from {from} to {to}", key.get_ref());
            self.wrong(&value.span(), why, "correct it there")
        })
    }

    fn projects(&self, value: &Found<'_>) -> BTreeMap<String, String> {
        let pair = |(id, alias): (&Key<'_>, &Found<'_>)| {
            Some((id.get_ref().to_string(), self.good(self.text(id, alias))?))
        };
        self.table("projects", value).filter_map(pair).collect()
    }

    fn keys(&self, value: &Found<'_>) -> Vec<KeySetting> {
        let mut settings = Vec::new();
        for (name, value) in self.table("keys", value) {
            let Some(place) = value.get_ref().as_table() else {
                settings.extend(self.good(self.key(None, name, value)));
                continue;
            };
            for (action, value) in place {
                settings.extend(self.good(self.key(Some(name.get_ref()), action, value)));
            }
        }
        settings
    }

    fn key(
        &self,
        place: Option<&str>,
        action: &Key<'_>,
        value: &Found<'_>,
    ) -> Result<KeySetting, Wrong> {
        let keys = match value.get_ref().as_array() {
            Some(keys) => {
                keys.iter().map(|key| self.text(action, key)).collect::<Result<_, _>>()?
            }
            None => vec![self.text(action, value)?],
        };
        let line = self.line(&action.span());
        let action = action.get_ref().to_string();
        Ok(KeySetting { place: place.map(str::to_owned), action, keys, line })
    }

    fn theme(&self, value: &Found<'_>) -> Vec<ThemeSetting> {
        let setting = |(name, value): (&Key<'_>, &Found<'_>)| {
            let line = self.line(&name.span());
            let value = self.good(self.text(name, value))?;
            Some(ThemeSetting { name: name.get_ref().to_string(), value, line })
        };
        self.table("theme", value).filter_map(setting).collect()
    }

    fn screen(&self, value: &Found<'_>) -> Vec<ScreenSetting> {
        let setting = |(name, value): (&Key<'_>, &Found<'_>)| {
            let line = self.line(&name.span());
            let value = match name.get_ref().as_ref() {
                "plain" => self.truth(name, value).map(|truth| truth.to_string()),
                _ => self.text(name, value),
            };
            let value = self.good(value)?;
            Some(ScreenSetting { name: name.get_ref().to_string(), value, line })
        };
        self.table("screen", value).filter_map(setting).collect()
    }

    fn filters(&self, value: &Found<'_>) -> Vec<FilterSetting> {
        let setting = |(name, value): (&Key<'_>, &Found<'_>)| {
            let line = self.line(&name.span());
            let words = self.good(self.text(name, value))?;
            Some(FilterSetting { name: name.get_ref().to_string(), words, line })
        };
        self.table("filters", value).filter_map(setting).collect()
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
        let clouds = clouds.with_settings(config.clouds).with_require_tls(config.require_tls);
        let of = |name| clouds.entry(name, None).unwrap().settings.require_tls;
        assert_eq!((of("lab"), of("prod")), (Some(false), Some(true)));

        assert!(error("require_tls = 'yes'").contains("neither true nor false"));
        assert!(error("require-tls = true").contains("did you mean `require_tls`?"));
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once_by_line() {
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
        let keys: Vec<_> = config
            .keys
            .iter()
            .map(|k| (k.place.as_deref(), k.action.as_str(), k.keys.join(" "), k.line))
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
        let accent = AccentSetting { cloud: "otc-prod".into(), value: "light-red".into(), line: 8 };
        assert_eq!(config.accents, [accent]);
        let mark = ThemeSetting { name: "mark".into(), value: "bold yellow".into(), line: 24 };
        assert_eq!(config.theme, [mark]);
        let notify = ScreenSetting { name: "notify".into(), value: "bell".into(), line: 27 };
        assert_eq!(config.screen, [notify]);
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
            ("[projects]\nx = 1", "config.toml:2: `x` is not a text"),
            ("[screen]\nnotify = true", "config.toml:2: `notify` is not a text"),
            ("[screen]\nplain = \"yes\"", "config.toml:2: `plain` is neither true nor false"),
            ("[keys]\nquit = [\"q\",\n1]", "config.toml:3: `quit` is not a text"),
            ("[theme]\nmark = {fg = \"red\"}", "config.toml:2: `mark` is not a text"),
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
