//! The Redis that replicas share: one connection, a channel for what all of them must hear, and whether it is there.
//!
//! A service goes on without it. The first call that finds it gone marks it so, and from then on calls fail at once
//! instead of each waiting for a timeout, until the keeper has spoken with it again.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, ErrorKind, RedisError, RedisResult, ServerErrorKind};
use tokio::sync::{broadcast, watch};
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

use super::ServerError;

/// Longer than a healthy Redis takes for anything that is asked of it here.
const ANSWER_WITHIN: Duration = Duration::from_secs(1);
/// A Redis that is gone is asked this often whether it is back.
const ASK_AGAIN: Duration = Duration::from_millis(250);
/// Messages of other replicas that wait for a reader here, at most. A reader that is further behind is told so.
const MESSAGES_MAX: usize = 4096;
/// The channel that every replica listens to.
const CHANNEL: &str = "feed:events";

/// Redis cannot be asked now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Redis can’t be reached")]
pub(super) struct Unreachable;

/// A Redis, there or not.
pub(super) struct Redis {
    manager: ConnectionManager,
    /// For what must not wait behind the questions of a thousand readers.
    urgent: ConnectionManager,
    state: Arc<State>,
    messages: broadcast::Sender<Arc<str>>,
    tasks: [AbortHandle; 2],
}

/// What is known of it.
struct State {
    /// Believed until a call tells otherwise, and then only when it answers and is listened to.
    is_there: watch::Sender<bool>,
    hearing: watch::Sender<Hearing>,
}

/// How it stands with what replicas tell.
#[derive(Clone, Copy, Debug, Default)]
struct Hearing {
    /// Whether it arrives here.
    is_heard: bool,
    /// How often Redis was found gone. Who listens does so for one of these times, and begins anew with the next.
    losses: u64,
}

impl Redis {
    /// Starts to talk with the Redis at `address` (`redis://HOST:PORT/DB`). That it is not there yet is no error: it is
    /// waited for beside everything else. Must be called within a runtime.
    ///
    /// # Errors
    /// [`ServerError::Redis`] when `address` is not one.
    pub fn start(address: &str) -> Result<Arc<Self>, ServerError> {
        let wrong = |err: RedisError| ServerError::Redis(err.to_string());
        let client = Client::open(address).map_err(wrong)?;
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_max_delay(ASK_AGAIN)
            .set_connection_timeout(Some(ANSWER_WITHIN))
            .set_response_timeout(Some(ANSWER_WITHIN));
        let connect = || ConnectionManager::new_lazy_with_config(client.clone(), config.clone()).map_err(wrong);
        let (manager, urgent) = (connect()?, connect()?);
        let state = Arc::new(State { is_there: watch::Sender::new(true), hearing: watch::Sender::default() });
        let messages = broadcast::Sender::new(MESSAGES_MAX);
        let keeper = tokio::spawn(keep([manager.clone(), urgent.clone()], Arc::clone(&state)));
        let listener = tokio::spawn(listen(client, messages.clone(), Arc::clone(&state)));
        Ok(Arc::new(Self { manager, urgent, state, messages, tasks: [keeper.abort_handle(), listener.abort_handle()] }))
    }

    /// Asks it something.
    ///
    /// # Errors
    /// [`Unreachable`] when it does not answer, at once while it is known to be gone. What it refuses is logged, and is the
    /// same to who asks.
    pub async fn ask<T, F>(&self, question: impl FnOnce(ConnectionManager) -> F) -> Result<T, Unreachable>
    where
        F: Future<Output = RedisResult<T>>,
    {
        self.ask_on(&self.manager, question).await
    }

    /// The same beside all other questions instead of behind them: for what others wait for.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub async fn ask_now<T, F>(&self, question: impl FnOnce(ConnectionManager) -> F) -> Result<T, Unreachable>
    where
        F: Future<Output = RedisResult<T>>,
    {
        self.ask_on(&self.urgent, question).await
    }

    async fn ask_on<T, F>(&self, manager: &ConnectionManager, question: impl FnOnce(ConnectionManager) -> F) -> Result<T, Unreachable>
    where
        F: Future<Output = RedisResult<T>>,
    {
        if !*self.state.is_there.borrow() {
            return Err(Unreachable);
        }
        question(manager.clone()).await.map_err(|err| {
            if is_gone(&err) {
                self.state.lost(&err);
            } else {
                tracing::error!(%err, "Redis refuses what it was asked");
            }
            Unreachable
        })
    }

    /// Tells every replica, this one included, as long as Redis is there. Just after a start that waits until this replica
    /// hears what it tells.
    ///
    /// # Errors
    /// [`Unreachable`] when it is not: then nobody has heard it, this replica neither.
    pub async fn tell_all(&self, message: &str) -> Result<(), Unreachable> {
        if !*self.state.is_there.borrow() {
            return Err(Unreachable);
        }
        if !timeout(ANSWER_WITHIN, self.state.hearing.subscribe().wait_for(|hearing| hearing.is_heard))
            .await
            .is_ok_and(|heard| heard.is_ok())
        {
            return Err(Unreachable);
        }
        self.ask_now(|mut redis| async move { redis::cmd("PUBLISH").arg(CHANNEL).arg(message).exec_async(&mut redis).await }).await
    }

    /// What replicas tell from now on.
    pub fn messages(&self) -> broadcast::Receiver<Arc<str>> {
        self.messages.subscribe()
    }

