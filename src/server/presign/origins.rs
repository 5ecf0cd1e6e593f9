//! Where addresses of media lead: to the first place, and to the second while the first does not answer.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use prometheus_client::registry::Registry;
use reqwest::Client;
use reqwest::header::RANGE;
use tokio::task::AbortHandle;

use super::cache::{Presigner, Wanted};
use super::signer::SignError;

/// How often the first place is asked whether it answers.
pub const PROBE: Duration = Duration::from_secs(30);
/// It must answer within this time.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// So many probes in a row that fail, and the second place is used.
const FAILURES_MAX: u32 = 2;

/// The places that media are read from.
pub struct Origins {
    first: Arc<Presigner>,
    second: Option<Second>,
}

/// What is needed to do without the first place.
struct Second {
    presigner: Arc<Presigner>,
    state: Arc<Breaker>,
    probing: AbortHandle,
}

/// Whether the first place is done without.
#[derive(Default)]
struct Breaker {
    is_open: AtomicBool,
    failures: AtomicU32,
    /// A path that was asked for not long ago: what is probed is what is used.
    probed: Mutex<Option<String>>,
}

impl Breaker {
    fn note(&self, path: &str) {
        let mut probed = self.probed.lock().unwrap_or_else(PoisonError::into_inner);
        if probed.is_none() {
            *probed = Some(path.to_owned());
        }
    }

    /// Takes note of a probe.
    fn probed(&self, answers: bool) {
        if answers {
            self.failures.store(0, Ordering::Relaxed);
            if self.is_open.swap(false, Ordering::Relaxed) {
                tracing::info!("the first place of media answers again");
            }
        } else if self.failures.fetch_add(1, Ordering::Relaxed) + 1 >= FAILURES_MAX && !self.is_open.swap(true, Ordering::Relaxed) {
            tracing::warn!("the first place of media does not answer; the second one is used");
        }
    }
}

impl Origins {
    /// One place alone.
    #[must_use]
    pub fn of(first: Arc<Presigner>) -> Self {
        Self { first, second: None }
    }

    /// Lets Prometheus read what both have counted; the second's names begin with `fallback_`.
    pub fn register(&self, registry: &mut Registry) {
        self.first.stats().register(registry);
        if let Some(second) = &self.second {
            second.presigner.stats().register(registry.sub_registry_with_prefix("fallback"));
        }
    }

    /// Two places. The first is asked every `every` ([`PROBE`]) whether it answers. Must be called within a runtime.
    #[must_use]
    pub fn with_fallback(first: Arc<Presigner>, second: Arc<Presigner>, client: Client, every: Duration) -> Self {
        let state = Arc::new(Breaker::default());
        let (breaker, asked) = (Arc::clone(&state), Arc::clone(&first));
        let probing = tokio::spawn(async move {
            loop {
                tokio::time::sleep(every).await;
                let path = breaker.probed.lock().unwrap_or_else(PoisonError::into_inner).take();
                let Some(path) = path else { continue };
                let answers = match asked.url(&path, Wanted::Any).await {
                    Ok(url) => answers(&client, &url).await,
                    Err(_) => false,
                };
                breaker.probed(answers);
                if !answers {
                    // Asked again even when nobody asks for media meanwhile.
                    breaker.note(&path);
                }
            }
        });
        Self { first, second: Some(Second { presigner: second, state, probing: probing.abort_handle() }) }
    }

    /// A signed address of the media at `path`.
    ///
    /// # Errors
    /// [`SignError`] when none can be had.
    pub async fn url(&self, path: &str, wanted: Wanted) -> Result<String, SignError> {
        let Some(second) = &self.second else { return self.first.url(path, wanted).await };
        second.state.note(path);
        if second.state.is_open.load(Ordering::Relaxed) {
            return second.presigner.url(path, wanted).await;
        }
        match self.first.url(path, wanted).await {
            Ok(url) => Ok(url),
            Err(_) => second.presigner.url(path, wanted).await,
        }
    }

    /// The addresses of the first place, and those of the second where there is one.
    pub fn presigners(&self) -> impl Iterator<Item = &Arc<Presigner>> {
        std::iter::once(&self.first).chain(self.second.as_ref().map(|second| &second.presigner))
    }
}

impl Drop for Origins {
    fn drop(&mut self) {
        if let Some(second) = &self.second {
            second.probing.abort();
        }
    }
}

/// Whether media can be had at an address. That one object is missing is not the place's fault.
async fn answers(client: &Client, url: &str) -> bool {
    // GET for a byte, since a signature is good for one method alone.
    let asking = client.get(url).header(RANGE, "bytes=0-0").send();
    let answer = tokio::time::timeout(ANSWER_WITHIN, asking).await;
    answer.is_ok_and(|answer| answer.is_ok_and(|answer| !answer.status().is_server_error() && answer.status() != 403))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_probe_that_fails_changes_nothing_two_do_and_one_that_is_answered_undoes_it() {
        let breaker = Breaker::default();
        let is_open = || breaker.is_open.load(Ordering::Relaxed);
        breaker.probed(false);
        assert!(!is_open());
        breaker.probed(true);
        breaker.probed(false);
        assert!(!is_open(), "not in a row");
        breaker.probed(false);
        assert!(is_open());
        breaker.probed(true);
        assert!(!is_open());
    }
}
