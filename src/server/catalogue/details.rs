//! What is known of a video beyond its file: read from a JSON file beside it, `clip.json` for `clip.mp4`.
//!
//! The fields are those of a feed's item, and all of them may be left out. One that makes no sense is as if absent: a
//! slip in a side file costs that field, not the video.

use serde_json::{Map, Value};

use crate::server::status::StreamStatus;

/// Largest side file, in bytes.
pub(super) const BYTES_MAX: u64 = 64 << 10;
/// Tags kept of one video.
const TAGS_MAX: usize = 30;

/// What is told of a video. Texts are as they were written; whoever shows them cleans them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::server) struct Details {
    /// `title`; without it the name of the file is one.
    pub title: Option<String>,
    /// `description`; may be empty.
    pub description: String,
    /// `tags`: in lower case and without the leading `#`.
    pub tags: Vec<String>,
    /// `makerId`; without it the folder is the maker.
    pub maker: Option<String>,
    /// `category`.
    pub category: Option<String>,
    /// `live`: the video is a stream.
    pub live: Option<Live>,
    /// `location`: where it was made, or where what it shows is offered.
    pub place: Option<Place>,
    /// `product`: what it offers.
    pub product: Option<Product>,
    /// `contentWarning`: what is warned of. May be empty: then it is only known that there is something to warn of.
    pub content_warning: Option<String>,
    /// `altText`: what is to be seen in it, for who does not see it.
    pub alt_text: Option<String>,
    /// `likeCount`: likes before the first one that this service counts.
    pub likes: u64,
    /// `viewCount`: views before the first one that this service counts.
    pub views: u64,
    /// `isActive` is false: no feed shows it.
    pub is_hidden: bool,
    /// The captions that lie beside it, in the order in which they are offered. No field of the side file.
    pub captions: Vec<Caption>,
}

/// `live{status, streamId}`: a stream as it stood when the side file was written; what happened since is kept elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::server) struct Live {
    /// `SCHEDULED`, `LIVE` or `ENDED`, in letters of any size.
    pub status: StreamStatus,
    /// What events call the stream; `None`: the identity of the video. `streamId` beside `live` says the same.
    pub stream_id: Option<String>,
}

/// `location{latitude, longitude, neighborhood}`.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::server) struct Place {
    /// Degrees north, −90 to 90.
    pub latitude: f64,
    /// Degrees east, −180 to 180.
    pub longitude: f64,
    pub neighborhood: Option<String>,
}

/// `product{id, price, currency, condition, category, sold}`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::server) struct Product {
    /// What events call it.
    pub id: Option<String>,
    /// In whole units of `currency`; never negative.
    pub price: Option<f64>,
    /// As ISO 4217 has it: `EUR`.
    pub currency: Option<String>,
    /// `new`, `used` and the like.
    pub condition: Option<String>,
    pub category: Option<String>,
    pub sold: bool,
}

/// A file of captions beside a video.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::server) struct Caption {
    /// Path below the root, with `/` between the parts.
    pub relative: String,
    /// Its language as a tag (`en`, `pt-BR`); may be empty.
    pub language: String,
    /// What a viewer knows it by; may be empty.
    pub label: String,
}

