//! Scratch.
use flickreel::player::gst::AudioChoice;
use super::rig::{Clip, Rig};
#[test]
#[ignore = "by hand"]
fn scratch() {
    let rig = Rig::new(6, AudioChoice::Silent);
    rig.shelf.put("a", Clip::new(std::fs::read(std::env::var("CLIP").unwrap()).unwrap()));
    rig.want(&[("a", 1, true)]);
    eprintln!("{:?}", rig.outcome(1));
    rig.pictures(1, 100);
}
