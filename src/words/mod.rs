//! Every sentence of the interface, in one place, ready to be translated. One file for each part of it; what holds a
//! figure or a name is a function.

pub mod around;
pub mod captions;
pub mod controls;
pub mod failures;
pub mod kept;
pub mod keys;
pub mod marks;
pub mod news;
pub mod notices;
pub mod open;
pub mod overlay;
pub mod playing;
pub mod settings;
pub mod sheets;
pub mod slow;
pub mod sources;
pub mod spoken;
pub mod tile;
