//! Every sentence of the interface, in one place, ready to be translated. One file for each part of it; what holds a
//! figure or a name is a function.

pub mod sheets;
