//! One signed address as it is kept, and the rules of its age. Pure: times are passed in.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// How long a signature is good for, unless it is asked otherwise.
pub const LIFETIME: Duration = Duration::from_hours(1);
/// An address is renewed at least this long before it expires.
const RENEWED_BEFORE_MS: u64 = 300_000;
/// And at least this share of its life before, in percent.
const RENEWED_BEFORE_PERCENT: u64 = 20;
/// Of a life that is shorter than those five minutes half is used before it is renewed: it would be renewed without end.
const RENEWED_BEFORE_PERCENT_MAX: u64 = 50;
/// It is handed out within this share of its life, in percent: who gets it wants to use it, too.
const HANDED_OUT_PERCENT: u64 = 95;

/// What is to be done with an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is handed out.
    Fresh,
    /// It is handed out, and renewed meanwhile.
    RenewSoon,
    /// It is handed out no more.
    Spent,
}

/// A signed address, in Redis as JSON in camelCase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// The address with its signature.
    pub url: String,
    /// The address without.
    pub original_url: String,
    /// When it was signed, in milliseconds since 1970.
    pub created_at: u64,
    /// When the signature expires, in milliseconds since 1970.
    pub expires_at: u64,
    /// What was signed for: the path of the media below the place where all of it lies.
    pub path: String,
    /// What it lies in: `s3`, `s3-fallback`, `cloudfront`.
    pub storage_type: String,
    /// How it is signed: `sigv4`, `rsa-sha256`, `ecdsa-sha256`.
    pub auth_type: String,
    /// The region that was signed for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The service that was signed for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// How often credentials had been rotated before: an entry of another number is not handed out.
    pub version: u64,
    /// Which credentials have signed, and for which place. Replicas that were given new ones do not hand out what
    /// others have signed with the old ones.
    pub signed_by: String,
}

impl Entry {
    /// How it stands with it.
    #[must_use]
    pub fn standing(&self, now: SystemTime) -> Standing {
        let now = ms(now);
        let life = self.expires_at.saturating_sub(self.created_at);
        let margin = RENEWED_BEFORE_MS.max(share(life, RENEWED_BEFORE_PERCENT)).min(share(life, RENEWED_BEFORE_PERCENT_MAX));
        if now > self.handed_out_until() {
            Standing::Spent
        } else if now >= self.expires_at.saturating_sub(margin) {
            Standing::RenewSoon
        } else {
            Standing::Fresh
        }
    }

    /// The last moment at which it is handed out, in milliseconds since 1970.
    #[must_use]
    pub fn handed_out_until(&self) -> u64 {
        self.created_at + share(self.expires_at.saturating_sub(self.created_at), HANDED_OUT_PERCENT)
    }
}

/// Milliseconds since 1970.
#[must_use]
pub fn ms(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

fn share(whole: u64, percent: u64) -> u64 {
    // Divided first where the product would not fit, which no lifetime comes near to.
    whole.checked_mul(percent).map_or(whole / 100 * percent, |product| product / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREATED: u64 = 1_700_000_000_000;

    fn entry(lifetime_s: u64) -> Entry {
        Entry {
            url: "https://s3.example/b/a.mp4?X-Amz-Signature=1".into(),
            original_url: "https://s3.example/b/a.mp4".into(),
            created_at: CREATED,
            expires_at: CREATED + lifetime_s * 1000,
            path: "a.mp4".into(),
            storage_type: "s3".into(),
            auth_type: "sigv4".into(),
            region: Some("eu-west-1".into()),
            service: None,
            version: 0,
            signed_by: "0011223344556677".into(),
        }
    }

    fn after(lifetime_s: u64, age_ms: u64) -> Standing {
        entry(lifetime_s).standing(UNIX_EPOCH + Duration::from_millis(CREATED + age_ms))
    }

    #[test]
    fn an_hour_is_renewed_from_a_fifth_before_its_end_and_handed_out_for_ninety_five_hundredths() {
        assert_eq!(after(3_600, 0), Standing::Fresh);
        assert_eq!((after(3_600, 2_879_999), after(3_600, 2_880_000)), (Standing::Fresh, Standing::RenewSoon));
        assert_eq!((after(3_600, 3_420_000), after(3_600, 3_420_001)), (Standing::RenewSoon, Standing::Spent));
    }

    #[test]
    fn a_shorter_life_is_renewed_five_minutes_before_its_end() {
        assert_eq!((after(1_000, 699_999), after(1_000, 700_000)), (Standing::Fresh, Standing::RenewSoon));
        assert_eq!((after(1_000, 950_000), after(1_000, 950_001)), (Standing::RenewSoon, Standing::Spent));
        // Where both rules meet.
        assert_eq!((after(1_500, 1_199_999), after(1_500, 1_200_000)), (Standing::Fresh, Standing::RenewSoon));
    }

    #[test]
    fn a_life_of_seconds_is_not_renewed_from_its_first_moment() {
        assert_eq!((after(2, 0), after(2, 999), after(2, 1_000)), (Standing::Fresh, Standing::Fresh, Standing::RenewSoon));
        assert_eq!((after(2, 1_900), after(2, 1_901)), (Standing::RenewSoon, Standing::Spent));
        assert_eq!(after(0, 1), Standing::Spent);
    }

    #[test]
    fn a_clock_that_is_set_back_spends_nothing() {
        assert_eq!(entry(3_600).standing(UNIX_EPOCH), Standing::Fresh);
    }

    #[test]
    fn it_is_kept_as_json_in_camel_case() {
        let json = serde_json::to_value(entry(1)).unwrap();
        let names: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
        let mut expected =
            ["url", "originalUrl", "createdAt", "expiresAt", "path", "storageType", "authType", "region", "version", "signedBy"];
        expected.sort_unstable();
        let mut names = names;
        names.sort_unstable();
        assert_eq!(names, expected);
        assert_eq!(serde_json::from_value::<Entry>(json).unwrap(), entry(1));
    }
}
