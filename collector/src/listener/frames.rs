//! Large frames of a peer, cut into small ones before the HTTP/2 library sees them.
//!
//! The library reads into a buffer that grows to the largest frame it meets and stays that large for as long as
//! the connection lives; 16 KiB is the least that HTTP/2 lets a receiver demand. With thousands of agents that
//! send one long report and then are quiet for weeks, those buffers would be most of the collector's memory.
//! A DATA frame may be cut anywhere: what it says is the same.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Length of a frame's head: payload's length 3, type 1, flags 1, stream 4 (RFC 9113, 4.1).
const HEAD: usize = 9;

/// What a connection begins with (RFC 9113, 3.4).
const PREFACE: usize = 24;

/// Longest frame that is handed on, head included: half of the library's buffer, which then never grows.
const FRAME: usize = 4096;

/// Longest payload of a DATA frame that is handed on.
pub(super) const DATA_BYTES: usize = FRAME - HEAD;

/// Longest payload that a peer may send (RFC 9113, 6.5.2); the library refuses what is longer.
const PAYLOAD: usize = 16 * 1024;

const DATA: u8 = 0;
const END_STREAM: u8 = 0x1;
const PADDED: u8 = 0x8;

/// A stream of frames whose DATA frames are short when they are read. Writing is left as it is.
#[derive(Debug)]
pub(super) struct SmallFrames<S> {
    inner: S,
    next: Next,
    cut: Cut,
}

/// What is read next.
#[derive(Clone, Copy, Debug)]
enum Next {
    /// The rest of a head, of which so many bytes are here.
    Head([u8; HEAD], usize),
    /// A head to be handed on, of which so many bytes were.
    Announcement([u8; HEAD], usize),
    /// So many bytes to be handed on as they are.
    Payload(usize),
}

/// The part of a frame that follows in frames of its own.
#[derive(Clone, Copy, Debug, Default)]
struct Cut {
    rest: usize,
    head: [u8; HEAD],
}

impl<S> SmallFrames<S> {
    pub(super) fn new(inner: S) -> Self {
        Self {
            inner,
            next: Next::Payload(PREFACE),
            cut: Cut::default(),
        }
    }
}

/// How far reading came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Within a frame.
    On,
    /// To the end of a frame: time for the reader to look at it.
    Whole,
    /// To the end of the stream.
    Ended,
}

impl<S: AsyncRead + Unpin> SmallFrames<S> {
    fn step(&mut self, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<Step>> {
        match &mut self.next {
            Next::Head(head, filled) => {
                let mut rest = ReadBuf::new(&mut head[*filled..]);
                ready!(Pin::new(&mut self.inner).poll_read(cx, &mut rest))?;
                let read = rest.filled().len();
                *filled += read;
                if *filled == HEAD {
                    let head = *head;
                    self.announce(head);
                }
                Poll::Ready(Ok(if read > 0 { Step::On } else { Step::Ended }))
            }
            Next::Announcement(head, handed) => {
                let count = out.remaining().min(HEAD - *handed);
                out.put_slice(&head[*handed..*handed + count]);
                *handed += count;
                if *handed == HEAD {
                    self.next = Next::Payload(payload(head));
                }
                Poll::Ready(Ok(Step::On))
            }
            Next::Payload(0) => {
                self.next = if self.cut.rest > 0 {
                    self.cut.next()
                } else {
                    Next::Head([0; HEAD], 0)
                };
                Poll::Ready(Ok(Step::Whole))
            }
            Next::Payload(left) => {
                let most = out.remaining().min(*left);
                let mut part = ReadBuf::new(out.initialize_unfilled_to(most));
                ready!(Pin::new(&mut self.inner).poll_read(cx, &mut part))?;
                let read = part.filled().len();
                out.advance(read);
                *left -= read;
                Poll::Ready(Ok(if read > 0 { Step::On } else { Step::Ended }))
            }
        }
    }

    /// Decides what becomes of a frame.
    fn announce(&mut self, head: [u8; HEAD]) {
        let [_, _, _, kind, flags, ..] = head;
        let length = payload(&head);
        let is_long = HEAD + length > FRAME && length <= PAYLOAD;
        self.next = if kind == DATA && flags & PADDED == 0 && is_long {
            self.cut = Cut { rest: length, head };
            self.cut.next()
        } else {
            Next::Announcement(head, 0)
        };
    }
}

impl Cut {
    /// The next short frame. Only the last one may end the stream.
    fn next(&mut self) -> Next {
        let length = self.rest.min(DATA_BYTES);
        self.rest -= length;
        let mut head = self.head;
        head[..3].copy_from_slice(&(length as u32).to_be_bytes()[1..]);
        if self.rest > 0 {
            head[4] &= !END_STREAM;
        }
        Next::Announcement(head, 0)
    }
}

/// Length of what follows a head.
fn payload(head: &[u8; HEAD]) -> usize {
    let [a, b, c, ..] = *head;
    u32::from_be_bytes([0, a, b, c]) as usize
}

impl<S: AsyncRead + Unpin> AsyncRead for SmallFrames<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = out.filled().len();
        while out.remaining() > 0 {
            let has_any = out.filled().len() > before;
            match self.step(cx, out) {
                Poll::Ready(Ok(Step::On)) => {}
                Poll::Ready(Ok(Step::Whole)) if !has_any => {}
                Poll::Ready(Ok(Step::Whole | Step::Ended)) => break,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending if has_any => break,
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for SmallFrames<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tokio::io::AsyncReadExt as _;

    fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
        let mut bytes = (payload.len() as u32).to_be_bytes()[1..].to_vec();
        bytes.extend_from_slice(&[kind, flags]);
        bytes.extend_from_slice(&stream.to_be_bytes());
        bytes.extend_from_slice(payload);
        bytes
    }

    fn bytes(length: usize) -> Vec<u8> {
        (0..length).map(|at| (at % 251) as u8).collect()
    }

    /// What a reader gets that asks for so many bytes at a time, from a peer that sends so many at a time.
    fn read(sent: &[u8], at_a_time: usize, asked: usize) -> Vec<u8> {
        let mut peer = peer(sent, at_a_time);
        let mut got = Vec::new();
        let mut buffer = vec![0; asked];
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async {
            loop {
                match peer.read(&mut buffer).await.unwrap() {
                    0 => return got,
                    count => got.extend_from_slice(&buffer[..count]),
                }
            }
        })
    }

