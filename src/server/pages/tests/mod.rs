//! Pages under load and in bad times, in memory and in a real Redis.

mod keeping;
mod load;
mod replicas;
mod rig;
