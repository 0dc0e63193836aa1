//! Bytes on their way: added at the end, taken from the front, and no memory when there are none.

use std::io;

/// Bytes that wait.
#[derive(Debug, Default)]
pub(super) struct Pending {
    bytes: Vec<u8>,
    /// How many at the front were taken already.
    taken: usize,
}

impl Pending {
    /// Those that were not taken yet.
    pub(super) fn rest(&self) -> &[u8] {
        &self.bytes[self.taken..]
    }

    /// The same, to be altered.
    pub(super) fn rest_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[self.taken..]
    }

    /// Adds some.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Takes some; what was taken before is no longer kept.
    pub(super) fn take(&mut self, count: usize) {
        self.taken = self.bytes.len().min(self.taken + count);
        if self.taken == self.bytes.len() {
            *self = Self::default();
        }
    }

    /// Adds up to `most` bytes, of which `read` says how many there are.
    pub(super) fn fill(
        &mut self,
        most: usize,
        read: impl FnOnce(&mut [u8]) -> io::Result<usize>,
    ) -> io::Result<usize> {
        self.bytes.drain(..self.taken);
        self.taken = 0;
        let known = self.bytes.len();
        self.bytes.resize(known + most, 0);
        let count = read(&mut self.bytes[known..]);
        self.bytes
            .truncate(known + count.as_ref().map_or(0, |count| *count));
        self.take(0);
        count
    }

    /// Adds what `write` writes into the room it is given, or says how much it needs.
    pub(super) fn grow(
        &mut self,
        mut write: impl FnMut(&mut [u8]) -> io::Result<Result<usize, usize>>,
    ) -> io::Result<()> {
        let known = self.bytes.len();
        let mut room = 0;
        loop {
            self.bytes.resize(known + room, 0);
            let written = write(&mut self.bytes[known..]);
            if let Ok(Err(needed)) = written
                && needed > room
            {
                room = needed;
                continue;
            }
            let count = written.and_then(|written| {
                written.map_err(|_| io::Error::other("there was room enough, yet it did not fit"))
            });
            self.bytes
                .truncate(known + count.as_ref().map_or(0, |count| *count));
            self.take(0);
            return count.map(drop);
        }
    }

    /// Memory it holds, in bytes.
    #[cfg(test)]
    pub(super) fn memory(&self) -> usize {
        self.bytes.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_taken_in_order_and_leaves_no_memory() {
        let mut pending = Pending::default();
        pending.push(b"abc");
        pending
            .fill(10, |room| {
                room[..2].copy_from_slice(b"de");
                Ok(2)
            })
            .unwrap();
        pending.take(4);
        assert_eq!(pending.rest(), b"e");
        let mut asked = Vec::new();
        pending
            .grow(|room| {
                asked.push(room.len());
                if room.len() < 2 {
                    return Ok(Err(2));
                }
                room.copy_from_slice(b"fg");
                Ok(Ok(2))
            })
            .unwrap();
        assert_eq!(
            (asked.as_slice(), pending.rest()),
            ([0, 2].as_slice(), b"efg".as_slice())
        );
        pending.take(3);
        assert_eq!((pending.rest(), pending.memory()), (b"".as_slice(), 0));
    }

    #[test]
    fn nothing_read_is_nothing_kept() {
        let mut pending = Pending::default();
        let blocked = pending.fill(10, |_| Err(io::ErrorKind::WouldBlock.into()));
        assert_eq!(blocked.unwrap_err().kind(), io::ErrorKind::WouldBlock);
        assert_eq!(pending.memory(), 0);
    }
}