    /// Gives its bytes a few at a time, and makes the reader wait in between.
    struct Slow<'a> {
        left: &'a [u8],
        at_a_time: usize,
        waits: bool,
    }

    impl AsyncRead for Slow<'_> {
        fn poll_read(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            out: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            self.waits = !self.waits;
            if self.waits {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            let count = self.at_a_time.min(out.remaining()).min(self.left.len());
            let (now, later) = self.left.split_at(count);
            out.put_slice(now);
            self.left = later;
            Poll::Ready(Ok(()))
        }
    }

    fn peer(sent: &[u8], at_a_time: usize) -> SmallFrames<Slow<'_>> {
        SmallFrames::new(Slow {
            left: sent,
            at_a_time,
            waits: false,
        })
    }

    /// The frames after the preface: kind, flags, stream, payload.
    fn frames(mut bytes: &[u8]) -> Vec<(u8, u8, u32, Vec<u8>)> {
        let mut frames = Vec::new();
        bytes = &bytes[PREFACE..];
        while let Some((head, rest)) = bytes.split_first_chunk::<HEAD>() {
            let (payload, rest) = rest.split_at(payload(head));
            let stream = u32::from_be_bytes(head[5..].try_into().unwrap());
            frames.push((head[3], head[4], stream, payload.to_vec()));
            bytes = rest;
        }
        assert!(bytes.is_empty(), "a torn frame: {bytes:?}");
        frames
    }

    fn preface() -> Vec<u8> {
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec()
    }

    #[test]
    fn a_long_frame_becomes_short_ones_with_the_same_content() {
        let content = bytes(16 * 1024);
        let sent = [preface(), frame(DATA, END_STREAM, 5, &content)].concat();
        let frames = frames(&read(&sent, usize::MAX, 8192));
        assert_eq!(frames.len(), 5);
        assert!(frames.iter().all(|frame| frame.3.len() + HEAD <= FRAME));
        let (last, first) = frames.split_last().unwrap();
        assert!(
            first
                .iter()
                .all(|frame| (frame.0, frame.1, frame.2) == (DATA, 0, 5))
        );
        assert_eq!((last.0, last.1, last.2), (DATA, END_STREAM, 5));
        let together: Vec<u8> = frames.into_iter().flat_map(|frame| frame.3).collect();
        assert_eq!(together, content);
    }

    #[test]
    fn what_may_not_be_cut_is_left_as_it_is() {
        let long = bytes(10_000);
        let sent = [
            preface(),
            frame(1, 0x4, 1, &long),
            frame(DATA, PADDED, 1, &long),
            frame(DATA, 0, 1, &bytes(PAYLOAD + 1)),
            frame(DATA, 0, 1, &bytes(FRAME - HEAD)),
            frame(4, 1, 0, &[]),
            frame(DATA, END_STREAM, 1, &[]),
        ]
        .concat();
        assert_eq!(read(&sent, usize::MAX, 8192), sent);
    }

    #[test]
    fn a_stream_that_breaks_off_ends() {
        let whole = [preface(), frame(DATA, 0, 1, &bytes(9000))].concat();
        for length in [0, 3, PREFACE, PREFACE + 4, PREFACE + HEAD, PREFACE + 5000] {
            let got = read(&whole[..length], usize::MAX, 8192);
            assert!(got.len() <= length + HEAD, "{length}");
        }
    }

    proptest! {
        #[test]
        fn however_bytes_arrive_the_content_is_the_same(
            sizes in prop::collection::vec(0..=PAYLOAD, 1..6),
            at_a_time in 1_usize..9000,
            asked in 1_usize..9000,
        ) {
            let mut sent = preface();
            let mut content = Vec::new();
            for size in sizes {
                sent.extend(frame(DATA, 0, 7, &bytes(size)));
                sent.extend(frame(1, 4, 9, &bytes(size % 300)));
                content.extend(bytes(size));
            }
            let frames = frames(&read(&sent, at_a_time, asked));
            let data = frames.iter().filter(|frame| frame.0 == DATA);
            let got: Vec<u8> = data.flat_map(|frame| frame.3.clone()).collect();
            prop_assert_eq!(got, content);
        }
    }
}