/// Reads a side file. Beside the details stand the names of the fields that made no sense, as `product.price`.
///
/// # Errors
/// What is wrong with the file as a whole, in words.
pub(super) fn read(bytes: &[u8]) -> Result<(Details, Vec<String>), String> {
    if bytes.len() as u64 > BYTES_MAX {
        return Err(format!("it has more than {} KiB", BYTES_MAX >> 10));
    }
    let json: Value = serde_json::from_slice(bytes).map_err(|err| err.to_string())?;
    let map = json.as_object().ok_or("it is no JSON object")?;
    let mut ignored = Vec::new();
    let mut fields = Fields { map, within: "", ignored: &mut ignored };
    let stream_id = fields.text("streamId");
    let live = fields.object("live", "live.").and_then(|mut live| {
        let told = live.text("streamId");
        Some(Live { status: live.needed("status", status)?, stream_id: told.or(stream_id) })
    });
    let place = fields.object("location", "location.").and_then(|mut place| {
        let neighborhood = place.text("neighborhood");
        let latitude = place.needed("latitude", |told| degrees(told, 90.0));
        let longitude = place.needed("longitude", |told| degrees(told, 180.0));
        Some(Place { latitude: latitude?, longitude: longitude?, neighborhood })
    });
    let product = fields.object("product", "product.").map(|mut product| Product {
        id: product.take("id", name),
        price: product.take("price", |told| told.as_f64().filter(|price| *price >= 0.0)),
        currency: product.text("currency"),
        condition: product.text("condition"),
        category: product.text("category"),
        sold: product.take("sold", Value::as_bool).unwrap_or_default(),
    });
    let details = Details {
        title: fields.text("title"),
        description: fields.text("description").unwrap_or_default(),
        tags: fields.take("tags", tags).unwrap_or_default(),
        maker: fields.take("makerId", name),
        category: fields.text("category"),
        live,
        place,
        product,
        content_warning: fields.take("contentWarning", warning).filter(|words| !words.is_empty()).map(|words| words.join(", ")),
        alt_text: fields.text("altText"),
        likes: fields.take("likeCount", Value::as_u64).unwrap_or_default(),
        views: fields.take("viewCount", Value::as_u64).unwrap_or_default(),
        is_hidden: fields.take("isActive", Value::as_bool) == Some(false),
        captions: Vec::new(),
    };
    Ok((details, ignored))
}

/// The fields of an object, and those of them that made no sense so far.
struct Fields<'a> {
    map: &'a Map<String, Value>,
    /// What stands before their names in what is told of them.
    within: &'static str,
    ignored: &'a mut Vec<String>,
}

impl Fields<'_> {
    /// A field as `read` understands it. One that is absent or `null` is nothing to complain of.
    fn take<T>(&mut self, name: &str, read: impl FnOnce(&Value) -> Option<T>) -> Option<T> {
        let value = self.map.get(name).filter(|value| !value.is_null())?;
        let read = read(value);
        if read.is_none() {
            self.complain(name);
        }
        read
    }

    /// A field without which the object around it makes no sense.
    fn needed<T>(&mut self, name: &str, read: impl FnOnce(&Value) -> Option<T>) -> Option<T> {
        let read = self.map.get(name).and_then(read);
        if read.is_none() {
            self.complain(name);
        }
        read
    }

    fn complain(&mut self, name: &str) {
        self.ignored.push(format!("{}{name}", self.within));
    }

    /// Words; empty ones are none.
    fn text(&mut self, name: &str) -> Option<String> {
        self.take(name, |told| told.as_str().map(|text| text.trim().to_owned())).filter(|text| !text.is_empty())
    }

    fn object(&mut self, name: &str, within: &'static str) -> Option<Fields<'_>> {
        let map = match self.map.get(name)? {
            Value::Object(map) => map,
            Value::Null => return None,
            _ => {
                self.complain(name);
                return None;
            }
        };
        Some(Fields { map, within, ignored: self.ignored })
    }
}

