//! The feed service with its real parts: several of it, Redis, S3, proxies.

mod catalogue;
#[cfg(target_os = "linux")]
mod cloud;
mod edge;
#[cfg(feature = "net")]
mod events;
mod feeds;
#[cfg(feature = "net")]
mod hydrate;
mod limits;
mod prefetch;
mod presign;
mod redis;
mod rig;
mod schema;
