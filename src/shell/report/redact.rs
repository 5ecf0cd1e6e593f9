//! Takes out of a text what proves a right, and where the user lives on this machine. What it takes for a secret may
//! be none; the other way round would be worse.

use directories::BaseDirs;

use crate::feed::is_signature;

/// Stands for what was taken out.
const GONE: &str = "…";
/// Ends of names whose values are secrets, beside those of signatures, in lower case and without `-` and `_`.
const SECRETS: [&str; 11] = ["token", "password", "passwd", "pass", "pwd", "secret", "key", "cookie", "authorization", "session", "bearer"];

/// What is taken out for a user.
#[derive(Debug)]
pub(super) struct Redactor {
    home: Option<String>,
}

impl Redactor {
    /// For whoever runs the program.
    pub fn of_this_user() -> Self {
        let home = BaseDirs::new().map(|dirs| dirs.home_dir().to_string_lossy().into_owned());
        // The root of all is nobody's home, and in every path.
        Self { home: home.filter(|home| home.trim_matches('/').len() > 1) }
    }

    /// The text without it.
    pub fn text(&self, text: &str) -> String {
        let text = match &self.home {
            Some(home) => text.replace(home.as_str(), "~"),
            None => text.to_owned(),
        };
        let mut clean = String::with_capacity(text.len());
        // A name such as `token:` takes the word after it along, and so do `token` and a sign alone.
        let (mut named, mut candidate) = (false, false);
        for word in text.split_inclusive(|sign: char| sign.is_whitespace() || QUOTES.contains(&sign)) {
            let end = word.char_indices().next_back().filter(|(_, sign)| sign.is_whitespace() || QUOTES.contains(sign));
            let (word, end) = word.split_at(end.map_or(word.len(), |(at, _)| at));
            clean.push_str(&if named && !word.is_empty() { GONE.to_owned() } else { self::word(word) });
            clean.push_str(end);
            if end == "\n" {
                (named, candidate) = (false, false);
            } else if !word.is_empty() {
                named = names_secret(word) || (candidate && ["=", ":"].contains(&word));
                candidate = is_secret(word);
            }
        }
        clean
    }
}

/// Signs that end a word, beside blanks: what is in them stands for itself.
const QUOTES: [char; 9] = ['"', '\'', '`', '<', '>', '“', '”', '‘', '’'];

fn word(word: &str) -> String {
    if let Some((scheme, rest)) = word.split_once("://") {
        let (place, query) = rest.find(['?', '#']).map_or((rest, ""), |at| rest.split_at(at));
        let (authority, path) = place.find('/').map_or((place, ""), |at| place.split_at(at));
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let query = if query.is_empty() { String::new() } else { format!("{}{GONE}", &query[..1]) };
        return format!("{}://{host}{path}{query}", pairs(scheme));
    }
    match word.split_once('?') {
        Some((path, query)) if query.contains('=') => format!("{}?{GONE}", pairs(path)),
        _ => pairs(word),
    }
}

/// The values of what is called like a secret, wherever they stand in a word such as `a=1&token=2,key:3`.
fn pairs(word: &str) -> String {
    let mut clean = String::with_capacity(word.len());
    for part in word.split_inclusive(['&', ',', ';']) {
        let (value, end) = part.split_at(part.trim_end_matches(['&', ',', ';']).len());
        match value.match_indices(['=', ':']).find(|(at, _)| at + 1 < value.len() && is_secret(&value[..*at])) {
            Some((at, _)) => clean.extend([&value[..=at], GONE]),
            None => clean.push_str(value),
        }
        clean.push_str(end);
    }
    clean
}

/// Whether the next word belongs to a name in this one: `token:`, `key=`, `Bearer`.
fn names_secret(word: &str) -> bool {
    let name = word.trim_end_matches(['=', ':']);
    let scheme = ["bearer", "basic"].iter().any(|scheme| name.eq_ignore_ascii_case(scheme));
    scheme || (name.len() < word.len() && is_secret(name))
}

/// Whether what ends like this is the name of a secret.
fn is_secret(text: &str) -> bool {
    let name = text.rsplit(|sign: char| !(sign.is_ascii_alphanumeric() || "-_".contains(sign))).next().unwrap_or_default();
    let plain: String = name.chars().filter(|sign| !"-_".contains(*sign)).map(|sign| sign.to_ascii_lowercase()).collect();
    is_signature(name, true) || SECRETS.iter().any(|secret| plain.ends_with(secret))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn clean(text: &str) -> String {
        Redactor { home: Some("/home/anna".into()) }.text(text)
    }

    #[test]
    fn addresses_lose_their_queries_and_who_asks() {
        for (text, expected) in [
            ("asked https://anna:pw@a.example:81/v/1.mp4?token=x&y=2#z now", "asked https://a.example:81/v/1.mp4?… now"),
            ("Some(\"http://a.example?sig=x\")", "Some(\"http://a.example?…\")"),
            ("url=https://a.example/#frag", "url=https://a.example/#…"),
            ("GET /feed/videos?cursor=abc 200", "GET /feed/videos?… 200"),
            ("is it there? yes=no", "is it there? yes=no"),
            ("https://a.example/v.mp4", "https://a.example/v.mp4"),
        ] {
            assert_eq!(clean(text), expected);
        }
    }

    #[test]
    fn what_is_called_like_a_secret_loses_its_value() {
        for (text, expected) in [
            ("token=abc id=7", "token=… id=7"),
            ("Authorization: Bearer abc.def", "Authorization: … …"),
            ("{access_token:abc,size:9}", "{access_token:…,size:9}"),
            ("a:token=abc", "a:token=…"),
            ("write_key = \"abc\" size = 9", "write_key = \"…\" size = 9"),
            ("X-Amz-Signature=abc", "X-Amz-Signature=…"),
            ("password: \"abc\" and more", "password: \"…\" and more"),
            ("monkeys: three", "monkeys: three"),
        ] {
            assert_eq!(clean(text), expected);
        }
    }

    #[test]
    fn the_home_folder_is_not_told() {
        assert_eq!(clean("cache /home/anna/.cache/flickreel"), "cache ~/.cache/flickreel");
    }

    #[test]
    fn lines_stay_lines() {
        let text = "a token:\nnext line\r\n\nlast";
        assert_eq!(clean(text), text);
    }

    proptest! {
        #[test]
        fn no_query_survives_whatever_stands_around_it(
            before in "[ -~]{0,20}", host in "[a-z]{1,8}", path in "(/[a-z0-9]{0,6}){0,3}", name in "[a-z]{1,8}", after in "[ -~]{0,20}"
        ) {
            let text = format!("{before}https://{host}.example{path}?{name}=s3cr3tV4lue{after}");
            prop_assert!(!clean(&text).contains("s3cr3tV4lue"), "{text}: {}", clean(&text));
        }
    }
}
