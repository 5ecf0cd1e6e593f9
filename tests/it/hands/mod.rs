//! The real window in somebody's hands: what they do by mouse and keys, and what the screen shows then. What is waited
//! for is always something that is seen; nothing is slept for, so that a busy machine only takes longer.

mod around;
mod clips;
mod handed;
mod moving;
mod place;
