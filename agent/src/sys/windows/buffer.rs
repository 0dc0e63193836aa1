//! Memory that Windows writes structures into.

/// Bytes, aligned for any structure of Windows.
pub(super) struct Buffer(Vec<u64>);

impl Buffer {
    /// At least this many bytes, all zero.
    pub(super) fn new(bytes: u32) -> Self {
        Self(vec![0; (bytes as usize).div_ceil(8)])
    }

    /// Number of bytes.
    pub(super) fn len(&self) -> usize {
        self.0.len() * 8
    }

    /// Number of bytes, as Windows counts them.
    pub(super) fn size(&self) -> u32 {
        u32::try_from(self.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        // SAFETY: the vector owns `len` initialised bytes; any byte is a valid u8.
        unsafe { std::slice::from_raw_parts(self.0.as_ptr().cast(), self.len()) }
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        let length = self.len();
        // SAFETY: as in `bytes`; any byte is a valid part of a u64.
        unsafe { std::slice::from_raw_parts_mut(self.0.as_mut_ptr().cast(), length) }
    }

    pub(super) fn pointer<T>(&self) -> *const T {
        self.0.as_ptr().cast()
    }

    pub(super) fn pointer_mut<T>(&mut self) -> *mut T {
        self.0.as_mut_ptr().cast()
    }
}
