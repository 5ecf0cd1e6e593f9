//! That the worker is asked to end: what is under way is finished, and nothing new is begun.

use futures_util::FutureExt;
use tokio::sync::watch;

/// Whether the end has come. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Ending(watch::Receiver<bool>);

impl Ending {
    /// An end that comes when `asked` is done. Must be called within a runtime.
    #[must_use]
    pub fn when(asked: impl Future<Output = ()> + Send + 'static) -> Self {
        let (sender, receiver) = watch::channel(false);
        let mut asked = Box::pin(asked);
        // Looked at here already: what has to be listened to is listened to before anything is begun.
        let has_come = asked.as_mut().now_or_never().is_some();
        tokio::spawn(async move {
            if !has_come {
                asked.await;
            }
            // Nobody waits for it any more when the worker has ended by itself.
            let _ = sender.send(true);
        });
        Self(receiver)
    }

    /// Whether it has come.
    #[must_use]
    pub fn has_come(&self) -> bool {
        *self.0.borrow()
    }

    /// Done when it has come; never, when it cannot come any more.
    pub(super) async fn comes(&self) {
        if self.0.clone().wait_for(|has_come| *has_come).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
