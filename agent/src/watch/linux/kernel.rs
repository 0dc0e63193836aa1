//! Devices, addresses, routes, firewall rules and mounts, by netlink and /proc.

use std::{
    fs::File,
    future::poll_fn,
    io,
    os::fd::OwnedFd,
    sync::Arc,
    task::{Context, Poll},
};

use freehold_proto::v1::section::Kind;
use rustix::{
    io::Errno,
    net::{RecvFlags, netlink},
    process::{Pid, PidfdFlags},
};
use tokio::io::unix::AsyncFd;

use super::super::Subject;
use crate::{
    parse::uevent::{Event, event},
    sys,
};

const ANTIVIRUS: Subject = Subject::Section(Kind::Antivirus);
const HARDWARE: Subject = Subject::Section(Kind::Hardware);
const NETWORK: Subject = Subject::Section(Kind::Network);
const PROTECTION: Subject = Subject::Section(Kind::Protection);

/// Groups of `NETLINK_ROUTE`: links; addresses and routes of both versions of IP. Neighbours come and go
/// all the time and are not among them.
const ROUTE_GROUPS: u32 = 0x1 | 0x10 | 0x40 | 0x100 | 0x400;
/// What the kernel tells about devices, before udev has dealt with it.
const DEVICE_GROUPS: u32 = 0x1;
/// `NFNLGRP_NFTABLES`, number 7.
const RULE_GROUPS: u32 = 1 << 6;

/// Most datagrams read before the rest of the agent has its turn.
const DATAGRAMS: usize = 4096;
const DATAGRAM_BYTES: usize = 8 * 1024;

/// What the kernel tells without being asked.
#[derive(Debug, Default)]
pub(super) struct Kernel {
    sources: Vec<Source>,
}

#[derive(Debug)]
struct Source {
    what: What,
    descriptor: AsyncFd<Arc<OwnedFd>>,
    /// A table of mounts is readable from the beginning.
    is_first: bool,
    /// Most datagrams read at once.
    at_once: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Routes,
    Devices,
    Rules,
    Mounts,
    /// The end of a process of an antivirus product.
    Process(u32),
}

impl Kernel {
    /// Listens to all of them, as far as the kernel lets us. To be called within a runtime.
    pub(super) fn listen() -> Self {
        let all = [What::Routes, What::Devices, What::Rules, What::Mounts];
        Self {
            sources: all.into_iter().filter_map(Source::open).collect(),
        }
    }

    /// Waits for the end of these processes, and no longer for that of others.
    pub(super) fn follow(&mut self, processes: &[u32]) {
        self.sources.retain(|source| match source.what {
            What::Process(id) => processes.contains(&id),
            _ => true,
        });
        for id in processes {
            let what = What::Process(*id);
            if !self.sources.iter().any(|source| source.what == what) {
                self.sources.extend(Source::open(what));
            }
        }
    }

    /// Waits for news. Returns what it concerns. May be cancelled.
    pub(super) async fn changed(&mut self) -> Vec<Subject> {
        poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Vec<Subject>> {
        let mut subjects = Vec::new();
        self.sources
            .retain_mut(|source| match source.poll(context, &mut subjects) {
                Ok(more) => more,
                Err(error) => {
                    let what = source.what;
                    tracing::warn!(%error, ?what, "changes are noticed by polling only from now on");
                    false
                }
            });
        if subjects.is_empty() {
            return Poll::Pending;
        }
        Poll::Ready(subjects)
    }
}

impl Source {
    fn open(what: What) -> Option<Self> {
        match what.open().and_then(sys::readiness::of) {
            Ok(descriptor) => Some(Self {
                what,
                descriptor,
                is_first: true,
                at_once: DATAGRAMS,
            }),
            Err(error) => {
                tracing::debug!(%error, ?what, "changes are noticed by polling only");
                None
            }
        }
    }

    /// Adds what its news concern. False when there will be no more.
    fn poll(&mut self, context: &mut Context<'_>, subjects: &mut Vec<Subject>) -> io::Result<bool> {
        while let Poll::Ready(ready) = self.descriptor.poll_read_ready(context) {
            let mut ready = ready?;
            match self.what {
                What::Process(_) => {
                    subjects.push(ANTIVIRUS);
                    return Ok(false);
                }
                What::Mounts => {
                    ready.clear_ready();
                    if !std::mem::take(&mut self.is_first) {
                        subjects.extend_from_slice(self.what.subjects(None));
                    }
                }
                what => {
                    let most = self.at_once;
                    let read = ready
                        .try_io(|descriptor| drain(descriptor.get_ref(), what, most, subjects));
                    // Nothing more is there for now: the next round waits for it.
                    let Ok(read) = read else {
                        continue;
                    };
                    read?;
                    // More may be there. What tells without end must not keep everything else from its turn.
                    context.waker().wake_by_ref();
                    return Ok(true);
                }
            }
        }
        Ok(true)
    }
}

impl What {
    fn open(self) -> io::Result<OwnedFd> {
        match self {
            Self::Routes => sys::netlink::listen(None, ROUTE_GROUPS),
            Self::Devices => sys::netlink::listen(Some(netlink::KOBJECT_UEVENT), DEVICE_GROUPS),
            Self::Rules => sys::netlink::listen(Some(netlink::NETFILTER), RULE_GROUPS),
            Self::Mounts => Ok(File::open("/proc/self/mountinfo")?.into()),
            Self::Process(id) => {
                let gone = || io::Error::from(Errno::SRCH);
                let id = Pid::from_raw(id.cast_signed()).ok_or_else(gone)?;
                Ok(rustix::process::pidfd_open(id, PidfdFlags::empty())?)
            }
        }
    }

