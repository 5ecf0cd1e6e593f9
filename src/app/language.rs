//! Languages as desktops, feeds and containers name them.

/// Containers name languages with three letters (ISO 639-2), of which some have two forms; desktops with two (ISO 639-1).
/// Those of the two lists that are met most.
pub(super) fn is_same_language(one: &str, other: &str) -> bool {
    const PAIRS: &[(&str, &[&str])] = &[
        ("ar", &["ara"]),
        ("bg", &["bul"]),
        ("ca", &["cat"]),
        ("cs", &["ces", "cze"]),
        ("da", &["dan"]),
        ("de", &["deu", "ger"]),
        ("el", &["ell", "gre"]),
        ("en", &["eng"]),
        ("es", &["spa"]),
        ("et", &["est"]),
        ("fa", &["fas", "per"]),
        ("fi", &["fin"]),
        ("fr", &["fra", "fre"]),
        ("he", &["heb"]),
        ("hi", &["hin"]),
        ("hr", &["hrv"]),
        ("hu", &["hun"]),
        ("id", &["ind"]),
        ("it", &["ita"]),
        ("ja", &["jpn"]),
        ("ko", &["kor"]),
        ("lt", &["lit"]),
        ("lv", &["lav"]),
        ("ms", &["msa", "may"]),
        ("nl", &["nld", "dut"]),
        ("no", &["nor", "nb", "nob", "nn", "nno"]),
        ("pl", &["pol"]),
        ("pt", &["por"]),
        ("ro", &["ron", "rum"]),
        ("ru", &["rus"]),
        ("sk", &["slk", "slo"]),
        ("sl", &["slv"]),
        ("sr", &["srp"]),
        ("sv", &["swe"]),
        ("th", &["tha"]),
        ("tr", &["tur"]),
        ("uk", &["ukr"]),
        ("vi", &["vie"]),
        ("zh", &["zho", "chi"]),
    ];
    let short = |tag: &str| PAIRS.iter().find(|(two, three)| *two == tag || three.contains(&tag)).map(|(two, _)| *two);
    one == other || short(one).is_some_and(|one| short(other) == Some(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_the_same_by_its_short_name_and_by_both_long_ones() {
        for (one, other) in [("de", "ger"), ("deu", "ger"), ("en", "eng"), ("nor", "no"), ("xx", "xx")] {
            assert!(is_same_language(one, other) && is_same_language(other, one), "{one} {other}");
        }
        for (one, other) in [("de", "en"), ("deu", "dut"), ("", "en"), ("xx", "yy")] {
            assert!(!is_same_language(one, other), "{one} {other}");
        }
    }
}
