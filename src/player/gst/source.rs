//! The byte source element, `flickreelsrc`: a pull-capable `BaseSrc` over a [`ByteReader`].
//!
//! Demuxers reach an index at the end of a file by a jump, which only a source that can be pulled from
//! allows. A waiting read is told to the control thread through [`Signals`], which is how buffering is
//! noticed: such a source posts no BUFFERING messages.

use std::sync::Arc;

use gst::glib;
use gst::prelude::*;
use gst::subclass::prelude::*;
use gstreamer as gst;
use gstreamer_base as gst_base;

use super::mailbox::Mailbox;
use super::signals::Signals;
use crate::cache::ByteReader;
use crate::player::pool::Attempt;

/// The source element of the player's pipelines over `reader`, by itself: for measuring what reading costs.
/// GStreamer has to be initialised.
#[must_use]
pub fn source_element(reader: Arc<dyn ByteReader>) -> gst::Element {
    // Nobody hears what it tells of itself.
    ByteSrc::new(reader, Arc::new(Signals::new(Attempt(0), Arc::new(Mailbox::default())))).upcast()
}

glib::wrapper! {
    /// The element.
    pub(super) struct ByteSrc(ObjectSubclass<imp::ByteSrc>)
        @extends gst_base::BaseSrc, gst::Element, gst::Object;
}

impl ByteSrc {
    /// A source over `reader` that speaks through `signals`.
    pub fn new(reader: Arc<dyn ByteReader>, signals: Arc<Signals>) -> Self {
        let element: Self = glib::Object::new();
        element.imp().feed_from(reader, signals);
        element
    }
}

mod imp {
    use std::sync::{Arc, LazyLock, OnceLock};

    use gst::glib;
    use gst::subclass::prelude::*;
    use gst_base::prelude::*;
    use gst_base::subclass::prelude::*;
    use gstreamer as gst;
    use gstreamer_base as gst_base;

    use super::super::fault::Fault;
    use super::super::signals::Signals;
    use crate::cache::{ByteReader, ReadError};

    struct Feed {
        reader: Arc<dyn ByteReader>,
        signals: Arc<Signals>,
    }

    #[derive(Default)]
    pub(in crate::player::gst) struct ByteSrc {
        feed: OnceLock<Feed>,
    }

    impl ByteSrc {
        pub(super) fn feed_from(&self, reader: Arc<dyn ByteReader>, signals: Arc<Signals>) {
            // A second call finds the first feed in place; the wrapper makes exactly one.
            let _ = self.feed.set(Feed { reader, signals });
        }
    }

    #[glib::object_subclass]
    impl ObjectSubclass for ByteSrc {
        const NAME: &'static str = "FlickreelByteSrc";
        type Type = super::ByteSrc;
        type ParentType = gst_base::BaseSrc;
    }

    impl ObjectImpl for ByteSrc {
        fn constructed(&self) {
            self.parent_constructed();
            self.obj().set_format(gst::Format::Bytes);
        }
    }

    impl GstObjectImpl for ByteSrc {}

    impl ElementImpl for ByteSrc {
        fn metadata() -> Option<&'static gst::subclass::ElementMetadata> {
            static METADATA: LazyLock<gst::subclass::ElementMetadata> = LazyLock::new(|| {
                gst::subclass::ElementMetadata::new("Flickreel byte source", "Source", "Reads media from the range cache", "Flickreel")
            });
            Some(&METADATA)
        }

        fn pad_templates() -> &'static [gst::PadTemplate] {
            static TEMPLATES: LazyLock<Vec<gst::PadTemplate>> = LazyLock::new(|| {
                gst::PadTemplate::new("src", gst::PadDirection::Src, gst::PadPresence::Always, &gst::Caps::new_any()).into_iter().collect()
            });
            &TEMPLATES
        }
    }

    impl BaseSrcImpl for ByteSrc {
        fn start(&self) -> Result<(), gst::ErrorMessage> {
            if self.feed.get().is_some() {
                return Ok(());
            }
            Err(gst::error_msg!(gst::ResourceError::NotFound, ["nothing to read from"]))
        }

        fn stop(&self) -> Result<(), gst::ErrorMessage> {
            Ok(())
        }

        fn is_seekable(&self) -> bool {
            true
        }

        fn size(&self) -> Option<u64> {
            self.feed.get().map(|feed| feed.reader.len())
        }

        fn unlock(&self) -> Result<(), gst::ErrorMessage> {
            if let Some(feed) = self.feed.get() {
                feed.reader.set_interrupted(true);
            }
            Ok(())
        }

        fn unlock_stop(&self) -> Result<(), gst::ErrorMessage> {
            if let Some(feed) = self.feed.get() {
                feed.reader.set_interrupted(false);
            }
            Ok(())
        }

        fn fill(&self, offset: u64, length: u32, buffer: &mut gst::BufferRef) -> Result<gst::FlowSuccess, gst::FlowError> {
            let feed = self.feed.get().ok_or(gst::FlowError::Error)?;
            let filled = {
                let mut map = buffer.map_writable().map_err(|_| gst::FlowError::Error)?;
                let length = map.len().min(usize::try_from(length).unwrap_or(usize::MAX));
                // A demuxer takes a short read for the end of the file, so it gets all it asked for.
                let read = self.read_exactly(feed, offset, &mut map[..length]);
                feed.signals.fed(offset + read.unwrap_or(0) as u64);
                read?
            };
            if filled == 0 && length > 0 {
                return Err(gst::FlowError::Eos);
            }
            buffer.set_size(filled);
            // A transport stream is found by its offset, and a source of bytes does not set it by itself.
            buffer.set_offset(offset);
            buffer.set_offset_end(offset + filled as u64);
            Ok(gst::FlowSuccess::Ok)
        }
    }

    impl ByteSrc {
        fn read_exactly(&self, feed: &Feed, offset: u64, buf: &mut [u8]) -> Result<usize, gst::FlowError> {
            let mut filled = 0;
            while filled < buf.len() {
                let at = offset + filled as u64;
                if at < feed.reader.len() && feed.reader.ready_from(at) == 0 {
                    feed.signals.starving(at);
                }
                match feed.reader.read_at(at, &mut buf[filled..]) {
                    Ok(0) => break,
                    Ok(count) => {
                        filled += count;
                        feed.signals.nibbled();
                    }
                    Err(ReadError::Interrupted) => return Err(gst::FlowError::Flushing),
                    Err(err) => {
                        let failure = err.into_failure();
                        let sentence = failure.sentence.clone();
                        // Told before the message is posted: the message says less, and the first one counts.
                        feed.signals.fault(Fault::Item(failure));
                        gst::element_imp_error!(self, gst::ResourceError::Read, ["{}", sentence]);
                        return Err(gst::FlowError::Error);
                    }
                }
            }
            Ok(filled)
        }
    }
}
