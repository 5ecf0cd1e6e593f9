//! A replay script: steps in words, repeats, and the thresholds that the figures have to keep. Pure but for
//! [`Script::find`], which may read a file.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::Thresholds;
use super::step::{Step, parse_step};
use crate::cli::parse_window;
use crate::config::line_of;

/// The scripts that are built in, by name.
pub const BUILT_IN: [(&str, &str); 7] = [
    ("browse", include_str!("scripts/browse.toml")),
    ("rush", include_str!("scripts/rush.toml")),
    ("linger", include_str!("scripts/linger.toml")),
    ("soak", include_str!("scripts/soak.toml")),
    ("stroll", include_str!("scripts/stroll.toml")),
    ("cold", include_str!("scripts/cold.toml")),
    ("overlay", include_str!("scripts/overlay.toml")),
];

/// The most steps a script may come to with its repeats written out: four hours of swipes a quarter second apart.
pub(super) const STEPS_MAX: usize = 100_000;
/// Repeats may stand in repeats, this deep.
const DEPTH_MAX: usize = 8;

/// A script of gestures.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    /// The name it was asked for by.
    pub name: String,
    /// The words that name what is shown when the command line does not; none: the sample reel.
    pub source: Vec<String>,
    /// Size of the window's content in logical pixels, when the command line does not say it.
    pub window: Option<(u32, u32)>,
    /// What is done, with repeats written out.
    pub steps: Vec<Step>,
    /// What the figures have to keep.
    pub thresholds: Thresholds,
}

/// Why a script cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    /// Neither built in nor a file.
    #[error("there is no script '{0}': built in are browse, rush, linger, soak, stroll, cold and overlay, and a TOML file can be named")]
    Unknown(String),
    /// A file that cannot be read.
    #[error("the script {} cannot be read: {source}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A line that means nothing.
    #[error("script {name}, line {line}: {message}")]
    Invalid {
        /// Which script.
        name: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
}

impl ScriptError {
    /// Whether trying again may help without anybody changing anything: never.
    #[must_use]
    pub fn retryable(&self) -> bool {
        false
    }
}

