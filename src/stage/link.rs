//! Links: `#/<lab>?<key>=<value>&…` to values and back. Whatever can't be read is reported and left out.

use super::control::{Control, Controls, Values};
use super::lab::{AnyLab, Beside, Data, Entry, Lab};
use super::refusal::Refusal;
use super::text::Lang;
use super::theme::Theme;
use super::value::Value;
use std::marker::PhantomData;

/// What a link says of one lab.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// The controls.
    pub values: Values,
    /// The seed of everything random.
    pub seed: u64,
    /// The step of the player.
    pub step: usize,
    /// A control at a second value, to compare.
    pub compare: Option<Beside>,
}

impl Setup {
    /// Everything at its default.
    pub fn defaults(controls: &[Control]) -> Setup {
        Setup { values: Values::defaults(controls), seed: 0, step: 0, compare: None }
    }
}

/// What a step from one state to another changes, in the words of links: `stride 2 → 1`, or the keys alone when there
/// are several. Empty when no control changes.
pub fn difference(controls: &[Control], from: &Setup, to: &Setup) -> String {
    let mut changed = Vec::new();
    let different =
        || controls.iter().zip(from.values.0.iter().zip(&to.values.0)).filter(|(_, (old, new))| old != new);
    // A matrix that follows from a choice is not named beside it.
    let alone = different().count() == 1;
    for (control, (old, new)) in different() {
        if alone || !matches!(new, Value::Matrix(_)) {
            changed.push((control.key, control.write(old), control.write(new)));
        }
    }
    let mut state = |key, old: String, new: String| {
        if old != new {
            changed.push((key, old, new));
        }
    };
    state("step", from.step.to_string(), to.step.to_string());
    state("seed", from.seed.to_string(), to.seed.to_string());
    let beside = |setup: &Setup| {
        let key = setup.compare.as_ref().and_then(|(at, value)| Some((controls.get(*at)?, value)));
        key.map_or_else(|| "–".into(), |(control, value)| format!("{}:{}", control.key, control.write(value)))
    };
    state("compare", beside(from), beside(to));
    match &changed[..] {
        // A matrix is too long to be said beside a button.
        [(key, old, new)] if old.len() + new.len() < 40 => format!("{key} {old} → {new}"),
        [] => String::new(),
        list if list.len() > 4 => {
            format!("{}, …", list[..3].iter().map(|c| c.0).collect::<Vec<_>>().join(", "))
        }
        list => list.iter().map(|c| c.0).collect::<Vec<_>>().join(", "),
    }
}

/// What a link says of the page around the lab.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Shell {
    /// Language, if the link sets it.
    pub lang: Option<Lang>,
    /// Theme, if the link sets it.
    pub theme: Option<Theme>,
    /// Figure and controls alone, for embedding.
    pub embed: bool,
    /// Presenting.
    pub present: bool,
    /// Controls that are not shown.
    pub hide: Vec<String>,
    /// Controls that are shown and can't be moved.
    pub lock: Vec<String>,
    /// The seed of somebody who plays with everything at random, to find what breaks.
    pub fuzz: Option<u64>,
}

/// A link that has been read.
#[derive(Clone, Debug)]
pub struct Link {
    /// The lab's index in the list, and what the link says of it.
    pub lab: usize,
    /// The state of the lab.
    pub setup: Setup,
    /// The state of the page.
    pub shell: Shell,
    /// What was left out, and why.
    pub problems: Vec<Refusal>,
}

/// The keys that belong to the page rather than to a lab.
pub const SHELL_KEYS: [&str; 10] =
    ["lang", "theme", "embed", "present", "hide", "lock", "step", "seed", "compare", "fuzz"];

/// Places of the page that are no labs: a lesson to be played, and the list of questions.
pub const PLACES: [&str; 2] = ["lesson", "questions"];

/// The place that an address names, if it is none of the labs.
pub fn place(hash: &str) -> Option<&'static str> {
    let (slug, _) = split(hash);
    PLACES.into_iter().find(|place| *place == slug)
}

/// Splits a hash into the lab's slug and its decoded pairs.
pub fn split(hash: &str) -> (String, Vec<(String, String)>) {
    let path = hash.trim_start_matches('#').trim_start_matches('/');
    let (slug, query) = path.split_once('?').unwrap_or((path, ""));
    let pairs = query
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            (decode(key), decode(value))
        })
        .collect();
    (decode(slug.trim_end_matches('/')), pairs)
}

/// Reads a whole link against a list of labs.
pub fn read(hash: &str, labs: &[&dyn AnyLab], data: &Data) -> Link {
    let (slug, _) = split(hash);
    let lab = labs.iter().position(|l| l.slug() == slug).unwrap_or(0);
    read_for(labs.get(lab).copied(), lab, hash, data)
}

