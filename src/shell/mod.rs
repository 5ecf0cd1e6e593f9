//! The program around the model: threads, channels, the window, and the wiring between them.

mod backends;
mod cache_command;
mod client;
pub mod doctor;
mod ending;
mod events;
mod flags;
mod folders;
mod gpu;
mod keeper;
mod last_figures;
mod line;
mod logging;
mod marks;
mod measure;
mod posters;
mod range_maps;
mod record;
mod report;
mod run;
mod shelf;
mod sources;
mod state;
mod telemetry_command;
mod trace;

pub use folders::Folders;
pub use run::run;
pub use state::{State, StateFile};