impl Script {
    /// The built-in script of that name, or else the file. A file called like a built-in script is written
    /// `./browse`.
    ///
    /// # Errors
    /// No such script, a file that cannot be read, or a line that means nothing.
    pub fn find(name: &str) -> Result<Self, ScriptError> {
        if let Some((name, text)) = BUILT_IN.iter().find(|(built_in, _)| *built_in == name) {
            return Self::parse(name, text);
        }
        let path = Path::new(name);
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(name, &text),
            Err(err) if err.kind() == std::io::ErrorKind::NotFound => Err(ScriptError::Unknown(name.to_owned())),
            Err(source) => Err(ScriptError::Unreadable { path: path.to_owned(), source }),
        }
    }

    /// Reads a script from its text.
    ///
    /// # Errors
    /// A line that means nothing.
    pub fn parse(name: &str, text: &str) -> Result<Self, ScriptError> {
        let invalid = |line, message: &str| ScriptError::Invalid { name: name.to_owned(), line, message: message.replace('\n', " ") };
        let file: ScriptFile =
            toml::from_str(text).map_err(|err| invalid(err.span().map_or(1, |span| line_of(text, span.start)), err.message()))?;
        let mut steps = Vec::new();
        write_out(&file.steps, 0, &mut steps).map_err(|message| invalid(1, &message))?;
        let source = match file.source {
            None => Vec::new(),
            Some(SourceWords::One(word)) => vec![word],
            Some(SourceWords::Several(words)) => words,
        };
        Ok(Self { name: name.to_owned(), source, window: file.window.map(|window| window.0), steps, thresholds: file.thresholds })
    }

    /// How many times it goes to another item by a single swipe.
    #[must_use]
    pub fn swipes(&self) -> usize {
        self.steps.iter().filter(|step| matches!(step, Step::Swipe(_))).count()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScriptFile {
    source: Option<SourceWords>,
    window: Option<WindowSize>,
    // A recording in which nothing was done has none.
    #[serde(default)]
    steps: Vec<Entry>,
    #[serde(default)]
    thresholds: Thresholds,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a source is a word, or a list of files")]
enum SourceWords {
    One(String),
    Several(Vec<String>),
}

struct WindowSize((u32, u32));

impl<'de> Deserialize<'de> for WindowSize {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        parse_window(&String::deserialize(input)?).map(Self).map_err(D::Error::custom)
    }
}

enum Entry {
    Step(Step),
    Repeat(usize, Vec<Entry>),
}

fn write_out(entries: &[Entry], depth: usize, steps: &mut Vec<Step>) -> Result<(), String> {
    if depth > DEPTH_MAX {
        return Err(format!("repeats stand more than {DEPTH_MAX} deep in each other"));
    }
    for entry in entries {
        match entry {
            Entry::Step(step) => steps.push(step.clone()),
            // An empty block is written out no times: otherwise a huge count of nothing would run for ever.
            Entry::Repeat(_, entries) if entries.is_empty() => {}
            Entry::Repeat(times, entries) => {
                for _ in 0..*times {
                    write_out(entries, depth + 1, steps)?;
                }
            }
        }
        if steps.len() > STEPS_MAX {
            return Err(format!("with its repeats the script has more than {STEPS_MAX} steps"));
        }
    }
    Ok(())
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct EntryVisitor;

        impl<'de> Visitor<'de> for EntryVisitor {
            type Value = Entry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a step such as \"swipe next\", or { repeat = 3, steps = [...] }")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Entry, E> {
                parse_step(text).map(Entry::Step).map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entry, A::Error> {
                let (mut times, mut steps) = (None, None);
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "repeat" => times = Some(map.next_value()?),
                        "steps" => steps = Some(map.next_value()?),
                        _ => return Err(A::Error::unknown_field(&key, &["repeat", "steps"])),
                    }
                }
                // Once: so a recording appends what was done as `[[steps]]`, and the file is whole at any time.
                let times: usize = times.unwrap_or(1);
                if times > STEPS_MAX {
                    return Err(A::Error::custom(format!("a repeat count is at most {STEPS_MAX}")));
                }
                Ok(Entry::Repeat(times, steps.ok_or_else(|| A::Error::missing_field("steps"))?))
            }
        }

        input.deserialize_any(EntryVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::step::Direction;

    fn steps(text: &str) -> Vec<Step> {
        Script::parse("s", text).unwrap().steps
    }

    fn refusal(text: &str) -> String {
        Script::parse("s", text).unwrap_err().to_string()
    }

    #[test]
    fn the_built_in_scripts_do_what_their_names_promise() {
        let swipes = |name| Script::find(name).unwrap().swipes();
        assert_eq!((swipes("browse"), swipes("rush"), swipes("linger"), swipes("soak")), (16, 40, 5, 200));
        assert_eq!(swipes("overlay"), swipes("browse"));
        assert_eq!((swipes("stroll"), swipes("cold")), (40, 0));
        for (name, _) in BUILT_IN {
            let (mut at, mut least) = (0, 0);
            for step in Script::find(name).unwrap().steps {
                match step {
                    Step::Swipe(Direction::Next) => at += 1,
                    Step::Swipe(Direction::Prev) => at -= 1,
                    _ => {}
                }
                least = least.min(at);
            }
            assert_eq!(least, 0, "{name} goes back beyond its start");
        }
    }

    #[test]
    fn repeats_are_written_out_and_may_stand_in_each_other() {
        let text = "steps = [{ repeat = 2, steps = ['tap', { repeat = 3, steps = ['swipe next'] }] }]";
        assert_eq!(steps(text).len(), 8);
        assert_eq!(steps("steps = [{ repeat = 0, steps = ['tap'] }, { repeat = 9, steps = [] }]"), []);
    }

    #[test]
    fn a_step_that_means_nothing_is_told_with_its_line() {
        assert!(
            refusal("steps = [\n 'tap',\n 'dance',\n]").starts_with("script s, line 3: 'dance' is no step"),
            "{}",
            refusal("steps = [\n 'tap',\n 'dance',\n]")
        );
        let nested = "steps = [\n { repeat = 2, steps = [\n  'tap',\n  'wait long',\n ] },\n]";
        assert!(refusal(nested).starts_with("script s, line 4: "), "{}", refusal(nested));
        assert!(refusal("steps = [5]").contains("expected a step such as"));
        assert!(refusal("steps = [{ repeat = 3 }]").contains("steps"));
        assert!(refusal("step = []").contains("line 1"));
    }

    #[test]
    fn a_script_may_name_its_source_and_its_window() {
        let script = |text| Script::parse("s", text).unwrap();
        let one = script("source = 'https://h/feed'\nwindow = '450x800'\n[[steps]]\nsteps = ['tap']\n[[steps]]\nsteps = ['key M']\n");
        assert_eq!((one.source, one.window, one.steps.len()), (vec!["https://h/feed".to_owned()], Some((450, 800)), 2));
        assert_eq!(script("source = ['a.mp4', 'b.mp4']\nsteps = []").source, ["a.mp4", "b.mp4"]);
        assert_eq!(script("steps = []").source, Vec::<String>::new());
        assert!(refusal("\nwindow = '450'\n").contains("line 2: a window size is written WxH"), "{}", refusal("\nwindow = '450'\n"));
        assert!(refusal("source = 5").contains("a source is a word"), "{}", refusal("source = 5"));
    }

    #[test]
    fn a_threshold_of_an_unknown_name_is_told_with_its_line() {
        let text = "steps = []\n[thresholds]\nwarm_p95_ms = 17\nswiftness = 3\n";
        assert!(refusal(text).starts_with("script s, line 4: there is no figure 'swiftness'"), "{}", refusal(text));
    }

    #[test]
    fn a_script_that_would_run_for_days_is_refused() {
        assert!(refusal("steps = [{ repeat = 100000, steps = ['tap', 'tap'] }]").contains("100000 steps"));
        let deep = format!("steps = [{}'tap'{}]", "{ repeat = 1, steps = [".repeat(9), "] }".repeat(9));
        assert!(refusal(&deep).contains("deep"), "{}", refusal(&deep));
    }

    #[test]
    fn a_script_that_is_neither_built_in_nor_a_file_is_named() {
        assert!(Script::find("no/such/script").unwrap_err().to_string().contains("'no/such/script'"));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mine.toml");
        std::fs::write(&path, "steps = ['tap']").unwrap();
        assert_eq!(Script::find(path.to_str().unwrap()).unwrap().steps, [Step::Tap]);
        assert!(matches!(Script::find(folder.path().to_str().unwrap()), Err(ScriptError::Unreadable { .. })));
    }
}