/// Reads a link for one lab, at place `lab` of the list; another slug is reported. Without a lab, and at
/// a place that is none, only the page's own keys are read.
pub fn read_for(any: Option<&dyn AnyLab>, lab: usize, hash: &str, data: &Data) -> Link {
    let (slug, pairs) = split(hash);
    let mut problems = Vec::new();
    let start = Setup::defaults(any.map_or(&[], AnyLab::controls));
    let Some(any) = any.filter(|_| place(hash).is_none()) else {
        let mut shell = Shell::default();
        for (key, text) in &pairs {
            let _ = page_key(key, text, &mut shell);
        }
        return Link { lab, setup: start, shell, problems };
    };
    if !slug.is_empty() && slug != any.slug() {
        problems.push(Refusal::UnknownLab(slug));
    }
    let (setup, shell) = apply(any, &start, &pairs, data, &mut problems);
    Link { lab, setup, shell, problems }
}

/// Applies pairs to a state, in the order in which the controls are declared, so that a link means the same
/// in whatever order it is written.
pub fn apply(
    lab: &dyn AnyLab,
    start: &Setup,
    pairs: &[(String, String)],
    data: &Data,
    problems: &mut Vec<Refusal>,
) -> (Setup, Shell) {
    let mut setup = start.clone();
    let mut shell = Shell::default();
    let controls = lab.controls();
    for (index, control) in controls.iter().enumerate() {
        let Some((_, text)) = pairs.iter().rev().find(|(key, _)| key == control.key) else { continue };
        match control.parse(text) {
            Ok(value) => setup.values = lab.set(&setup.values, index, value, data),
            Err(error) => problems.push(Refusal::Value(control.key.into(), error)),
        }
    }
    for (key, text) in pairs {
        if controls.iter().any(|c| c.key == key) {
            continue;
        }
        if let Err(problem) = shell_key(lab, key, text, &mut setup, &mut shell) {
            problems.push(problem);
        }
    }
    (setup, shell)
}

fn shell_key(
    lab: &dyn AnyLab,
    key: &str,
    text: &str,
    setup: &mut Setup,
    shell: &mut Shell,
) -> Result<(), Refusal> {
    use super::value::{ValueError, parse_whole};
    let refused = |error| Refusal::Value(key.into(), error);
    let whole = |max: i64| match parse_whole(text).map_err(refused)? {
        n if (0..=max).contains(&n) => Ok(n),
        n => Err(refused(ValueError::OutOfRange { value: n as f64, min: 0.0, max: max as f64 })),
    };
    match key {
        "step" => setup.step = whole(1_000_000)? as usize,
        "seed" => setup.seed = whole(1 << 53)? as u64,
        "compare" => setup.compare = compare(lab, text)?,
        _ => return page_key(key, text, shell),
    }
    Ok(())
}

/// A key that belongs to the page, whatever the lab.
fn page_key(key: &str, text: &str, shell: &mut Shell) -> Result<(), Refusal> {
    use super::value::{LARGEST, ValueError, parse_whole, shorten};
    let refused = |error| Refusal::Value(key.into(), error);
    let not_an_option =
        |options: Vec<&'static str>| refused(ValueError::NotAnOption { found: shorten(text), options });
    let flag = || match text {
        "1" | "true" => Ok(true),
        "0" | "false" | "" => Ok(false),
        other => Err(refused(ValueError::NotAFlag(shorten(other)))),
    };
    let list = || text.split(',').map(str::trim).filter(|k| !k.is_empty()).map(String::from).collect();
    match key {
        "lang" => shell.lang = Some(Lang::from_tag(text).ok_or_else(|| not_an_option(vec!["en", "zh"]))?),
        "theme" if text == "auto" => shell.theme = None,
        "theme" => {
            shell.theme = Some(Theme::from_key(text).ok_or_else(|| not_an_option(Theme::KEYS.to_vec()))?)
        }
        "embed" => shell.embed = flag()?,
        "present" => shell.present = flag()?,
        "hide" => shell.hide = list(),
        "lock" => shell.lock = list(),
        "fuzz" => match parse_whole(text).map_err(refused)? {
            n if n >= 0 => shell.fuzz = Some(n as u64),
            n => {
                return Err(refused(ValueError::OutOfRange {
                    value: n as f64,
                    min: 0.0,
                    max: f64::from(LARGEST),
                }));
            }
        },
        _ => return Err(Refusal::UnknownKey(key.into())),
    }
    Ok(())
}