    /// What a message concerns; none stands for lost ones.
    fn subjects(self, message: Option<&[u8]>) -> &'static [Subject] {
        match self {
            Self::Routes => &[NETWORK],
            Self::Rules => &[PROTECTION],
            Self::Mounts => &[HARDWARE, PROTECTION],
            Self::Process(_) => &[ANTIVIRUS],
            Self::Devices => message.map_or(&[HARDWARE, NETWORK, PROTECTION], |message| {
                event(message).map_or(&[], |event| of_device(&event))
            }),
        }
    }
}

fn of_device(event: &Event<'_>) -> &'static [Subject] {
    match event.subsystem {
        "block" => &[HARDWARE, PROTECTION],
        "usb" | "drm" | "nvme" | "scsi" | "pci" | "tpm" | "memory" => &[HARDWARE],
        "power_supply" if event.action == "change" => &[Subject::Readings],
        "power_supply" => &[HARDWARE, Subject::Readings],
        "net" => &[NETWORK],
        _ => &[],
    }
}

/// Reads what is there, as far as it is no more than `most`; ends with `WouldBlock` when there is no more.
fn drain(
    descriptor: &OwnedFd,
    what: What,
    most: usize,
    subjects: &mut Vec<Subject>,
) -> io::Result<()> {
    let mut buffer = [0; DATAGRAM_BYTES];
    for _ in 0..most {
        let concerned = match rustix::net::recv(descriptor, &mut buffer, RecvFlags::empty()) {
            Ok((length, _)) => what.subjects(buffer.get(..length)),
            // More was told than we could keep up with.
            Err(Errno::NOBUFS) => what.subjects(None),
            Err(Errno::INTR) => &[],
            Err(error) => return Err(error.into()),
        };
        for subject in concerned {
            if !subjects.contains(subject) {
                subjects.push(*subject);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_concerns_hardware_and_encryption_and_a_draining_battery_only_readings() {
        let concerned = |message: &[u8]| What::Devices.subjects(Some(message));
        let disk = b"add@/devices/x\0SUBSYSTEM=block\0";
        assert_eq!(concerned(disk), [HARDWARE, PROTECTION]);
        let battery = b"change@/devices/x\0SUBSYSTEM=power_supply\0";
        assert_eq!(concerned(battery), [Subject::Readings]);
        assert_eq!(concerned(b"add@/devices/x\0SUBSYSTEM=bdi\0"), []);
        assert_eq!(concerned(b"rubbish"), []);
    }

    #[test]
    fn rules_and_mounts_concern_what_is_told_of_them_also_when_messages_were_lost() {
        assert_eq!(What::Rules.subjects(None), [PROTECTION]);
        assert_eq!(What::Mounts.subjects(None), [HARDWARE, PROTECTION]);
        assert_eq!(What::Routes.subjects(None), [NETWORK]);
        assert_eq!(What::Process(1).subjects(None), [ANTIVIRUS]);
        let lost = What::Devices.subjects(None);
        assert_eq!(lost, [HARDWARE, NETWORK, PROTECTION]);
    }

    #[tokio::test]
    async fn nothing_is_told_while_nothing_happens() {
        let mut kernel = Kernel::default();
        kernel.sources.extend(Source::open(What::Mounts));
        let wait = std::time::Duration::from_millis(200);
        let told = tokio::time::timeout(wait, kernel.changed()).await;
        assert!(told.is_err(), "{told:?}");
    }

    #[tokio::test]
    async fn whoever_tells_without_end_leaves_others_their_turn() {
        let (sender, receiver) = std::os::unix::net::UnixDatagram::pair().unwrap();
        receiver.set_nonblocking(true).unwrap();
        let left = receiver.try_clone().unwrap();
        for _ in 0..9 {
            sender.send(b"rubbish").unwrap();
        }
        let mut source = Source {
            what: What::Routes,
            descriptor: sys::readiness::of(receiver.into()).unwrap(),
            is_first: true,
            at_once: 4,
        };
        let mut turns = 0;
        let told = poll_fn(|context| {
            let mut subjects = Vec::new();
            assert!(source.poll(context, &mut subjects).unwrap());
            turns += usize::from(!subjects.is_empty());
            if turns == 3 {
                return Poll::Ready(());
            }
            // It asks to be called again, or this test would never end.
            Poll::Pending
        });
        let told = tokio::time::timeout(std::time::Duration::from_secs(10), told).await;
        assert_eq!(told, Ok(()), "4 and 4 and 1");
        let mut buffer = [0; 16];
        let nothing = left.recv(&mut buffer).unwrap_err();
        assert_eq!(nothing.kind(), io::ErrorKind::WouldBlock);
    }

    #[tokio::test]
    async fn the_end_of_a_process_is_told_once() {
        let mut process = std::process::Command::new("sleep")
            .arg("600")
            .spawn()
            .unwrap();
        let mut kernel = Kernel::default();
        kernel.follow(&[process.id()]);
        kernel.follow(&[process.id()]);
        assert_eq!(kernel.sources.len(), 1);
        process.kill().unwrap();
        assert_eq!(kernel.changed().await, [ANTIVIRUS]);
        assert!(kernel.sources.is_empty());
        process.wait().unwrap();
    }
}
