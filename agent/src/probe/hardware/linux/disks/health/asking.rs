//! Questions to devices that may never answer: on a thread that is left behind then.

use std::{
    collections::BTreeSet,
    io,
    sync::{Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};

/// Longest time that an answer is waited for.
const ANSWER: Duration = Duration::from_secs(3);

/// Devices that have not answered yet: they are not asked a second time.
static ASKED: Mutex<BTreeSet<(u32, u32)>> = Mutex::new(BTreeSet::new());

/// Asks a device by its number.
pub(super) fn in_time<T: Send + 'static>(
    device: (u32, u32),
    question: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    within(ANSWER, device, question)
}

fn within<T: Send + 'static>(
    time: Duration,
    device: (u32, u32),
    question: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let asked = || ASKED.lock().unwrap_or_else(PoisonError::into_inner);
    if !asked().insert(device) {
        return Err(io::ErrorKind::TimedOut.into());
    }
    let (sender, receiver) = mpsc::channel();
    let thread = thread::Builder::new()
        .name("disk".into())
        .stack_size(256 * 1024)
        .spawn(move || {
            let answer = question();
            asked().remove(&device);
            // Nobody listens any more once the time is over.
            let _ = sender.send(answer);
        });
    if let Err(error) = thread {
        asked().remove(&device);
        return Err(error);
    }
    receiver
        .recv_timeout(time)
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_device_that_does_not_answer_is_left_and_not_asked_again_until_it_did() {
        const DEVICE: (u32, u32) = (4_000, 7);
        let (release, held) = mpsc::channel::<()>();
        let hang = move || Ok(held.recv().is_ok());
        let late = within(Duration::from_millis(50), DEVICE, hang).unwrap_err();
        assert_eq!(late.kind(), io::ErrorKind::TimedOut);
        let again = within(ANSWER, DEVICE, || -> io::Result<()> {
            panic!("it was asked")
        });
        assert_eq!(again.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(within(ANSWER, (4_000, 8), || Ok(7)).unwrap(), 7);
        release.send(()).unwrap();
        let began = Instant::now();
        while within(ANSWER, DEVICE, || Ok(())).is_err() {
            assert!(began.elapsed() < ANSWER);
            thread::sleep(Duration::from_millis(5));
        }
    }
}
