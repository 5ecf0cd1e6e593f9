//! What a feed service says about feature flags: asked once when a feed is opened, and left alone where it says nothing.

use reqwest::Response;
use reqwest::header::ACCEPT;
use serde_json::Value;
use url::Url;

use super::SourceContext;
use crate::metrics::Counters;

/// Where it is asked for, on the server of the feed.
const PATH: &str = "/feed/flags";
/// Largest answer, after decompression, in bytes.
const BYTES_MAX: usize = 64 << 10;
/// Flags taken from one answer.
const FLAGS_MAX: usize = 64;
/// Longest name taken, in bytes.
const NAME_BYTES_MAX: usize = 64;

/// Names of flags and their shares in percent; `None` where nobody answers, or not with flags.
pub(super) async fn flags(context: &SourceContext, feed: &Url) -> Option<Vec<(String, u8)>> {
    let mut address = feed.clone();
    address.set_path(PATH);
    address.set_query(None);
    address.set_fragment(None);
    Counters::add(&context.counters.network_requests, 1);
    let answered = tokio::time::timeout(context.page_timeout, async {
        let response = context.client.get(address).header(ACCEPT, "application/json").send().await.ok()?;
        if response.status().is_success() { body(context, response).await } else { None }
    });
    read(&serde_json::from_slice(&answered.await.ok()??).ok()?)
}

async fn body(context: &SourceContext, mut response: Response) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        Counters::add(&context.counters.network_bytes, chunk.len() as u64);
        if body.len() + chunk.len() > BYTES_MAX {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some(body)
}

/// `{"flags": {NAME: {"percent": 25, …}}}`. What makes no sense is left out, the rest is kept.
fn read(answer: &Value) -> Option<Vec<(String, u8)>> {
    let flags = answer.get("flags")?.as_object()?;
    let share = |(name, told): (&String, &Value)| {
        let percent = told.get("percent")?.as_u64().and_then(|percent| u8::try_from(percent).ok()).filter(|percent| *percent <= 100)?;
        (name.len() <= NAME_BYTES_MAX).then(|| (name.clone(), percent))
    };
    Some(flags.iter().filter_map(share).take(FLAGS_MAX).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn shares_are_read_and_what_makes_no_sense_is_left_out() {
        let answer = json!({"flags": {
            "a": {"percent": 25, "note": "x"}, "b": {"percent": 0}, "c": {"percent": 100}, "d": {"percent": 101}, "e": {"percent": -1},
            "f": {"percent": 2.5}, "g": {"percent": "5"}, "h": {}, "i": 50
        }});
        assert_eq!(read(&json!({"flags": {("x".repeat(65)): {"percent": 5}}})), Some(vec![]));
        let read = read(&answer).unwrap();
        assert_eq!(read, [("a".to_owned(), 25), ("b".to_owned(), 0), ("c".to_owned(), 100)]);
    }

    #[test]
    fn an_answer_of_another_shape_says_nothing() {
        for answer in [json!({}), json!([]), json!({"flags": []}), json!("flags")] {
            assert_eq!(read(&answer), None);
        }
        let many: serde_json::Map<_, _> = (0..200).map(|n| (format!("f{n}"), json!({"percent": 1}))).collect();
        assert_eq!(read(&json!({"flags": many})).unwrap().len(), FLAGS_MAX);
    }
}
