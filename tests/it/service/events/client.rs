//! The desktop client's ears at the real service, and what it says there.

use std::sync::Arc;

use flickreel::metrics::Counters;
use flickreel::source::{Source, SourceContext, Told, listen};
use serde_json::json;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::watch;

use super::rig::Replica;
use crate::service::rig::{Redis, until};

/// A client of the feed, as the program has it.
fn client(replica: &Replica) -> (watch::Sender<Option<String>>, UnboundedReceiver<Told>) {
    client_that_watches(replica, watch::channel(None).1)
}

/// The same of somebody who watches streams.
fn client_that_watches(
    replica: &Replica,
    watched: watch::Receiver<Option<String>>,
) -> (watch::Sender<Option<String>>, UnboundedReceiver<Told>) {
    let context = SourceContext::new(Arc::new(Counters::default())).unwrap();
    let source = Source::parse(&[format!("http://{}/feed/videos", replica.address)]).unwrap();
    context.note_opened(&source);
    let (place, places) = watch::channel(Some(format!("http://{}/ws", replica.address)));
    let (tell, told) = unbounded_channel();
    tokio::spawn(async move {
        let tell = move |news| {
            let _ = tell.send(news);
        };
        listen(&context, places, watched, tell).await.unwrap();
    });
    (place, told)
}

/// Does `what` again and again until the client is told something like `wanted`: when it connects nobody knows.
async fn hears(told: &mut UnboundedReceiver<Told>, wanted: impl Fn(&Told) -> bool, mut what: impl AsyncFnMut()) {
    until("it is heard", async || {
        what().await;
        std::iter::from_fn(|| told.try_recv().ok()).any(|told| wanted(&told))
    })
    .await;
}

async fn hears_of_a_stream(told: &mut UnboundedReceiver<Told>, replica: &Replica) {
    let changes = async || {
        replica.go_live(&replica.stream()).await;
        replica.end_stream(&replica.stream()).await;
    };
    hears(told, |told| *told == Told::Changed, changes).await;
}

#[tokio::test]
async fn a_stream_that_goes_live_at_one_replica_is_heard_by_a_client_of_another() {
    let redis = Redis::start().await;
    let here = Replica::with(|config| config.with_redis(&redis.address())).await;
    let there = Replica::with(|config| config.with_redis(&redis.address())).await;
    let (_place, mut told) = client(&there);
    hears_of_a_stream(&mut told, &here).await;
}

#[tokio::test]
async fn a_client_comes_back_when_the_service_was_started_again() {
    let replica = Replica::start().await;
    let (_place, mut told) = client(&replica);
    hears_of_a_stream(&mut told, &replica).await;
    let address = replica.address.to_string();
    replica.end().await;
    let replica = Replica::at(&address, |config| config).await;
    // Nobody watched a stream before: this is no late news.
    let (mut viewer, stream) = (replica.watch().await, json!({"stream_id": replica.stream()}));
    let comes_and_goes = async || {
        viewer.ask("viewer_joined", stream.clone()).await;
        viewer.until_is("viewer_count_updated", "count", 1).await;
        viewer.ask("viewer_left", stream.clone()).await;
        viewer.until_is("viewer_count_updated", "count", 0).await;
    };
    hears(&mut told, |told| matches!(told, Told::Viewers(_)), comes_and_goes).await;
}

#[tokio::test]
async fn two_clients_that_watch_a_stream_are_two_viewers_until_one_goes_on_or_is_gone() {
    let replica = Replica::start().await;
    let stream = Some(replica.stream());
    let ((_here, watched), (there, watched_there)) = (watch::channel(stream.clone()), watch::channel(stream.clone()));
    let (_place, mut told) = client_that_watches(&replica, watched);
    let (place_there, _told_there) = client_that_watches(&replica, watched_there);
    let counted = |count| Told::Viewers(vec![(replica.stream(), count)]);
    hears(&mut told, |told| *told == counted(2), async || ()).await;
    there.send_replace(None);
    hears(&mut told, |told| *told == counted(1), async || ()).await;
    there.send_replace(stream);
    hears(&mut told, |told| *told == counted(2), async || ()).await;
    drop(place_there);
    hears(&mut told, |told| *told == counted(1), async || ()).await;
}
