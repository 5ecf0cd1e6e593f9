//! What several themes need.

#[cfg(target_os = "linux")]
pub mod apart;
#[cfg(target_os = "linux")]
pub mod calls;
#[cfg(all(feature = "client", feature = "server"))]
pub mod desktop;
pub mod faulty;
#[cfg(all(feature = "client", feature = "server"))]
pub mod origin;
#[cfg(target_os = "linux")]
pub mod relay;
