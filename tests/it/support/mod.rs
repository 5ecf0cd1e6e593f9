//! What several themes need.

#[cfg(target_os = "linux")]
pub mod apart;
#[cfg(target_os = "linux")]
pub mod calls;
pub mod faulty;
