//! A decoder of H.264 that hangs or fails when a test says so. It takes the place of the real one in the whole
//! process, so it is for tests that run in a process of their own.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use gst::glib;
use gst::prelude::*;
use gstreamer as gst;

/// What one decoder does.
#[derive(Clone, Copy, Debug, Default)]
pub enum Manner {
    /// It decodes.
    #[default]
    Good,
    /// After so many pictures its thread comes to a stop, whatever happens to the pipeline.
    HangsAfter(u64),
    /// After so many pictures it says that it failed.
    FailsAfter(u64),
    /// It decodes, and does not come to NULL.
    HangsInNull,
}

/// How the decoders to come behave, in the order in which they are made; then all are good.
static MANNERS: Mutex<VecDeque<Manner>> = Mutex::new(VecDeque::new());
/// How many hang, and whether they are let go.
static HANGING: (Mutex<(usize, bool)>, Condvar) = (Mutex::new((0, false)), Condvar::new());

glib::wrapper! {
    pub struct Decoder(ObjectSubclass<imp::Decoder>) @extends gst::Element, gst::Object;
}

/// Lets all that hang go on when it is dropped: a player that ends waits for its control thread, and where that hangs a
/// test would not fail, but hang too.
pub struct Release;

impl Drop for Release {
    fn drop(&mut self) {
        HANGING.0.lock().unwrap_or_else(PoisonError::into_inner).1 = true;
        HANGING.1.notify_all();
    }
}

/// Takes the place of the real decoder. The one that warms the player up is always good.
pub fn replace(manners: &[Manner]) -> Release {
    gst::init().unwrap();
    gst::Element::register(None, "avdec_h264", gst::Rank::NONE, Decoder::static_type()).unwrap();
    MANNERS.lock().unwrap().extend(manners);
    Release
}

/// Waits until one hangs.
pub fn until_one_hangs() {
    let patience = Duration::from_secs(30);
    let (hanging, _) = HANGING.1.wait_timeout_while(HANGING.0.lock().unwrap(), patience, |(count, _)| *count == 0).unwrap();
    assert!(hanging.0 > 0, "none hangs");
}

fn hang() {
    HANGING.0.lock().unwrap().0 += 1;
    HANGING.1.notify_all();
    let _released = HANGING.1.wait_while(HANGING.0.lock().unwrap(), |(_, released)| !*released).unwrap();
}

mod imp {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{LazyLock, Mutex};

    use gst::glib;
    use gst::prelude::*;
    use gst::subclass::prelude::*;
    use gstreamer as gst;

    use super::{MANNERS, Manner, hang};

    /// Width of the clip that the player warms up with.
    const WARMUP_WIDTH: i32 = 64;
    /// Width and height of the pictures.
    const SIDE: i32 = 16;

    pub struct Decoder {
        sink: gst::Pad,
        src: gst::Pad,
        /// Chosen when there is something to decode.
        manner: Mutex<Option<Manner>>,
        decoded: AtomicU64,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for Decoder {
        const NAME: &'static str = "FlickreelTestDecoder";
        type Type = super::Decoder;
        type ParentType = gst::Element;

        fn with_class(class: &Self::Class) -> Self {
            let sink = gst::Pad::builder_from_template(&class.pad_template("sink").unwrap())
                .chain_function(|_, parent, buffer| {
                    Self::catch_panic_pad_function(parent, || Err(gst::FlowError::Error), |this| this.chain(&buffer))
                })
                .event_function(|pad, parent, event| Self::catch_panic_pad_function(parent, || false, |this| this.event(pad, event)))
                .build();
            let src = gst::Pad::from_template(&class.pad_template("src").unwrap());
            Self { sink, src, manner: Mutex::default(), decoded: AtomicU64::new(0) }
        }
    }

    impl ObjectImpl for Decoder {
        fn constructed(&self) {
            self.parent_constructed();
            self.obj().add_pad(&self.sink).unwrap();
            self.obj().add_pad(&self.src).unwrap();
        }
    }

    impl GstObjectImpl for Decoder {}

    impl ElementImpl for Decoder {
        fn metadata() -> Option<&'static gst::subclass::ElementMetadata> {
            static METADATA: LazyLock<gst::subclass::ElementMetadata> = LazyLock::new(|| {
                gst::subclass::ElementMetadata::new("Test decoder", "Codec/Decoder/Video", "Does as it is told", "Flickreel")
            });
            Some(&METADATA)
        }

        fn pad_templates() -> &'static [gst::PadTemplate] {
            static TEMPLATES: LazyLock<Vec<gst::PadTemplate>> = LazyLock::new(|| {
                let template = |name, direction, caps: &str| {
                    gst::PadTemplate::new(name, direction, gst::PadPresence::Always, &caps.parse().unwrap()).unwrap()
                };
                vec![template("sink", gst::PadDirection::Sink, "video/x-h264"), template("src", gst::PadDirection::Src, "video/x-raw")]
            });
            &TEMPLATES
        }

        fn change_state(&self, change: gst::StateChange) -> Result<gst::StateChangeSuccess, gst::StateChangeError> {
            if change == gst::StateChange::ReadyToNull && matches!(*self.manner.lock().unwrap(), Some(Manner::HangsInNull)) {
                hang();
            }
            self.parent_change_state(change)
        }
    }

    impl Decoder {
        fn chain(&self, coded: &gst::Buffer) -> Result<gst::FlowSuccess, gst::FlowError> {
            let decoded = self.decoded.fetch_add(1, Ordering::SeqCst);
            let manner = *self.manner.lock().unwrap().get_or_insert_with(|| {
                let caps = self.sink.current_caps().unwrap();
                let width = caps.structure(0).unwrap().get::<i32>("width");
                let own = width.is_ok_and(|width| width != WARMUP_WIDTH).then(|| MANNERS.lock().unwrap().pop_front());
                own.flatten().unwrap_or_default()
            });
            match manner {
                Manner::HangsAfter(count) if decoded >= count => hang(),
                Manner::FailsAfter(count) if decoded >= count => {
                    gst::element_imp_error!(self, gst::LibraryError::Failed, ("the device is gone"));
                    return Err(gst::FlowError::Error);
                }
                _ => {}
            }
            let mut picture = gst::Buffer::with_size(usize::try_from(SIDE * SIDE * 3 / 2).unwrap()).unwrap();
            let writable = picture.get_mut().unwrap();
            writable.set_pts(coded.pts());
            writable.set_duration(coded.duration());
            self.src.push(picture)
        }

        fn event(&self, pad: &gst::Pad, event: gst::Event) -> bool {
            if !matches!(event.view(), gst::EventView::Caps(_)) {
                return gst::Pad::event_default(pad, Some(&*self.obj()), event);
            }
            let raw = gst::Caps::builder("video/x-raw").field("format", "I420").field("width", SIDE).field("height", SIDE);
            self.src.push_event(gst::event::Caps::new(&raw.field("framerate", gst::Fraction::new(30, 1)).build()))
        }
    }
}
