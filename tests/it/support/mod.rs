//! What several themes need.

pub mod faulty;
