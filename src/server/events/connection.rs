//! What one connection asks for is done here: rights, rooms, streams, and answers.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use serde_json::{Value, json};

use super::bounds::{MESSAGE_BYTES_MAX, Meter};
use super::message::{self, Asked, FEED_ROOMS, FeedType, Token, Wrong, room_of, stream_of};
use super::tally::{Doing, Place};
use super::watchers::End;
use super::{Change, Shared, counts, event, routes};
use crate::feed::dates;
use crate::server::pages::Scope;
use crate::server::service::Service;
use crate::server::status::StreamStatus;
use crate::server::tokens::Tokens;

/// What a connection may do, the later the more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rights {
    Watch,
    /// Change what the feeds show.
    Service,
    /// Everything.
    Admin,
}

impl Rights {
    /// Those that a request's token gives.
    pub fn of(tokens: &Tokens, headers: &HeaderMap) -> Self {
        match (tokens.is_service(headers), tokens.is_admin(headers)) {
            (_, true) => Self::Admin,
            (true, false) => Self::Service,
            (false, false) => Self::Watch,
        }
    }
}

/// One connection.
pub(super) struct Connection {
    service: Arc<Service>,
    /// What its watcher is called.
    id: u64,
    rights: Rights,
    /// Where it does something.
    places: HashSet<Place>,
    meter: Meter,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.places.iter().for_each(|place| self.service.hub.shared.counts.leave(place, self.id));
    }
}

impl Connection {
    pub fn new(service: Arc<Service>, id: u64, rights: Rights, now: Instant) -> Self {
        Self { service, id, rights, places: HashSet::new(), meter: Meter::new(now) }
    }

    /// Does what a message asks for; why the connection ends after it, if it does.
    pub async fn hear(&mut self, text: &str, now: Instant) -> Option<End> {
        if !self.meter.admits(now) {
            // Being quick is not being wrong.
            self.refuse(&Wrong::new("rate_limited", "too many messages within a second; this one was left out"));
            return None;
        }
        let done = if text.len() > MESSAGE_BYTES_MAX {
            Err(Wrong::new("too_large", format!("a message may have {MESSAGE_BYTES_MAX} bytes at most")))
        } else {
            match message::read(text) {
                Ok(asked) => self.answer(asked).await,
                Err(wrong) => Err(wrong),
            }
        };
        self.judge(done, now)
    }

    /// Refuses a message that is no text.
    pub fn hear_bytes(&mut self, now: Instant) -> Option<End> {
        self.judge(Err(Wrong::new("not_text", "a message must be text")), now)
    }

    fn judge(&mut self, done: Result<(), Wrong>, now: Instant) -> Option<End> {
        let wrong = done.err()?;
        self.refuse(&wrong);
        self.meter.is_too_often_wrong(now).then_some(End::TooOftenWrong)
    }

    fn refuse(&self, wrong: &Wrong) {
        self.say("error", &json!({"message": wrong.message, "error": wrong.code}));
    }

    fn say(&self, name: &str, data: &Value) {
        self.shared().watchers.answer(self.id, event(name, data));
    }

    fn shared(&self) -> &Shared {
        &self.service.hub.shared
    }

    async fn answer(&mut self, asked: Asked) -> Result<(), Wrong> {
        match asked {
            Asked::StreamStatusChanged { stream, status } => self.stream_changed(&stream, status).await?,
            Asked::ProductUpdated { product, action, feeds } => self.product_updated(product, action, feeds).await?,
            Asked::ClearFeedCache { feeds, area, reason } => {
                self.needs(Rights::Admin)?;
                let cleared = self.service.pages.invalidate(&area.map_or(feeds.scope(), Scope::Area)).await;
                let data = json!({"feed_type": feeds.name(), "reason": reason, "cache_keys_cleared": cleared, "timestamp": timestamp()});
                self.say("cache_cleared", &data);
            }
            Asked::GetCacheStats => {
                let counts = self.service.pages.counts().await;
                let data = json!({
                    "discover_feed_cache_entries": counts.discover, "community_feed_cache_entries": counts.community,
                    "total_feed_cache_entries": counts.total(), "hit_rate": self.service.pages.stats().hit_rate(),
                });
                self.say("cache_stats", &data);
            }
            Asked::ViewerJoined(stream) => self.come(Doing::Viewing, stream).await?,
            Asked::ViewerLeft(stream) => {
                for doing in Doing::ALL {
                    self.go(&(doing, stream.clone()));
                }
                self.shared().watchers.leave(self.id, &room_of(&stream));
            }
            Asked::Presence(stream) => self.come(Doing::Online, stream).await?,
            Asked::Typing(stream) => self.come(Doing::Typing, stream).await?,
            Asked::Join(room) => self.join(&room).await?,
            Asked::Leave(room) => {
                self.shared().watchers.leave(self.id, &room);
                self.say("left", &json!({"room": room}));
            }
            Asked::Seen(room, at) => {
                let (unread, at) = self.shared().watchers.seen(self.id, room, at);
                self.say("unread_updated", &json!({"room": room, "unread": unread, "at": at}));
            }
            Asked::GetUnread => {
                let unread = self.shared().watchers.unread(self.id);
                let unread = unread.map(|(room, unread, at)| json!({"room": room, "unread": unread, "at": at}));
                self.say("unread", &json!({"rooms": unread}));
            }
            Asked::Authenticate(token) => self.authenticate(&token)?,
        }
        Ok(())
    }

