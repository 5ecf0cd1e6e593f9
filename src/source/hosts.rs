//! Which hosts media may come from.

use url::{Host, Url};

/// A list of hosts that media may come from. Empty: any host.
///
/// An entry matches the host itself and its subdomains, never a part of a name: `example.org` allows
/// `cdn.example.org` and not `badexample.org`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedHosts(Vec<String>);

impl TrustedHosts {
    /// A list of hosts; leading dots and case do not matter, and names may be written in any script.
    pub fn new(hosts: impl IntoIterator<Item = String>) -> Self {
        // As addresses have them, so that both are compared in one spelling.
        let spelled = |host: &str| Host::parse(host).map_or_else(|_| host.to_ascii_lowercase(), |host| host.to_string());
        Self(hosts.into_iter().map(|host| spelled(host.trim().trim_matches('.'))).filter(|host| !host.is_empty()).collect())
    }

    /// Whether media may be fetched from this address: `http` or `https`, from a host on the list.
    #[must_use]
    pub fn allow(&self, url: &Url) -> bool {
        if !matches!(url.scheme(), "http" | "https") {
            return false;
        }
        let Some(host) = url.host_str() else {
            return false;
        };
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        self.0.is_empty()
            || self.0.iter().any(|trusted| host.strip_suffix(trusted.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(hosts: &[&str], url: &str) -> bool {
        TrustedHosts::new(hosts.iter().map(|host| (*host).to_owned())).allow(&Url::parse(url).unwrap())
    }

    #[test]
    fn a_host_and_its_subdomains_are_trusted_and_lookalikes_are_not() {
        assert!(allows(&["example.org"], "https://example.org/a.mp4"));
        assert!(allows(&[".Example.org"], "https://cdn.EXAMPLE.org./a.mp4"));
        assert!(!allows(&["example.org"], "https://badexample.org/a.mp4"));
        assert!(!allows(&["example.org"], "https://example.org.evil.net/a.mp4"));
        assert!(!allows(&["example.org"], "https://evil.net/example.org"));
    }

    #[test]
    fn a_host_is_known_however_it_is_spelled_and_a_number_has_no_subdomains() {
        assert!(allows(&["bücher.example"], "https://cdn.B%C3%9CCHER.example/a"));
        assert!(allows(&["[FD00:0::1]"], "https://[fd00::1]/a") && allows(&["8.8.8.8"], "https://134744072/a"));
        assert!(!allows(&["0.0.1"], "https://127.0.0.1/a"));
    }

    #[test]
    fn without_a_list_any_web_host_is_trusted_and_no_other_scheme() {
        assert!(allows(&[], "http://127.0.0.1:8080/a.mp4"));
        assert!(!allows(&[], "ftp://example.org/a.mp4"));
        assert!(!allows(&[], "file:///etc/passwd"));
    }
}
