//! What the feeds answer.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use axum::routing::get;

use super::answer::{answer, has_more};
use super::community::CommunityQuery;
use super::discover::DiscoverQuery;
use super::query::{self, Algorithm, PageQuery};
use super::sessions::{Part, cursor_behind};
use super::walk::{self, Wanted};
use super::{community, discover, page, single, streams};
use crate::server::facts;
use crate::server::pages::{Make, PageKey, make};
use crate::server::refusal::Refusal;
use crate::server::service::Service;

type Answer = Result<Response, Refusal>;

/// What this room answers.
pub fn routes() -> Router<Arc<Service>> {
    Router::new()
        .route("/feed/videos", get(videos))
        .route("/feed/videos/{id}", get(single::video))
        .route("/feed/trending", get(trending))
        .route("/feed/discover", get(discover))
        .route("/feed/community", get(community))
        .route("/streams", get(streams::live))
        .route("/streams/{id}", get(streams::stream))
}

async fn videos(State(service): State<Arc<Service>>, headers: HeaderMap, uri: Uri) -> Answer {
    walked(service, &headers, &uri, false).await
}

async fn trending(State(service): State<Arc<Service>>, headers: HeaderMap, uri: Uri) -> Answer {
    walked(service, &headers, &uri, true).await
}

async fn walked(service: Arc<Service>, headers: &HeaderMap, uri: &Uri, is_trending: bool) -> Answer {
    let asked: PageQuery = query::read(uri)?;
    let (limit, algorithm, user) = (asked.limit()?, asked.algorithm()?, facts::user_of(headers, uri)?);
    if let Some(cursor) = asked.cursor() {
        return if service.feeds.sessions.go_on(cursor).await {
            went_on(&service, cursor, limit).await
        } else {
            Err(walk::cursor_expired())
        };
    }
    let listing = service.feeds.listing(&service).await?;
    let person = match &user {
        Some(user) => service.facts.person(user).await,
        None => facts::Person::default(),
    };
    let wished = || person.preferences.algorithm.as_deref().and_then(Algorithm::named);
    let algorithm = algorithm.or_else(wished).unwrap_or_default();
    let wanted = Wanted { is_trending, algorithm, tags: asked.tags() };
    let exclude = asked.exclude();
    if !exclude.is_empty() {
        let begun = walk::own(&service, &wanted, &listing, &person, &exclude).await;
        let json = page::walked(&service, Part::first(&begun.token, wanted.feed(), &begun.entries, limit)).await?;
        return Ok(answer(&crate::server::pages::CachedPage { json, cached: false }));
    }
    if wanted.is_everybodys(&person) {
        let begun = walk::everybodys(&service, &wanted, &listing).await;
        let (key, feed) = (PageKey::user_page(None, None, &begun.token, limit), wanted.feed());
        let maker = {
            let (service, begun) = (Arc::clone(&service), begun.clone());
            make(move || {
                let (service, part) = (Arc::clone(&service), Part::first(&begun.token, feed, &begun.entries, limit));
                async move { page::walked(&service, part).await }
            })
        };
        let page = service.pages.page(&key, maker).await?;
        if !page.cached && limit < begun.entries.len() {
            make_ahead(&service, &super::sessions::cursor_at(&begun.token, limit), limit);
        }
        return Ok(answer(&page));
    }
    let key = PageKey::user_page(user.as_deref(), None, &wanted.text(&person, &listing), limit);
    let maker = {
        let service = Arc::clone(&service);
        make(move || {
            let (service, wanted, listing, person) = (Arc::clone(&service), wanted.clone(), Arc::clone(&listing), person.clone());
            async move {
                let begun = walk::own(&service, &wanted, &listing, &person, &[]).await;
                page::walked(&service, Part::first(&begun.token, wanted.feed(), &begun.entries, limit)).await
            }
        })
    };
    Ok(answer(&service.pages.page(&key, maker).await?))
}

/// The page at a cursor of a walk that goes on.
async fn went_on(service: &Arc<Service>, cursor: &str, limit: usize) -> Answer {
    let (key, maker) = place(service, cursor, limit);
    let page = service.pages.page(&key, maker).await?;
    if !page.cached
        && has_more(&page.json)
        && let Some(next) = cursor_behind(cursor, limit)
    {
        make_ahead(service, &next, limit);
    }
    Ok(answer(&page))
}

fn make_ahead(service: &Arc<Service>, cursor: &str, limit: usize) {
    let (key, maker) = place(service, cursor, limit);
    service.pages.prefetch(&key, maker);
}

/// Under what the page at a cursor is kept, and how it is made. It is the same for everybody who has the cursor.
fn place(service: &Arc<Service>, cursor: &str, limit: usize) -> (PageKey, Make) {
    let key = PageKey::user_page(None, Some(cursor), "walk", limit);
    let (service, cursor) = (Arc::clone(service), cursor.to_owned());
    let maker = make(move || {
        let (service, cursor) = (Arc::clone(&service), cursor.clone());
        async move {
            let listing = service.feeds.listing(&service).await?;
            let part = service.feeds.sessions.part(&cursor, limit, &listing).await.ok_or_else(walk::cursor_expired)?;
            page::walked(&service, part).await
        }
    });
    (key, maker)
}

async fn discover(State(service): State<Arc<Service>>, uri: Uri) -> Answer {
    let asked: DiscoverQuery = query::read(&uri)?;
    let (number, per_page) = (query::page(asked.page())?, query::per_page(asked.per_page())?);
    let wanted = discover::Wanted::read(&asked)?;
    numbered(&service, number, |number| {
        let wanted = wanted.clone();
        let key = PageKey::discover(&wanted.filters(), number, per_page);
        let service = Arc::clone(&service);
        let maker = make(move || {
            let (service, wanted) = (Arc::clone(&service), wanted.clone());
            async move {
                let found = discover::found(&service, &wanted).await?;
                page::numbered(&service, &found, number, per_page).await
            }
        });
        (key, maker)
    })
    .await
}

async fn community(State(service): State<Arc<Service>>, uri: Uri) -> Answer {
    let asked: CommunityQuery = query::read(&uri)?;
    let (number, per_page) = (query::page(asked.page())?, query::per_page(asked.per_page())?);
    let wanted = community::Wanted::read(&asked)?;
    numbered(&service, number, |number| {
        let wanted = wanted.clone();
        let key = PageKey::community(wanted.place(), &wanted.filters(), number, per_page);
        let service = Arc::clone(&service);
        let maker = make(move || {
            let (service, wanted) = (Arc::clone(&service), wanted.clone());
            async move {
                let found = community::found(&service.feeds.listing(&service).await?.entries, &wanted);
                page::numbered(&service, &found, number, per_page).await
            }
        });
        (key, maker)
    })
    .await
}

/// The page `number`; the one behind it is made ahead, as somebody who reads on will ask for it.
async fn numbered(service: &Arc<Service>, number: usize, place: impl Fn(usize) -> (PageKey, Make)) -> Answer {
    let (key, maker) = place(number);
    let page = service.pages.page(&key, maker).await?;
    if !page.cached && has_more(&page.json) {
        let (key, maker) = place(number + 1);
        service.pages.prefetch(&key, maker);
    }
    Ok(answer(&page))
}