    fn needs(&self, rights: Rights) -> Result<(), Wrong> {
        if self.rights >= rights { Ok(()) } else { Err(Wrong::new("forbidden", "this needs a token that allows it")) }
    }

    /// Browsers cannot send a token with the upgrade.
    fn authenticate(&mut self, Token(token): &Token) -> Result<(), Wrong> {
        let value = format!("Bearer {token}").parse().map_err(|_| Wrong::new("bad_token", "this is no token"))?;
        let rights = Rights::of(&self.service.tokens, &HeaderMap::from_iter([(AUTHORIZATION, value)]));
        if rights == Rights::Watch {
            return Err(Wrong::new("bad_token", "this token allows nothing"));
        }
        self.rights = rights;
        self.say("authenticated", &json!({"rights": if rights == Rights::Admin { "admin" } else { "service" }}));
        Ok(())
    }

    /// Whoever says so may know better than this replica what the stream was: pages are let go in any case.
    async fn stream_changed(&self, stream: &str, status: StreamStatus) -> Result<(), Wrong> {
        self.needs(Rights::Service)?;
        let old = self.service.set_status(stream, status).await.map_err(|_| unavailable())?;
        old.ok_or_else(unknown_stream)?;
        let cleared = self.service.hub.changed(&routes::changed(stream, status)).await;
        let data = json!({"type": "stream_status_changed", "stream_id": stream, "cache_keys_cleared": cleared, "timestamp": timestamp()});
        self.say("cache_invalidated", &data);
        Ok(())
    }

    async fn product_updated(&self, product: String, action: &'static str, feeds: FeedType) -> Result<(), Wrong> {
        self.needs(Rights::Service)?;
        let change = Change { reason: "product_updated", id: product.clone(), new_status: action.to_owned(), scope: feeds.scope() };
        let cleared = self.service.hub.changed(&change).await;
        let data = json!({"type": "product_updated", "product_id": product, "cache_keys_cleared": cleared, "timestamp": timestamp()});
        self.say("cache_invalidated", &data);
        Ok(())
    }

    /// Does something at a stream from now on, and hears what happens there.
    async fn come(&mut self, doing: Doing, stream: String) -> Result<(), Wrong> {
        self.known(&stream).await?;
        self.enter(&room_of(&stream))?;
        let place = (doing, stream);
        self.shared().counts.join(place.clone(), self.id);
        self.places.insert(place);
        Ok(())
    }

    fn go(&mut self, place: &Place) {
        if self.places.remove(place) {
            self.shared().counts.leave(place, self.id);
        }
    }

    async fn join(&self, room: &str) -> Result<(), Wrong> {
        if FEED_ROOMS.contains(&room) {
            self.enter(room)?;
            self.say("joined", &json!({"room": room}));
            return Ok(());
        }
        let stream = stream_of(room).ok_or_else(|| Wrong::new("unknown_room", "there is no such room"))?;
        self.known(stream).await?;
        self.enter(room)?;
        self.say("joined", &json!({"room": room}));
        // What is so now; later only what changes is told.
        let viewers = self.shared().counts.told(&(Doing::Viewing, stream.to_owned()));
        self.shared().watchers.answer(self.id, counts::shown(Doing::Viewing, stream, viewers, "joined"));
        Ok(())
    }

    fn enter(&self, room: &str) -> Result<(), Wrong> {
        let entered = self.shared().watchers.join(self.id, room);
        entered.map_err(|_| Wrong::new("too_many_rooms", "a connection can’t be in more rooms"))
    }

    /// Rooms are only for streams that there are: nobody fills the memory with others.
    async fn known(&self, stream: &str) -> Result<(), Wrong> {
        let is_known = self.service.has_stream(stream).await.map_err(|_| unavailable())?;
        if is_known { Ok(()) } else { Err(unknown_stream()) }
    }
}

fn unknown_stream() -> Wrong {
    Wrong::new("unknown_stream", "there is no such stream")
}

fn unavailable() -> Wrong {
    Wrong::new("unavailable", "this can’t be done at the moment")
}

fn timestamp() -> String {
    dates::rfc3339_ms(SystemTime::now())
}
