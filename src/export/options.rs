//! Where figures and usage events are sent, as the config file and the command line say it. Pure: nothing is opened here.

use std::fmt;
use std::path::PathBuf;

use url::{Host, Url};

/// The path of the batch API, for an endpoint that names a host alone.
const BATCH_PATH: &str = "/v1/batch";
/// No write key is longer; in characters.
const WRITE_KEY_MAX: usize = 256;

/// Who is told. Nobody, unless it is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportOptions {
    /// A DogStatsD collector gets figures.
    pub dogstatsd: Option<Collector>,
    /// Prometheus may read figures at this port of 127.0.0.1; 0: any that is free.
    pub prometheus: Option<u16>,
    /// A server that speaks the batch API of Segment gets usage events.
    pub segment: Option<SegmentTarget>,
}

/// Where a DogStatsD collector listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Collector {
    /// UDP: a host or an address, a colon and a port.
    Udp(String),
    /// A Unix datagram socket.
    Unix(PathBuf),
}

impl Collector {
    /// Reads `HOST:PORT` or `unix:/PATH`; `unix:///PATH`, as others write it, means the same.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        const FORM: &str = "a collector is written HOST:PORT or unix:/PATH, for example 127.0.0.1:8125";
        if let Some(path) = text.strip_prefix("unix:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return if path.len() > 1 && path.starts_with('/') { Ok(Self::Unix(path.into())) } else { Err(FORM.into()) };
        }
        let (host, port) = text.rsplit_once(':').ok_or(FORM)?;
        match (Host::parse(host), port.parse::<u16>()) {
            (Ok(host), Ok(port)) if port > 0 => Ok(Self::Udp(format!("{host}:{port}"))),
            _ => Err(FORM.into()),
        }
    }
}

impl fmt::Display for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Udp(address) => f.write_str(address),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// The secret that lets events in. It is shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct WriteKey(String);

impl WriteKey {
    /// Reads a key: letters, digits and signs without a space or a colon.
    ///
    /// # Errors
    /// A sentence that does not repeat it.
    pub fn parse(text: &str) -> Result<Self, String> {
        // A colon would end the user name of basic authentication.
        if text.is_empty() || text.len() > WRITE_KEY_MAX || !text.bytes().all(|sign| sign.is_ascii_graphic() && sign != b':') {
            return Err("a write key is a word of letters, digits and signs, without a space or a colon".into());
        }
        Ok(Self(text.to_owned()))
    }

    /// The key itself, for the one request that needs it.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for WriteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WriteKey(…)")
    }
}

/// The address of a batch API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint(Url);

impl Endpoint {
    /// Reads an `https` address; `http` only for this machine itself. A host alone means its `/v1/batch`.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut url = Url::parse(text).map_err(|_| "this is not a valid address")?;
        let is_local = match url.host() {
            Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        if url.scheme() != "https" && !(url.scheme() == "http" && is_local) {
            return Err("usage events are sent to an address that begins with https://, or to this machine itself".into());
        }
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            return Err("this address has a user name, a password, a query or a fragment; it takes a host and a path".into());
        }
        if url.path() == "/" {
            url.set_path(BATCH_PATH);
        }
        Ok(Self(url))
    }

    /// The whole address.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// The host, for a sentence.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }
}

/// Where usage events go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentTarget {
    /// The batch API.
    pub endpoint: Endpoint,
    /// What lets events in.
    pub write_key: WriteKey,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_is_a_host_with_a_port_or_a_socket() {
        let udp = |text: &str| Ok(Collector::Udp(text.into()));
        let unix = || Ok(Collector::Unix("/run/datadog/dsd.socket".into()));
        assert_eq!(Collector::parse("127.0.0.1:8125"), udp("127.0.0.1:8125"));
        assert_eq!(Collector::parse("[::1]:8125"), udp("[::1]:8125"));
        assert_eq!(Collector::parse("datadog-agent.local:8125"), udp("datadog-agent.local:8125"));
        assert_eq!(Collector::parse("unix:/run/datadog/dsd.socket"), unix());
        assert_eq!(Collector::parse("unix:///run/datadog/dsd.socket"), unix());
        for wrong in
            ["", "8125", ":8125", "host", "host:0", "host:65536", "::1:8125", "[::1:8125", "http://h:1", "unix:", "unix:relative", "unix:/"]
        {
            assert!(Collector::parse(wrong).is_err_and(|sentence| sentence.contains("127.0.0.1:8125")), "{wrong}");
        }
        for text in ["host:8125", "unix:/a/b"] {
            assert_eq!(Collector::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn usage_events_go_out_encrypted_or_stay_on_this_machine() {
        let address = |text: &str| Endpoint::parse(text).map(|endpoint| endpoint.url().to_string());
        assert_eq!(address("https://api.segment.io"), Ok("https://api.segment.io/v1/batch".into()));
        assert_eq!(address("https://events.example/collect"), Ok("https://events.example/collect".into()));
        for local in ["http://127.0.0.1:9000/v1/batch", "http://localhost:9000/v1/batch", "http://[::1]:9000/v1/batch"] {
            assert_eq!(address(local), Ok(local.into()));
        }
        for plain in ["http://api.segment.io", "http://127.0.0.1.example", "http://localhost.example", "ftp://h", "file:///etc/passwd"] {
            assert!(address(plain).is_err_and(|sentence| sentence.contains("https://")), "{plain}");
        }
        for more in ["https://me@h/", "https://:word@h/", "https://h/?a=b", "https://h/#a"] {
            assert!(address(more).is_err_and(|sentence| sentence.contains("a host and a path")), "{more}");
        }
        assert!(address("api.segment.io").is_err());
    }

    #[test]
    fn a_write_key_is_not_shown() {
        let key = WriteKey::parse("s3cr3t").unwrap();
        let target = SegmentTarget { endpoint: Endpoint::parse("https://h").unwrap(), write_key: key };
        assert!(!format!("{target:?}").contains("s3cr3t"));
        for wrong in ["", "two words", "key:", "schlüssel", &"k".repeat(257)] {
            assert!(WriteKey::parse(wrong).is_err_and(|sentence| wrong.is_empty() || !sentence.contains(wrong)), "{wrong}");
        }
    }
}