/// Identities are text; some write them as numbers.
fn name(told: &Value) -> Option<String> {
    match told {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn status(told: &Value) -> Option<StreamStatus> {
    match told.as_str()?.to_ascii_uppercase().as_str() {
        "SCHEDULED" => Some(StreamStatus::Scheduled),
        "LIVE" => Some(StreamStatus::Live),
        "ENDED" => Some(StreamStatus::Ended),
        _ => None,
    }
}

fn degrees(told: &Value, most: f64) -> Option<f64> {
    told.as_f64().filter(|degrees| (-most..=most).contains(degrees))
}

fn tags(told: &Value) -> Option<Vec<String>> {
    let words = told.as_array()?.iter().filter_map(Value::as_str);
    let words = words.map(|word| word.trim().trim_start_matches('#').to_lowercase()).filter(|word| !word.is_empty());
    Some(words.take(TAGS_MAX).collect())
}

/// Words, several of them, or only whether there is something to warn of. None at all: there is nothing.
fn warning(told: &Value) -> Option<Vec<String>> {
    let words: Vec<&str> = match told {
        Value::Bool(is_warned) => return Some(vec![String::new(); usize::from(*is_warned)]),
        Value::String(words) => vec![words],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => return None,
    };
    Some(words.into_iter().map(str::trim).filter(|words| !words.is_empty()).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(json: &Value) -> (Details, Vec<String>) {
        read(json.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn a_side_file_is_read_by_the_names_of_a_feeds_item() {
        let (details, ignored) = told(&json!({
            "title": " Koi ", "description": "A pond.", "tags": ["#Fish", " pond", "", 7], "makerId": 12, "category": "pets",
            "live": {"status": "live", "streamId": "s1"}, "contentWarning": ["Water", "fish"], "altText": "Fish swim.",
            "location": {"latitude": 25.2, "longitude": 55.27, "neighborhood": "Marina"},
            "product": {"id": "p1", "price": 12.5, "currency": "AED", "condition": "new", "category": "fish", "sold": true},
            "likeCount": 3, "viewCount": 40, "isActive": false, "unheardOf": {}, "hlsManifestUrl": null
        }));
        let text = |text: &str| Some(text.to_owned());
        let expected = Details {
            title: text("Koi"),
            description: "A pond.".to_owned(),
            tags: vec!["fish".to_owned(), "pond".to_owned()],
            maker: text("12"),
            category: text("pets"),
            live: Some(Live { status: StreamStatus::Live, stream_id: text("s1") }),
            place: Some(Place { latitude: 25.2, longitude: 55.27, neighborhood: text("Marina") }),
            product: Some(Product {
                id: text("p1"),
                price: Some(12.5),
                currency: text("AED"),
                condition: text("new"),
                category: text("fish"),
                sold: true,
            }),
            content_warning: text("Water, fish"),
            alt_text: text("Fish swim."),
            likes: 3,
            views: 40,
            is_hidden: true,
            captions: Vec::new(),
        };
        assert_eq!((details, ignored), (expected, Vec::new()));
    }

    #[test]
    fn a_field_that_makes_no_sense_costs_itself_alone_and_is_named() {
        let (details, ignored) = told(&json!({
            "title": 7, "description": "Kept.", "tags": "fish", "live": {"status": "maybe"}, "location": {"latitude": 91, "longitude": 0},
            "product": {"price": -1, "id": [], "currency": "EUR"}, "likeCount": -2, "isActive": "no", "contentWarning": 1, "makerId": {}
        }));
        let product = Some(Product { currency: Some("EUR".to_owned()), ..Product::default() });
        assert_eq!(details, Details { description: "Kept.".to_owned(), product, ..Details::default() });
        let expected = [
            "live.status",
            "location.latitude",
            "product.id",
            "product.price",
            "title",
            "tags",
            "makerId",
            "contentWarning",
            "likeCount",
            "isActive",
        ];
        assert_eq!(ignored, expected);
        assert_eq!(told(&json!({"live": true, "location": {"latitude": 1}})).1, ["live", "location.longitude"]);
    }

    #[test]
    fn a_warning_may_be_without_words_and_a_stream_may_be_named_beside_its_state() {
        let warning = |warning: Value| told(&json!({ "contentWarning": warning })).0.content_warning;
        assert_eq!((warning(json!(true)), warning(json!(false)), warning(json!([]))), (Some(String::new()), None, None));
        let live = told(&json!({"streamId": "s1", "live": {"status": "SCHEDULED"}})).0.live;
        assert_eq!(live, Some(Live { status: StreamStatus::Scheduled, stream_id: Some("s1".to_owned()) }));
    }

    #[test]
    fn what_is_no_object_or_too_large_is_refused_with_a_reason() {
        let refused = |bytes: &[u8]| read(bytes).unwrap_err();
        assert_eq!(refused(b"[]"), "it is no JSON object");
        assert!(refused(b"{").contains("EOF while parsing"));
        assert!(refused(b"\xff").contains("line 1"));
        assert_eq!(refused(format!(r#"{{"title": "{}"}}"#, "x".repeat(64 << 10)).as_bytes()), "it has more than 64 KiB");
        let deep = "[".repeat(10_000);
        assert!(read(deep.as_bytes()).is_err());
    }
}
