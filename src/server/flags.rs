//! The file of feature flags that a feed service hands out as it is.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::Value;

/// Largest file, in bytes: what clients take.
const BYTES_MAX: u64 = 64 << 10;

/// Reads it.
///
/// # Errors
/// What is wrong with it, in words.
pub(super) fn read(path: &Path) -> Result<Value, String> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|err| err.to_string())?;
    file.take(BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|err| err.to_string())?;
    if bytes.len() as u64 > BYTES_MAX {
        return Err(format!("it has more than {} KiB", BYTES_MAX >> 10));
    }
    let json: Value = serde_json::from_slice(&bytes).map_err(|err| err.to_string())?;
    let flags = json.get("flags").and_then(Value::as_object).ok_or("it has no object called flags")?;
    let is_share = |told: &Value| told.get("percent").and_then(Value::as_u64).is_some_and(|percent| percent <= 100);
    match flags.iter().find(|(_, told)| !is_share(told)) {
        Some((name, _)) => Err(format!("{name} has no percent from 0 to 100")),
        None => Ok(json),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<Value, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("flags.json");
        std::fs::write(&path, text).unwrap();
        read(&path)
    }

    #[test]
    fn a_file_of_flags_is_served_as_it_is_and_another_one_is_refused_with_a_reason() {
        let text = r#"{"flags": {"a": {"percent": 25, "since": "May"}}, "more": 1}"#;
        assert_eq!(read_text(text).unwrap(), serde_json::from_str::<Value>(text).unwrap());
        for (text, why) in [
            (r#"{"flags": {"a": {"percent": 101}}}"#, "a has no percent from 0 to 100"),
            (r#"{"flags": {"a": 25}}"#, "a has no percent from 0 to 100"),
            (r#"{"flags": []}"#, "it has no object called flags"),
            ("{", "EOF while parsing"),
        ] {
            let told = read_text(text).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
        let large = format!(r#"{{"flags": {{}}, "more": "{}"}}"#, "x".repeat(64 << 10));
        assert_eq!(read_text(&large).unwrap_err(), "it has more than 64 KiB");
        assert!(read(Path::new("/no/such/flags.json")).is_err());
    }
}
