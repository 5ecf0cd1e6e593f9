//! What the threads that share a disk cache are kept apart by: the locks of the standard library, or, in the tests
//! of `shuttle_tests`, ones at which a scheduler chooses who goes on.

#[cfg(not(all(test, feature = "shuttle")))]
pub(super) use std::sync::{Mutex, MutexGuard, atomic::AtomicBool};

#[cfg(all(test, feature = "shuttle"))]
pub(super) use chosen::{Mutex, MutexGuard};
#[cfg(all(test, feature = "shuttle"))]
pub(super) use shuttle::sync::atomic::AtomicBool;

/// A lock at which a scheduler chooses also once it is free again. Those of shuttle let others in before they are
/// taken and before they are free, which is all there is where threads share nothing else; ours share a disk, which
/// is changed between one lock and the next.
#[cfg(all(test, feature = "shuttle"))]
mod chosen {
    use std::ops::{Deref, DerefMut};
    use std::sync::atomic::Ordering;

    use shuttle::sync::atomic::AtomicBool;
    use shuttle::sync::{self, LockResult, PoisonError};

    #[derive(Debug)]
    pub struct Mutex<T> {
        lock: sync::Mutex<T>,
        point: AtomicBool,
    }

    pub struct MutexGuard<'a, T> {
        guard: Option<sync::MutexGuard<'a, T>>,
        point: &'a AtomicBool,
    }

    impl<T> Mutex<T> {
        pub fn new(value: T) -> Self {
            Self { lock: sync::Mutex::new(value), point: AtomicBool::new(false) }
        }

        pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
            let guarded = |guard| MutexGuard { guard: Some(guard), point: &self.point };
            self.lock.lock().map(guarded).map_err(|err| PoisonError::new(guarded(err.into_inner())))
        }

        pub fn get_mut(&mut self) -> LockResult<&mut T> {
            self.lock.get_mut()
        }
    }

    impl<T> Deref for MutexGuard<'_, T> {
        type Target = T;

        fn deref(&self) -> &T {
            self.guard.as_ref().unwrap()
        }
    }

    impl<T> DerefMut for MutexGuard<'_, T> {
        fn deref_mut(&mut self) -> &mut T {
            self.guard.as_mut().unwrap()
        }
    }

    impl<T> Drop for MutexGuard<'_, T> {
        fn drop(&mut self) {
            self.guard = None;
            if !std::thread::panicking() {
                self.point.load(Ordering::SeqCst);
            }
        }
    }
}
