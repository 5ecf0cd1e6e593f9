//! The figures a script may bound, by name, and whether a report keeps the bounds.

use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::figure::{FIGURES, Figure, Good, tidy};
use super::report::Report;

/// Bounds on figures, each figure by its place in `FIGURES`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Thresholds(Vec<(usize, f64)>);

impl Thresholds {
    /// How many bounds there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A sentence for each bound that `report` does not keep. A figure that was not measured keeps no bound.
    pub(super) fn broken(&self, report: &Report) -> Vec<String> {
        let report = serde_json::to_value(report).unwrap_or_default();
        let broken = |&(at, bound): &(usize, f64)| {
            let figure = FIGURES.get(at)?;
            let Figure { name, good, words, .. } = figure;
            let (kept, side) = match (figure.read(&report), good) {
                (None, _) => return Some(format!("{name}: {words} was not measured")),
                (Some(value), Good::AtMost) if value <= bound => return None,
                (Some(value), Good::AtLeast) if value >= bound => return None,
                (Some(value), Good::AtMost) => (value, "at most"),
                (Some(value), Good::AtLeast) => (value, "at least"),
            };
            let unit = figure.unit.words();
            Some(format!("{name}: {words}: {}{unit}, {side} {}{unit} is asked for", tidy(kept), tidy(bound)))
        };
        self.0.iter().filter_map(broken).collect()
    }
}

impl<'de> Deserialize<'de> for Thresholds {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Bounds;

        impl<'de> Visitor<'de> for Bounds {
            type Value = Thresholds;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bounds by the name of a figure, such as warm_p95_ms = 17")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Thresholds, A::Error> {
                let mut bounds = Vec::new();
                while let Some(FigureAt(at)) = map.next_key()? {
                    bounds.push((at, map.next_value::<Bound>()?.0));
                }
                // The order of the report, whatever order the file has.
                bounds.sort_unstable_by_key(|&(at, _)| at);
                Ok(Thresholds(bounds))
            }
        }

        input.deserialize_map(Bounds)
    }
}

/// A figure by its name. Refused as a key, so that the sentence comes with the line of the key.
struct FigureAt(usize);

impl<'de> Deserialize<'de> for FigureAt {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let name = String::deserialize(input)?;
        FIGURES.iter().position(|figure| figure.name == name).map(Self).ok_or_else(|| {
            let names: Vec<_> = FIGURES.iter().map(|figure| figure.name).collect();
            D::Error::custom(format!("there is no figure '{name}'; figures are {}", names.join(", ")))
        })
    }
}

/// A bound: a number that is not NaN and not negative.
struct Bound(f64);

impl<'de> Deserialize<'de> for Bound {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let bound = f64::deserialize(input)?;
        if bound >= 0.0 { Ok(Self(bound)) } else { Err(D::Error::custom("a bound is a number from 0 on")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_numbers_from_zero_on() {
        assert_eq!(toml::from_str::<Thresholds>("stuck = 0\njank_pct = 0.5\n").unwrap().len(), 2);
        for wrong in ["stuck = -1", "stuck = nan", "stuck = \"none\""] {
            assert!(toml::from_str::<Thresholds>(wrong).is_err(), "{wrong}");
        }
    }
}