/// `compare=stride:3`: one control and its second value.
fn compare(lab: &dyn AnyLab, text: &str) -> Result<Option<Beside>, Refusal> {
    if text.is_empty() {
        return Ok(None);
    }
    let (key, value) = text.split_once(':').unwrap_or((text, ""));
    let index =
        lab.controls().iter().position(|c| c.key == key).ok_or_else(|| Refusal::UnknownKey(key.into()))?;
    let value =
        lab.controls()[index].parse(value).map_err(|e| Refusal::Value(format!("compare={key}"), e))?;
    Ok(Some((index, value)))
}

/// The query of a link to a state of a lab, without anything of the shell.
pub fn query_of<L: Lab>(params: &L::Params, seed: u64) -> String {
    let values = params.write();
    let setup = Setup { values, seed, ..Setup::defaults(L::Params::CONTROLS) };
    let link = write(&Entry::<L>(PhantomData), &setup, &Shell::default(), &Data::new());
    link.split_once('?').map(|(_, query)| query.to_string()).unwrap_or_default()
}

/// Writes a link. Defaults are left out, and so is what follows by itself, here with the learner's own data: the
/// size of an own picture needs no words until it is changed.
pub fn write(lab: &dyn AnyLab, setup: &Setup, shell: &Shell, data: &Data) -> String {
    let mut pairs: Vec<(String, String)> = Vec::new();
    let controls = lab.controls();
    // What follows from other values by itself is left out too: setting the rest gives it again.
    let mut rebuilt = Values::defaults(controls);
    for (index, control) in controls.iter().enumerate() {
        let Some(value) = setup.values.0.get(index) else { continue };
        if rebuilt.0.get(index) != Some(value) {
            pairs.push((control.key.into(), control.write(value)));
            rebuilt = lab.set(&rebuilt, index, value.clone(), data);
        }
    }
    if setup.step > 0 {
        pairs.push(("step".into(), setup.step.to_string()));
    }
    if setup.seed > 0 {
        pairs.push(("seed".into(), setup.seed.to_string()));
    }
    if let Some((index, value)) = &setup.compare
        && let Some(control) = controls.get(*index)
    {
        pairs.push(("compare".into(), format!("{}:{}", control.key, control.write(value))));
    }
    if let Some(lang) = shell.lang {
        pairs.push(("lang".into(), lang.key().into()));
    }
    if let Some(theme) = shell.theme {
        pairs.push(("theme".into(), theme.key().into()));
    }
    for (key, on) in [("embed", shell.embed), ("present", shell.present)] {
        if on {
            pairs.push((key.into(), "1".into()));
        }
    }
    for (key, list) in [("hide", &shell.hide), ("lock", &shell.lock)] {
        if !list.is_empty() {
            pairs.push((key.into(), list.join(",")));
        }
    }
    if let Some(seed) = shell.fuzz {
        pairs.push(("fuzz".into(), seed.to_string()));
    }
    let query: Vec<String> = pairs.iter().map(|(k, v)| format!("{}={}", encode(k), encode(v))).collect();
    if query.is_empty() {
        format!("#/{}", lab.slug())
    } else {
        format!("#/{}?{}", lab.slug(), query.join("&"))
    }
}

/// Percent-decodes; `+` is a space; what is not valid stays as it is.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |i: usize| bytes.get(i).and_then(|b| (*b as char).to_digit(16));
        match bytes[at] {
            b'%' if hex(at + 1).is_some() && hex(at + 2).is_some() => {
                out.push((hex(at + 1).unwrap_or(0) * 16 + hex(at + 2).unwrap_or(0)) as u8);
                at += 3;
            }
            b'+' => {
                out.push(b' ');
                at += 1;
            }
            other => {
                out.push(other);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Percent-encodes what a hash can't hold; commas, semicolons and colons stay readable.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b',' | b';' | b':' => {
                out.push(byte as char);
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_split_into_slug_and_pairs() {
        let (slug, pairs) = split("#/convolution?stride=2&weight=1%2C2;3,4&x");
        assert_eq!(slug, "convolution");
        assert_eq!(pairs[0], ("stride".into(), "2".into()));
        assert_eq!(pairs[1], ("weight".into(), "1,2;3,4".into()));
        assert_eq!(pairs[2], ("x".into(), String::new()));
        assert_eq!(split("").0, "");
        assert_eq!(split("#/%E5%8D%B7?a=%zz%").1[0].1, "%zz%");
    }

    #[test]
    fn encoding_is_undone_by_decoding() {
        for text in ["a b+c", "é&=?#%", "1,2;3:4", "卷积"] {
            assert_eq!(decode(&encode(text)), text);
        }
    }
}