    /// Whether it is there, and every change of that.
    pub fn presence(&self) -> watch::Receiver<bool> {
        self.state.is_there.subscribe()
    }
}

impl State {
    fn lost(&self, err: &dyn std::fmt::Display) {
        // Listened to anew in any case: a connection to a machine that has vanished is silent, not closed.
        self.hearing.send_modify(|hearing| *hearing = Hearing { is_heard: false, losses: hearing.losses + 1 });
        if self.is_there.send_if_modified(|is_there| std::mem::replace(is_there, false)) {
            tracing::warn!(%err, "Redis is gone; going on from memory");
        }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

fn is_gone(err: &RedisError) -> bool {
    // One that still reads what it had on disk answers everything with no.
    let is_loading = err.kind() == ErrorKind::Server(ServerErrorKind::BusyLoading);
    let is_cut_off = err.is_io_error() || err.is_connection_dropped() || err.is_connection_refusal() || err.is_unrecoverable_error();
    is_cut_off || err.is_timeout() || is_loading
}

/// Waits for a Redis that is gone.
async fn keep(mut managers: [ConnectionManager; 2], state: Arc<State>) {
    let mut presence = state.is_there.subscribe();
    while presence.wait_for(|is_there| !is_there).await.is_ok() {
        sleep(ASK_AGAIN).await;
        let mut is_back = true;
        for manager in &mut managers {
            // The first question of each may be what finds its connection broken.
            is_back &= redis::cmd("PING").exec_async(manager).await.is_ok();
        }
        // Not before it is listened to: what is told would be heard everywhere but here.
        if is_back && state.hearing.borrow().is_heard {
            state.is_there.send_replace(true);
            tracing::info!("Redis is back");
        }
    }
}

/// Hears what replicas tell, on a connection of its own.
async fn listen(client: Client, messages: broadcast::Sender<Arc<str>>, state: Arc<State>) {
    loop {
        let mut hearing = state.hearing.subscribe();
        let losses = hearing.borrow_and_update().losses;
        tokio::select! {
            result = hear(&client, &messages, &state, losses) => match result {
                Ok(()) => state.lost(&"it has closed the connection"),
                Err(err) => state.lost(&err),
            },
            // A call has found it gone.
            _ = hearing.wait_for(|hearing| hearing.losses != losses) => {}
        }
        sleep(ASK_AGAIN).await;
    }
}

async fn hear(client: &Client, messages: &broadcast::Sender<Arc<str>>, state: &State, losses: u64) -> RedisResult<()> {
    let subscribe = async {
        let mut channel = client.get_async_pubsub().await?;
        channel.subscribe(CHANNEL).await?;
        RedisResult::Ok(channel)
    };
    let mut channel = timeout(ANSWER_WITHIN, subscribe).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    state.hearing.send_if_modified(|hearing| {
        hearing.is_heard = hearing.losses == losses;
        hearing.is_heard
    });
    let mut stream = channel.on_message();
    while let Some(message) = stream.next().await {
        // What is not even text is for nobody here.
        let Ok(text) = message.get_payload::<String>() else { continue };
        // Nobody reads: then nobody needs it.
        let _ = messages.send(text.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::test_redis::{Server, until};

    #[tokio::test]
    async fn what_is_told_right_after_the_start_is_heard_by_all() {
        let server = Server::start().await;
        let [one, other] = [(); 2].map(|()| Redis::start(&server.address()).unwrap());
        let [mut here, mut there] = [one.messages(), other.messages()];
        until("the other listens", async || other.state.hearing.borrow().is_heard).await;
        one.tell_all("first").await.unwrap();
        server.ask::<()>(&[b"PUBLISH", CHANNEL.as_bytes(), b"\xff\xfe"]).await;
        one.tell_all("second").await.unwrap();
        for message in ["first", "second"] {
            assert_eq!((&*here.recv().await.unwrap(), &*there.recv().await.unwrap()), (message, message));
        }
    }

    #[tokio::test]
    async fn a_redis_that_is_back_is_listened_to_before_it_is_told_anything() {
        let mut server = Server::start().await;
        let redis = Redis::start(&server.address()).unwrap();
        let mut messages = redis.messages();
        for round in ["one", "two", "three"] {
            server.stop();
            // Nobody asks: that it has gone is heard.
            redis.presence().wait_for(|is_there| !is_there).await.unwrap();
            assert_eq!(redis.tell_all("nobody hears this").await, Err(Unreachable));
            server.restart().await;
            redis.presence().wait_for(|is_there| *is_there).await.unwrap();
            redis.tell_all(round).await.unwrap();
            assert_eq!(&*messages.recv().await.unwrap(), round);
        }
    }

    #[tokio::test]
    async fn a_call_that_fails_while_it_is_looked_for_again_does_not_keep_it_from_being_found() {
        let server = Server::start().await;
        let redis = Redis::start(&server.address()).unwrap();
        for _ in 0..5 {
            redis.state.lost(&"a call has failed");
            // Late ones, at every moment of listening anew.
            let mut hearing = redis.state.hearing.subscribe();
            until("it is listened to again", async || hearing.has_changed().unwrap() && hearing.borrow_and_update().is_heard).await;
            redis.state.lost(&"a late call has failed");
            until("it is found again", async || *redis.presence().borrow()).await;
            redis.tell_all("heard").await.unwrap();
        }
    }
}
