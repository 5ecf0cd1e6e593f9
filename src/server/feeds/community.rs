//! The community feed: what is at a place, and what is offered there.

use std::cmp::Ordering;

use serde::Deserialize;
use serde_json::{Value, json};

use super::listing::Entry;
use super::query;
use super::rank;
use crate::server::catalogue::Place;
use crate::server::refusal::Refusal;

/// How far around a place is looked when nobody says, in kilometres.
const RADIUS_KM: f64 = 5.0;
/// The farthest that is looked: half around the earth.
const RADIUS_KM_MAX: f64 = 20_038.0;
/// The highest price that can be asked for.
const PRICE_MAX: f64 = 1e12;
/// The mean radius of the earth (IUGG), in kilometres.
const EARTH_KM: f64 = 6_371.008_8;

/// The query of the community feed.
#[derive(Debug, Default, Deserialize)]
pub struct CommunityQuery {
    page: Option<String>,
    per_page: Option<String>,
    latitude: Option<String>,
    longitude: Option<String>,
    radius_km: Option<String>,
    category: Option<String>,
    condition: Option<String>,
    min_price: Option<String>,
    max_price: Option<String>,
    neighborhood: Option<String>,
    sort: Option<String>,
}

impl CommunityQuery {
    pub fn page(&self) -> Option<&str> {
        self.page.as_deref()
    }

    pub fn per_page(&self) -> Option<&str> {
        self.per_page.as_deref()
    }
}

/// An order of the community feed. What is equal comes the newest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// The nearest first; the newest first where nobody says where they are.
    #[default]
    Nearest,
    /// The newest first.
    Recent,
    /// The cheapest first; what has no price comes last.
    PriceLow,
    /// The dearest first; what has no price comes last.
    PriceHigh,
}

const SORTS: [(&str, Sort); 4] =
    [("nearest", Sort::Nearest), ("recent", Sort::Recent), ("price_low", Sort::PriceLow), ("price_high", Sort::PriceHigh)];

/// What of the community feed is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// Latitude and longitude in degrees, radius in kilometres.
    around: Option<(f64, f64, f64)>,
    category: Option<String>,
    condition: Option<String>,
    min_price: Option<f64>,
    max_price: Option<f64>,
    neighborhood: Option<String>,
    sort: Sort,
}

impl Wanted {
    /// # Errors
    /// A field that cannot be followed.
    pub fn read(asked: &CommunityQuery) -> Result<Self, Refusal> {
        let degrees = |field, text: &Option<String>, most: f64| query::number(field, "bad_location", text.as_deref(), -most, most);
        let latitude = degrees("latitude", &asked.latitude, 90.0)?;
        let longitude = degrees("longitude", &asked.longitude, 180.0)?;
        let radius = query::number("radius_km", "bad_radius", asked.radius_km.as_deref(), 0.1, RADIUS_KM_MAX)?;
        let around = match (latitude, longitude) {
            // As exact as the key of a page: who asks next from across the street gets the same page, and the same distances.
            (Some(latitude), Some(longitude)) => Some((rounded(latitude), rounded(longitude), radius.unwrap_or(RADIUS_KM))),
            (None, None) if radius.is_none() => None,
            (Some(_), None) => return Err(query::bad("longitude", "bad_location", "latitude needs a longitude")),
            (None, _) => return Err(query::bad("latitude", "bad_location", "longitude and radius_km need a latitude")),
        };
        let price = |field, text: &Option<String>| query::number(field, "bad_price", text.as_deref(), 0.0, PRICE_MAX);
        let (min_price, max_price) = (price("min_price", &asked.min_price)?, price("max_price", &asked.max_price)?);
        if matches!((min_price, max_price), (Some(least), Some(most)) if least > most) {
            return Err(query::bad("min_price", "bad_price", "min_price must be no more than max_price"));
        }
        Ok(Self {
            around,
            category: query::word("category", "bad_category", asked.category.as_deref())?,
            condition: query::word("condition", "bad_condition", asked.condition.as_deref())?,
            min_price,
            max_price,
            neighborhood: query::word("neighborhood", "bad_neighborhood", asked.neighborhood.as_deref())?,
            sort: query::one_of("sort", "bad_sort", asked.sort.as_deref(), &SORTS)?.unwrap_or_default(),
        })
    }

    /// The place, as a key of a page is made of it.
    pub fn place(&self) -> Option<(f64, f64, f64)> {
        self.around
    }

    /// The filters, as a key of a page is made of them.
    pub fn filters(&self) -> Value {
        json!({
            "category": self.category, "condition": self.condition, "max_price": self.max_price, "min_price": self.min_price,
            "neighborhood": self.neighborhood, "sort": query::name_of(&SORTS, self.sort),
        })
    }

