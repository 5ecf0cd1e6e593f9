//! How addresses are kept, renewed and forgotten, by a clock that is moved by hand.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use flickreel::server::presign::{Clock, LIFETIME, Presigner, SignError, Wanted, ms};
use futures_util::future::join_all;

use super::rig::{Counting, HandClock, Told, created};
use crate::service::rig::until;

fn presigner() -> (Arc<Presigner>, Arc<Told>, Arc<HandClock>) {
    let ((signer, told), clock) = (Counting::new(), HandClock::new());
    (Arc::new(Presigner::new(signer).with_clock(Arc::clone(&clock) as Arc<dyn Clock>)), told, clock)
}

fn calls(told: &Told) -> u64 {
    told.calls.load(Ordering::SeqCst)
}

#[tokio::test]
async fn however_many_ask_at_once_an_address_is_signed_once() {
    let (presigner, told, _) = presigner();
    let asked: Vec<_> = join_all((0..500).map(|_| presigner.url("a.mp4", Wanted::Any))).await;
    let first = asked[0].clone().unwrap();
    assert!(asked.iter().all(|url| url.as_ref() == Ok(&first)));
    assert_eq!(calls(&told), 1);
    presigner.url("b.mp4", Wanted::Any).await.unwrap();
    assert_eq!(calls(&told), 2, "another one has an address of its own");
}

#[tokio::test]
async fn an_address_is_renewed_behind_the_back_of_who_gets_the_old_one() {
    let (presigner, told, clock) = presigner();
    let old = presigner.url("a.mp4", Wanted::Any).await.unwrap();
    clock.advance(Duration::from_secs(2_879));
    assert_eq!(presigner.url("a.mp4", Wanted::Any).await.unwrap(), old);
    assert_eq!(calls(&told), 1);
    clock.advance(Duration::from_secs(1));
    let asked: Vec<_> = join_all((0..100).map(|_| presigner.url("a.mp4", Wanted::Any))).await;
    assert!(asked.iter().all(|url| url.as_ref() == Ok(&old)));
    until("it is renewed", async || presigner.url("a.mp4", Wanted::Any).await.unwrap() != old).await;
    assert_eq!(calls(&told), 2);
    assert_eq!(presigner.stats().figures().renewals, 1);
}

#[tokio::test]
async fn nothing_is_handed_out_past_ninety_five_hundredths_of_its_life() {
    let (presigner, told, clock) = presigner();
    let old = presigner.url("a.mp4", Wanted::Any).await.unwrap();
    // Nobody has asked while it was to be renewed.
    clock.advance(Duration::from_millis(3_420_001));
    let new = presigner.url("a.mp4", Wanted::Any).await.unwrap();
    assert_ne!(new, old);
    assert_eq!(calls(&told), 2);
}

#[tokio::test]
async fn who_has_seen_one_expire_gets_one_that_is_not_about_to() {
    let (presigner, told, clock) = presigner();
    let old = presigner.url("a.mp4", Wanted::Fresh).await.unwrap();
    assert_eq!(presigner.url("a.mp4", Wanted::Fresh).await.unwrap(), old);
    clock.advance(Duration::from_mins(48));
    assert_ne!(presigner.url("a.mp4", Wanted::Fresh).await.unwrap(), old);
    assert_eq!(calls(&told), 2);
}

#[tokio::test]
async fn what_is_throttled_is_tried_three_times_with_waits_that_double() {
    let (presigner, told, clock) = presigner();
    *told.answers.lock().unwrap() = vec![SignError::Throttled(409), SignError::Throttled(429)];
    presigner.url("a.mp4", Wanted::Any).await.unwrap();
    assert_eq!((calls(&told), clock.slept()), (3, vec![200, 400]));
    *told.answers.lock().unwrap() = vec![SignError::Throttled(429); 3];
    assert_eq!(presigner.url("b.mp4", Wanted::Any).await, Err(SignError::Throttled(429)));
    assert_eq!((calls(&told), clock.slept().len()), (6, 4));
    *told.answers.lock().unwrap() = vec![SignError::Refused(403)];
    assert_eq!(presigner.url("c.mp4", Wanted::Any).await, Err(SignError::Refused(403)));
    assert_eq!(calls(&told), 7, "a refusal is not asked again");
}

#[tokio::test]
async fn a_failure_is_told_to_all_who_waited_and_the_next_second_it_is_tried_again() {
    let (presigner, told, clock) = presigner();
    *told.answers.lock().unwrap() = vec![SignError::Refused(403)];
    let asked: Vec<_> = join_all((0..100).map(|_| presigner.url("a.mp4", Wanted::Any))).await;
    assert!(asked.iter().all(|url| *url == Err(SignError::Refused(403))));
    assert_eq!(calls(&told), 1);
    clock.advance(Duration::from_secs(1));
    assert!(presigner.url("a.mp4", Wanted::Any).await.is_ok());
}

#[tokio::test]
async fn the_old_address_is_handed_out_as_long_as_it_may_be_while_none_can_be_signed() {
    let (presigner, told, clock) = presigner();
    let old = presigner.url("a.mp4", Wanted::Any).await.unwrap();
    *told.answers.lock().unwrap() = vec![SignError::Throttled(429); 300];
    clock.advance(Duration::from_mins(48));
    for asked in 0..9 {
        assert_eq!(presigner.url("a.mp4", Wanted::Any).await.unwrap(), old);
        assert_eq!(presigner.url("a.mp4", Wanted::Fresh).await.unwrap(), old);
        until("it was tried", async || presigner.stats().figures().failures > asked).await;
        clock.advance(Duration::from_secs(50));
    }
    clock.advance(Duration::from_secs(100));
    assert_eq!(presigner.url("a.mp4", Wanted::Any).await, Err(SignError::Throttled(429)));
}

#[tokio::test]
async fn after_a_flush_no_old_address_is_handed_out() {
    let (presigner, told, _) = presigner();
    let old = presigner.url("a.mp4", Wanted::Any).await.unwrap();
    assert_eq!(presigner.flush().await, 1);
    assert_ne!(presigner.url("a.mp4", Wanted::Any).await.unwrap(), old);
    assert_eq!(calls(&told), 2);
}

/// An hour and a half of viewers who turn pages of twenty, mostly of what is popular, three pages a second.
#[tokio::test]
async fn in_a_mix_of_browsing_hardly_anything_is_signed_and_nothing_that_has_expired_is_handed_out() {
    let (presigner, told, clock) = presigner();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |below: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % below
    };
    let (mut handed_out, mut expired) = (0_u64, 0_u64);
    for _ in 0..5_400 {
        for _ in 0..3 {
            // Nine of ten pages are of the newest two hundred, the others of two thousand.
            let start = if next(10) < 9 { next(180) } else { next(1_980) };
            for video in start..start + 20 {
                let url = presigner.url(&format!("{video}.mp4"), Wanted::Any).await.unwrap();
                let age = ms(clock.now()) - created(&url);
                handed_out += 1;
                expired += u64::from(age > u64::try_from(LIFETIME.as_millis()).unwrap() * 95 / 100);
            }
        }
        clock.advance(Duration::from_secs(1));
    }
    let figures = presigner.stats().figures();
    let (signed, hits) = (calls(&told), figures.hits);
    println!("{handed_out} addresses handed out, {signed} signed, {hits} hits, {} renewals", figures.renewals);
    assert_eq!(expired, 0);
    assert!(signed * 20 < handed_out, "{signed} of {handed_out} were signed");
    assert!(hits * 10 > handed_out * 9, "{hits} of {handed_out} were there");
}
