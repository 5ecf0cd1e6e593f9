//! How much of an item is on this machine, as a viewer is told.

/// How much of an item is on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mark {
    /// All of it: it plays without a connection.
    Ready,
    /// Some of it, in per cent, 1 to 99.
    Partial(u8),
    /// Nothing.
    Absent,
}

impl Mark {
    /// The mark of an item of which `bytes` of `total` are there. All is only said when it is so.
    #[must_use]
    pub fn of(bytes: u64, total: u64) -> Self {
        if bytes == 0 {
            return Self::Absent;
        }
        if bytes >= total {
            return Self::Ready;
        }
        let percent = u128::from(bytes) * 100 / u128::from(total);
        Self::Partial(u8::try_from(percent.clamp(1, 99)).unwrap_or(99))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_all_nor_nothing_is_said_before_it_is_so() {
        assert_eq!(Mark::of(0, 10), Mark::Absent);
        assert_eq!(Mark::of(1, u64::MAX), Mark::Partial(1));
        assert_eq!(Mark::of(425, 1000), Mark::Partial(42));
        assert_eq!(Mark::of(u64::MAX - 1, u64::MAX), Mark::Partial(99));
        assert_eq!(Mark::of(10, 10), Mark::Ready);
    }
}
