//! Touches and touchpads as egui tells of them, from traces: what fingers do at 120 events a second, with their
//! trembling, and inertia that dies away over seconds. The traces are made to the timing and the decay of real devices;
//! no device is needed to play them.

mod touch;
mod touchpad;
mod typing;
mod window;
