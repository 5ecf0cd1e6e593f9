//! Where at the edge an item's files lie. Only the edge is asked for them, so that no item can send the worker anywhere
//! else. Pure.
//!
//! What the feed names at the edge itself is asked for as it is named: an edge that wants signatures checks them, and one
//! like `CloudFront` takes them out of its key. What the feed names at the service, or in the bucket behind the edge, is
//! asked for by its path and what is left of its query without a signature: the edge signs its own requests there.

use url::Url;

use crate::feed::without_signature;

/// The places that an item may name.
pub(super) struct Places {
    edge: Url,
    /// The origins behind the edge, and which beginning of a path there is none at the edge.
    origins: Vec<(Url, String)>,
}

impl Places {
    /// `edge` is the base of the edge and `api` that of the service, both `http` or `https` with a host.
    pub fn new(edge: Url, api: Url, bucket: Option<(&str, &str)>) -> Self {
        let mut origins = vec![(api, String::new())];
        if let Some((bucket, region)) = bucket {
            let named = [
                (format!("https://{bucket}.s3.{region}.amazonaws.com/"), String::new()),
                (format!("https://{bucket}.s3.amazonaws.com/"), String::new()),
                (format!("https://s3.{region}.amazonaws.com/"), format!("/{bucket}")),
            ];
            origins.extend(named.into_iter().filter_map(|(address, cut)| Some((Url::parse(&address).ok()?, cut))));
        }
        Self { edge, origins }
    }

    /// The address at the edge of what a page found at `base` calls `address`.
    ///
    /// # Errors
    /// Why nothing is asked for, in words that hold nothing of the address.
    pub fn at_edge(&self, base: &Url, address: &str) -> Result<Url, &'static str> {
        let named = base.join(address.trim()).map_err(|_| "not an address")?;
        if !named.username().is_empty() || named.password().is_some() {
            return Err("the address has a password in it");
        }
        if named.origin() == self.edge.origin() {
            let mut named = named;
            named.set_fragment(None);
            return Ok(named);
        }
        let behind = self.origins.iter().find_map(|(origin, cut)| {
            let path = named.path().strip_prefix(cut.as_str())?;
            (named.origin() == origin.origin() && path.starts_with('/')).then_some(path)
        });
        let path = behind.ok_or("on another host than the edge")?;
        let mut at = self.edge.clone();
        at.set_path(&format!("{}{path}", self.edge.path().trim_end_matches('/')));
        let unsigned = without_signature(named.as_str());
        at.set_query(unsigned.split_once('?').map(|(_, query)| query));
        Ok(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(edge: &str, address: &str) -> Result<String, &'static str> {
        let url = |address: &str| Url::parse(address).unwrap();
        let places = Places::new(url(edge), url("http://10.0.0.5:8080/"), Some(("clips", "eu-west-1")));
        places.at_edge(&url("http://10.0.0.5:8080/feed/videos?limit=20"), address).map(String::from)
    }

    #[test]
    fn what_lies_at_the_service_or_in_the_bucket_is_asked_for_at_the_edge_without_its_signature() {
        let edge = "https://cdn.example/";
        for (address, wanted) in [
            ("/media/a%20b.mp4", "https://cdn.example/media/a%20b.mp4"),
            ("http://10.0.0.5:8080/media/a.mp4?v=2&X-Amz-Signature=s3cret", "https://cdn.example/media/a.mp4?v=2"),
            ("https://clips.s3.eu-west-1.amazonaws.com/a.mp4?X-Amz-Signature=s3cret", "https://cdn.example/a.mp4"),
            ("https://clips.s3.amazonaws.com/a.mp4", "https://cdn.example/a.mp4"),
            ("https://s3.eu-west-1.amazonaws.com/clips/a.mp4", "https://cdn.example/a.mp4"),
        ] {
            assert_eq!(at(edge, address).as_deref(), Ok(wanted));
        }
        assert_eq!(at("https://cdn.example/v1/", "/media/a.mp4").as_deref(), Ok("https://cdn.example/v1/media/a.mp4"));
    }

    #[test]
    fn what_lies_at_the_edge_is_asked_for_as_the_edge_has_signed_it() {
        let signed = "https://cdn.example/a.mp4?Expires=1&Signature=s&Key-Pair-Id=K";
        assert_eq!(at("https://cdn.example/", signed).as_deref(), Ok(signed));
    }

    #[test]
    fn nothing_else_is_asked_for() {
        for address in [
            "http://169.254.169.254/latest/meta-data/",
            "//169.254.169.254/latest/",
            "http://10.0.0.5/media/a.mp4",
            "http://10.0.0.5:6379/",
            "http://cdn.example/a.mp4",
            "https://cdn.example.evil.example/a.mp4",
            "https://cdn.example:444/a.mp4",
            "https://s3.eu-west-1.amazonaws.com/others/a.mp4",
            "https://s3.eu-west-1.amazonaws.com/clipsandmore/a.mp4",
            "https://me:pass@cdn.example/a.mp4",
            "file:///etc/passwd",
            "gopher://10.0.0.5:8080/",
            "data:,x",
            "http://[",
        ] {
            assert!(at("https://cdn.example/", address).is_err(), "{address}");
        }
    }
}
