//! A player without GStreamer: it answers at once and always the same, for tests of what is painted.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Frame, FrameBoard, MediaInfo, Picture, Player, PlayerCommand, PlayerEvent, PlayerTarget, Rotation};
use crate::feed::{Failure, Generation, ItemId};

/// Width and height of its pictures.
pub const FAKE_SIZE: (u32, u32) = (72, 128);
/// Length of its clips.
pub const FAKE_DURATION: Duration = Duration::from_secs(10);

#[derive(Default)]
struct State {
    known: HashSet<Generation>,
    failures: HashMap<ItemId, Failure>,
    target: Option<PlayerTarget>,
    commands: Vec<PlayerCommand>,
}

/// Prerolls everything the moment it is asked for, with one colour an assignment.
pub struct FakePlayer {
    board: Arc<FrameBoard>,
    events: Arc<dyn Fn(PlayerEvent) + Send + Sync>,
    state: Mutex<State>,
}

impl FakePlayer {
    /// A player that leaves its pictures on `board` and speaks through `events`, on the caller's thread.
    #[must_use]
    pub fn new(board: Arc<FrameBoard>, events: Arc<dyn Fn(PlayerEvent) + Send + Sync>) -> Self {
        Self { board, events, state: Mutex::default() }
    }

    /// Lets an item fail instead, from its next assignment on.
    pub fn fail(&self, item: ItemId, failure: Failure) {
        self.lock().failures.insert(item, failure);
    }

    /// Leaves the next picture of an assignment, as if it had played to `pts`.
    pub fn play_to(&self, generation: Generation, pts: Duration) {
        self.board.put(generation, frame(generation, pts));
        (self.events)(PlayerEvent::Position { generation, position: pts });
    }

    /// The target it was given last.
    #[must_use]
    pub fn target(&self) -> Option<PlayerTarget> {
        self.lock().target.clone()
    }

    /// The commands it was given, the oldest first.
    #[must_use]
    pub fn commands(&self) -> Vec<PlayerCommand> {
        self.lock().commands.clone()
    }

    /// The colour of an assignment's pictures: red, green, blue, 255.
    #[must_use]
    pub fn color(generation: Generation) -> [u8; 4] {
        // Neighbours differ plainly in every channel, and none is near black or white.
        let channel =
            |step: u64, offset: u64| u8::try_from((generation.0.wrapping_mul(step).wrapping_add(offset)) % 160 + 48).unwrap_or(48);
        [channel(67, 20), channel(101, 90), channel(41, 140), 255]
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Player for FakePlayer {
    fn set_target(&self, target: PlayerTarget) {
        let mut said = Vec::new();
        {
            let mut state = self.lock();
            state.known.retain(|generation| target.slots.iter().any(|slot| slot.generation == *generation));
            for slot in &target.slots {
                if !state.known.insert(slot.generation) {
                    continue;
                }
                let generation = slot.generation;
                said.push(match state.failures.get(&slot.item.id) {
                    Some(failure) => PlayerEvent::Failed { generation, failure: failure.clone() },
                    None => PlayerEvent::Prerolled { generation, info: info() },
                });
            }
            state.target = Some(target);
        }
        // Without the lock: whoever hears this may give the next target at once.
        for event in said {
            if let PlayerEvent::Prerolled { generation, .. } = event {
                self.board.put(generation, frame(generation, Duration::ZERO));
            }
            (self.events)(event);
        }
    }

    fn command(&self, command: PlayerCommand) -> Result<(), PlayerCommand> {
        if let PlayerCommand::Seek { generation, to, .. } = &command {
            self.board.put(*generation, frame(*generation, *to));
        }
        self.lock().commands.push(command);
        Ok(())
    }
}

fn info() -> MediaInfo {
    MediaInfo {
        size: FAKE_SIZE,
        fps: 30.0,
        duration: Some(FAKE_DURATION),
        decoder: "fake".to_owned(),
        has_audio: true,
        captions: Vec::new(),
    }
}

fn frame(generation: Generation, pts: Duration) -> Frame {
    let (width, height) = FAKE_SIZE;
    let rgba = FakePlayer::color(generation).repeat(width as usize * height as usize);
    let serial = u64::try_from(pts.as_millis()).unwrap_or(u64::MAX);
    Frame { picture: Picture::Rgba(rgba), coded: FAKE_SIZE, display: FAKE_SIZE, rotation: Rotation::default(), pts, serial }
}
