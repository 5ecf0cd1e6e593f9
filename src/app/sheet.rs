//! The sheets: what is read or set over the feed, one at a time.

use super::model::Model;

/// A sheet over the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sheet {
    /// Every key and what it does.
    Keys,
    /// What can be set.
    Settings,
    /// Another source: an address, recent ones.
    Open,
}

impl Model {
    /// The sheet that is open.
    #[must_use]
    pub fn sheet(&self) -> Option<Sheet> {
        self.sheet
    }

    /// What the viewer set.
    #[must_use]
    pub fn preferences(&self) -> &super::Preferences {
        &self.preferences
    }

    /// Opens a sheet; the one that is open is closed by asking for it again.
    pub(super) fn toggle_sheet(&mut self, sheet: Sheet) {
        self.opening.problem = None;
        self.sheet = (self.sheet != Some(sheet)).then_some(sheet);
    }
}
