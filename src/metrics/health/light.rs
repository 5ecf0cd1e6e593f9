//! One figure against its bounds. A level holds from the moment its bound is broken; it ends only when the figure has
//! been clear of the bound for a while, so that a figure beside a bound does not flicker.

use std::time::Duration;

use super::Status;

/// A figure has to be clear of its bound for so long before its light goes out.
const CALM_FOR: Duration = Duration::from_secs(30);

/// Where a level begins and where it ends. Greater is worse.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    /// Beyond this it begins.
    pub over: f64,
    /// At this or below it is clear of it.
    pub until: f64,
}

/// The levels of a figure; one that is not there never holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Levels {
    pub warning: Option<Edge>,
    pub critical: Option<Edge>,
}

impl Levels {
    /// The level whose edge, as `side` reads it, the figure is beyond.
    fn of(&self, figure: f64, side: fn(Edge) -> f64) -> Status {
        let beyond = |edge: Option<Edge>| edge.is_some_and(|edge| figure > side(edge));
        if beyond(self.critical) {
            Status::Critical
        } else if beyond(self.warning) {
            Status::Warning
        } else {
            Status::Healthy
        }
    }
}

/// The light of one figure.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Light {
    status: Status,
    /// Since when the figure has been clear of the level that holds, and the worst level it kept meanwhile.
    calm: Option<(Duration, Status)>,
    /// The last figure that kept the level up.
    figure: f64,
}

impl Light {
    /// Takes in the figure at `now`; `None`: too little is known to hold anything against it. Returns the level that
    /// holds and the figure that it holds for.
    pub fn look(&mut self, levels: &Levels, figure: Option<f64>, now: Duration) -> (Status, f64) {
        let of = |side: fn(Edge) -> f64| figure.map_or(Status::Healthy, |figure| levels.of(figure, side));
        let begun = of(|edge| edge.over);
        let kept = of(|edge| edge.until).min(self.status).max(begun);
        if begun > self.status || kept == self.status {
            (self.status, self.calm) = (begun.max(self.status), None);
            self.figure = figure.unwrap_or(self.figure);
        } else {
            let (since, worst) = self.calm.map_or((now, kept), |(since, worst)| (since, worst.max(kept)));
            self.calm = Some((since, worst));
            if now.saturating_sub(since) >= CALM_FOR {
                (self.status, self.calm) = (worst, None);
                self.figure = figure.unwrap_or(self.figure);
            }
        }
        (self.status, self.figure)
    }
}
