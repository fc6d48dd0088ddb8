//! What pages say, in Czech and in English. Texts stand in `locales/<language>/<area>.ftl` (Fluent).

use std::borrow::Cow;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

include!(concat!(env!("OUT_DIR"), "/locales.rs"));

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Czech.
    #[default]
    Cs,
    /// English.
    En,
}

impl Language {
    /// Its code (BCP 47).
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Cs => "cs",
            Self::En => "en",
        }
    }

    /// The language of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "cs" => Some(Self::Cs),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The first of ours that a browser asks for (RFC 9110, 12.5.4, without weights: browsers send them in order);
    /// Slovaks read Czech.
    #[must_use]
    pub fn of_browser(accept_language: &str) -> Self {
        accept_language
            .split(',')
            .filter_map(|part| part.split([';', '-']).next())
            .find_map(|code| match code.trim() {
                "cs" | "sk" => Some(Self::Cs),
                "en" => Some(Self::En),
                _ => None,
            })
            .unwrap_or_default()
    }
}

type Bundle = FluentBundle<FluentResource>;

static CZECH: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::Cs));
static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::En));

fn bundle(language: Language) -> Bundle {
    let code: LanguageIdentifier = language.code().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![code]);
    // The marks around arguments show up in titles and in what people copy; no text of ours is right to left.
    bundle.set_use_isolating(false);
    for (_, name, text) in LOCALES.iter().filter(|(code, ..)| *code == language.code()) {
        // The unit test reads every file, so what is skipped here is nothing that was ever built.
        let resource = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(resource, errors)| {
            tracing::error!(file = name, ?errors, "texts cannot be read whole");
            resource
        });
        if let Err(errors) = bundle.add_resource(resource) {
            tracing::error!(file = name, ?errors, "texts are there twice");
        }
    }
    bundle
}

/// The texts of one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words(pub Language);

impl Words {
    /// A text.
    #[must_use]
    pub fn text(self, key: &str) -> Cow<'static, str> {
        self.filled(key, None)
    }

    /// A text with arguments.
    #[must_use]
    pub fn with(self, key: &str, arguments: &[(&str, FluentValue<'_>)]) -> Cow<'static, str> {
        let mut args = FluentArgs::new();
        for (name, value) in arguments {
            args.set((*name).to_owned(), value.clone());
        }
        self.filled(key, Some(&args))
    }

    fn filled(self, key: &str, args: Option<&FluentArgs<'_>>) -> Cow<'static, str> {
        let bundle: &'static Bundle = match self.0 {
            Language::Cs => &CZECH,
            Language::En => &ENGLISH,
        };
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            tracing::error!(key, language = self.0.code(), "a text is missing");
            return Cow::Owned(key.to_owned());
        };
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, args, &mut errors).into_owned();
        if !errors.is_empty() {
            tracing::error!(key, language = self.0.code(), ?errors, "a text lacks arguments");
        }
        Cow::Owned(text)
    }

    /// Whether there is a text.
    #[must_use]
    pub fn has(self, key: &str) -> bool {
        match self.0 {
            Language::Cs => CZECH.has_message(key),
            Language::En => ENGLISH.has_message(key),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    fn keys(language: &str) -> BTreeSet<&'static str> {
        let mut keys = BTreeSet::new();
        for (_, name, text) in LOCALES.iter().filter(|(code, ..)| *code == language) {
            let read = FluentResource::try_new((*text).to_owned());
            assert!(
                read.is_ok(),
                "{language}/{name}: {:?}",
                read.err().map(|(_, errors)| errors)
            );
            for line in text.lines() {
                let Some((key, _)) = line.split_once(" =") else {
                    continue;
                };
                if key.starts_with(|c: char| c.is_ascii_lowercase()) && !key.contains(' ') {
                    assert!(keys.insert(key), "{language}/{name}: {key} is there twice");
                }
            }
        }
        keys
    }

    #[test]
    fn both_languages_say_the_same_things() {
        let (czech, english) = (keys("cs"), keys("en"));
        let lacking: Vec<_> = czech.symmetric_difference(&english).collect();
        assert!(lacking.is_empty(), "in one language only: {lacking:?}");
    }

    fn files(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, found);
            } else {
                found.push(path);
            }
        }
    }

    /// Keys written out in templates and sources, behind one of the calls that look a text up.
    #[test]
    fn every_text_that_a_page_asks_for_is_there() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut found = Vec::new();
        files(&root.join("templates"), &mut found);
        files(&root.join("src"), &mut found);
        let mut missing = BTreeSet::new();
        let there = keys("cs");
        for file in found {
            let text = fs::read_to_string(&file).unwrap();
            for call in [
                "page.t(\"",
                "page.tn(\"",
                "page.tv(\"",
                "words.text(\"",
                "words.with(\"",
                "Notice::done(\"",
                "Notice::failed(\"",
            ] {
                for part in text.split(call).skip(1) {
                    let key = part.split('"').next().unwrap();
                    if !there.contains(key) {
                        missing.insert(format!("{key} ({})", file.file_name().unwrap().to_string_lossy()));
                    }
                }
            }
        }
        assert!(missing.is_empty(), "texts that are missing: {missing:#?}");
    }

    #[test]
    fn plurals_are_right() {
        let said = |language, n: i64| Words(language).with("count-messages", &[("n", n.into())]);
        assert_eq!(said(Language::Cs, 1), "1 zpráva");
        assert_eq!(said(Language::Cs, 3), "3 zprávy");
        assert_eq!(said(Language::Cs, 5), "5 zpráv");
        assert_eq!(said(Language::En, 1), "1 message");
        assert_eq!(said(Language::En, 2), "2 messages");
    }

    #[test]
    fn a_browser_is_answered_in_its_language() {
        assert_eq!(Language::of_browser("en-GB,en;q=0.9,cs;q=0.5"), Language::En);
        assert_eq!(Language::of_browser("sk"), Language::Cs);
        assert_eq!(Language::of_browser("de, en;q=0.1"), Language::En);
        assert_eq!(Language::of_browser("de"), Language::Cs);
        assert_eq!(Language::of_browser(""), Language::Cs);
    }
}