    /// Whether a video is at a place or offers something, and is what is asked for wherever it is.
    fn fits(&self, entry: &Entry) -> bool {
        let details = entry.video.details();
        let (place, product) = (details.place.as_ref(), details.product.as_ref());
        let is = |own: Option<&String>, wanted: &Option<String>| {
            wanted.as_ref().is_none_or(|wanted| own.is_some_and(|own| own.to_lowercase() == *wanted))
        };
        let category = product.and_then(|product| product.category.as_ref()).or(details.category.as_ref());
        let is_priced = match (self.min_price, self.max_price) {
            (None, None) => true,
            (least, most) => {
                price(entry).is_some_and(|price| least.is_none_or(|least| price >= least) && most.is_none_or(|most| price <= most))
            }
        };
        // What is sold is no longer offered.
        let is_offered = product.map_or(place.is_some(), |product| !product.sold);
        is_offered
            && is_priced
            && is(category, &self.category)
            && is(product.and_then(|product| product.condition.as_ref()), &self.condition)
            && is(place.and_then(|place| place.neighborhood.as_ref()), &self.neighborhood)
    }
}

/// All that the feed holds of `entries`, in order, each with how far away it is.
pub fn found(entries: &[Entry], wanted: &Wanted) -> Vec<(Entry, Option<f64>)> {
    let newest = rank::newest(entries.to_vec());
    let mut found: Vec<_> = newest.into_iter().filter(|entry| wanted.fits(entry)).map(|entry| (entry, None)).collect();
    if let Some((latitude, longitude, radius)) = wanted.around {
        for (entry, distance) in &mut found {
            *distance = entry.video.details().place.as_ref().map(|place| distance_km(latitude, longitude, place));
        }
        found.retain(|(_, distance)| distance.is_some_and(|distance| distance <= radius));
    }
    match wanted.sort {
        Sort::Recent => {}
        Sort::Nearest => found.sort_by(|(_, a), (_, b)| or_last(*a, *b, f64::total_cmp)),
        Sort::PriceLow => found.sort_by(|(a, _), (b, _)| or_last(price(a), price(b), f64::total_cmp)),
        Sort::PriceHigh => found.sort_by(|(a, _), (b, _)| or_last(price(a), price(b), |a, b| b.total_cmp(a))),
    }
    found
}

fn price(entry: &Entry) -> Option<f64> {
    entry.video.details().product.as_ref().and_then(|product| product.price)
}

/// By `order`, and what is not known last.
fn or_last(a: Option<f64>, b: Option<f64>, order: impl Fn(&f64, &f64) -> Ordering) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => order(&a, &b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}

fn rounded(degrees: f64) -> f64 {
    (degrees * 100.0).round() / 100.0
}

/// The way over the surface of a round earth (haversine formula).
fn distance_km(latitude: f64, longitude: f64, place: &Place) -> f64 {
    let [from, to] = [latitude, place.latitude].map(f64::to_radians);
    let half = |angle: f64| (angle / 2.0).sin().powi(2);
    let chord = half(to - from) + from.cos() * to.cos() * half((place.longitude - longitude).to_radians());
    // Rounding may bring it a little above one on the other side of the earth.
    2.0 * EARTH_KM * chord.sqrt().min(1.0).asin()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(latitude: f64, longitude: f64) -> Place {
        Place { latitude, longitude, neighborhood: None }
    }

    fn is_about(km: f64, about: f64) -> bool {
        (km - about).abs() <= about * 0.001 + 1e-6
    }

    #[test]
    fn distances_are_those_over_a_round_earth() {
        // A degree of a great circle; across the line where days change; to the other side; between two cities.
        assert!(is_about(distance_km(0.0, 0.0, &place(1.0, 0.0)), 111.195));
        assert!(is_about(distance_km(0.0, 179.5, &place(0.0, -179.5)), 111.195));
        assert!(is_about(distance_km(10.0, 20.0, &place(-10.0, -160.0)), 20_015.1));
        assert!(is_about(distance_km(25.2048, 55.2708, &place(24.4539, 54.3773)), 122.81), "Dubai to Abu Dhabi");
        assert!(distance_km(25.2, 55.27, &place(25.2, 55.27)).abs() < 1e-9);
    }

    #[test]
    fn what_is_asked_for_is_read_and_what_cannot_be_is_refused() {
        let read = |query: &str| Wanted::read(&query::read(&format!("/?{query}").parse().unwrap()).unwrap());
        let all = "latitude=25.2048&longitude=55.2708&category=Fashion&condition=NEW&min_price=1&max_price=9.5&sort=price_low&what=7";
        let wanted = read(all).unwrap();
        assert_eq!((wanted.place(), wanted.sort), (Some((25.2, 55.27, 5.0)), Sort::PriceLow));
        let expected = json!({
            "category": "fashion", "condition": "new", "max_price": 9.5, "min_price": 1.0, "neighborhood": null, "sort": "price_low"
        });
        assert_eq!(wanted.filters(), expected);
        for bad in [
            "latitude=91&longitude=0",
            "latitude=0&longitude=-180.1",
            "latitude=x&longitude=0",
            "latitude=1",
            "longitude=1",
            "radius_km=5",
            "latitude=0&longitude=0&radius_km=0",
            "latitude=0&longitude=0&radius_km=-1",
            "latitude=0&longitude=0&radius_km=NaN",
            "min_price=-1",
            "max_price=cheap",
            "min_price=5&max_price=4",
            "sort=best",
            &format!("category={}", "x".repeat(129)),
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
