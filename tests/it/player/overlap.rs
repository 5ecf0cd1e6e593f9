//! The monitor of what can be heard, proven by breaking what it watches: a volume element that does not obey takes the
//! place of the real one, and two clips are let play aloud.

use flickreel::player::gst::AudioChoice;
use gst::glib;
use gst::prelude::*;
use gstreamer as gst;

use super::ear::{Ear, HIGH, HIGH_HZ, LOW, LOW_HZ, overlap_ms};
use super::rig::Rig;
use super::sound::{audible, tone, with_a_sound_server_for};

glib::wrapper! {
    pub struct Defiant(ObjectSubclass<imp::Defiant>) @extends gstreamer_base::BaseTransform, gst::Element, gst::Object;
}

#[test]
fn a_switch_that_leaves_both_items_loud_is_seen() {
    with_a_sound_server_for("player::overlap::a_volume_that_does_not_obey");
}

#[test]
#[ignore = "run by the test above"]
fn a_volume_that_does_not_obey() {
    gst::init().unwrap();
    gst::Element::register(None, "volume", gst::Rank::NONE, Defiant::static_type()).unwrap();
    let ear = Ear::open();
    let rig = Rig::new(6, AudioChoice::Auto);
    rig.shelf.put("low", tone(LOW_HZ));
    rig.shelf.put("high", tone(HIGH_HZ));
    rig.want(&[("low", 1, true), ("high", 2, false)]);
    rig.prerolled(2);
    ear.until("the low tone", 30, |window| *window == LOW);
    rig.want(&[("high", 2, true), ("low", 1, false)]);
    ear.until("the high tone", 30, |window| *window == HIGH);
    // Now that both have sound, the winner of a swipe begins while the loser is still loud.
    rig.want(&[("low", 1, true), ("high", 2, false)]);
    rig.until("two at once", |events, _| events.iter().filter_map(audible).find(|count| *count == 2));
    // That is told once; the loser is paused by now.
    rig.pool("one again", |stats| stats.audible == 1);
}

#[test]
fn two_that_are_heard_at_once_are_an_overlap_in_what_is_recorded() {
    with_a_sound_server_for("player::overlap::two_players_at_once");
}

#[test]
#[ignore = "run by the test above"]
fn two_players_at_once() {
    let ear = Ear::open();
    let play = |name: &str, hertz| {
        let rig = Rig::new(6, AudioChoice::Auto);
        rig.shelf.put(name, tone(hertz));
        rig.want(&[(name, 1, true)]);
        rig
    };
    let low = play("low", LOW_HZ);
    ear.until("the low tone", 20, |window| *window == LOW);
    assert_eq!(overlap_ms(&ear.windows()), 0);
    let high = play("high", HIGH_HZ);
    ear.until("both", 20, |window| window.low && window.high);
    assert!(overlap_ms(&ear.windows()) >= 200);
    // Each player knows of its own only: one.
    for rig in [&low, &high] {
        rig.pool("one", |stats| stats.audible == 1);
    }
}

mod imp {
    use std::sync::LazyLock;

    use gst::glib;
    use gst::prelude::*;
    use gstreamer as gst;
    use gstreamer_base::subclass::BaseTransformMode;
    use gstreamer_base::subclass::prelude::*;

    #[derive(Default)]
    pub struct Defiant;

    #[glib::object_subclass]
    impl ObjectSubclass for Defiant {
        const NAME: &'static str = "FlickreelTestDefiantVolume";
        type Type = super::Defiant;
        type ParentType = gstreamer_base::BaseTransform;
    }

    impl ObjectImpl for Defiant {
        fn properties() -> &'static [glib::ParamSpec] {
            static PROPERTIES: LazyLock<Vec<glib::ParamSpec>> = LazyLock::new(|| {
                vec![
                    glib::ParamSpecBoolean::builder("mute").default_value(false).build(),
                    glib::ParamSpecDouble::builder("volume").minimum(0.0).maximum(10.0).default_value(1.0).build(),
                ]
            });
            &PROPERTIES
        }

        /// Whatever it is told, it is as loud as before.
        fn set_property(&self, _id: usize, _value: &glib::Value, _spec: &glib::ParamSpec) {}

        fn property(&self, _id: usize, spec: &glib::ParamSpec) -> glib::Value {
            if spec.name() == "mute" { false.to_value() } else { 1.0_f64.to_value() }
        }
    }

    impl GstObjectImpl for Defiant {}

    impl ElementImpl for Defiant {
        fn metadata() -> Option<&'static gst::subclass::ElementMetadata> {
            static METADATA: LazyLock<gst::subclass::ElementMetadata> = LazyLock::new(|| {
                gst::subclass::ElementMetadata::new("Test volume", "Filter/Effect/Audio", "Does not as it is told", "Flickreel")
            });
            Some(&METADATA)
        }

        fn pad_templates() -> &'static [gst::PadTemplate] {
            static TEMPLATES: LazyLock<Vec<gst::PadTemplate>> = LazyLock::new(|| {
                let template = |name, direction| {
                    gst::PadTemplate::new(name, direction, gst::PadPresence::Always, &"audio/x-raw".parse().unwrap()).unwrap()
                };
                vec![template("sink", gst::PadDirection::Sink), template("src", gst::PadDirection::Src)]
            });
            &TEMPLATES
        }
    }

    impl BaseTransformImpl for Defiant {
        const MODE: BaseTransformMode = BaseTransformMode::AlwaysInPlace;
        const PASSTHROUGH_ON_SAME_CAPS: bool = true;
        const TRANSFORM_IP_ON_PASSTHROUGH: bool = false;

        fn transform_ip(&self, _buffer: &mut gst::BufferRef) -> Result<gst::FlowSuccess, gst::FlowError> {
            Ok(gst::FlowSuccess::Ok)
        }
    }
}
