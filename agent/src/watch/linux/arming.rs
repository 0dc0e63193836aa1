//! Telling the kernel which folders to watch. Walks paths, which may hang on a dead network share.

use std::{
    io,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
};

use rustix::{
    fs::inotify::{self, WatchFlags},
    io::Errno,
};

use super::super::{Place, places::Signs};

/// A folder to watch.
#[derive(Debug)]
struct Wanted {
    directory: PathBuf,
    events: WatchFlags,
    places: Vec<usize>,
}

/// A folder that is watched.
#[derive(Debug)]
pub(super) struct Armed {
    /// The kernel's name for it; several paths can lead to one folder.
    pub(super) id: i32,
    /// The folder, as wanted.
    pub(super) directory: PathBuf,
    /// The folder does not exist: the nearest one above it is watched until this name comes into being.
    pub(super) awaits: Option<Vec<u8>>,
    /// Which places it is watched for.
    pub(super) places: Vec<usize>,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Arming {
    pub(super) armed: Vec<Armed>,
    /// What was to be watched.
    pub(super) places: Vec<Place>,
    /// The kernel grants no more watches.
    pub(super) exhausted: bool,
}

/// Watches every folder, or what its coming into being shows in. What is watched already stays watched.
pub(super) fn arm(descriptor: &OwnedFd, root: &Path, places: Vec<Place>) -> Arming {
    let mut arming = Arming::default();
    for wanted in folders(&places) {
        let directory = wanted.directory;
        match arm_one(descriptor, root, &directory, wanted.events) {
            Ok((id, awaits)) => arming.armed.push(Armed {
                id,
                directory,
                awaits,
                places: wanted.places,
            }),
            Err(error) if error.kind() == io::ErrorKind::StorageFull => {
                arming.exhausted = true;
                break;
            }
            // Not ours to look into: polling must do.
            Err(error) => {
                let directory = directory.display();
                tracing::debug!(%error, %directory, "changes there are noticed by polling");
            }
        }
    }
    arming.places = places;
    arming
}

/// Each folder once, with all that matters in it.
fn folders(places: &[Place]) -> Vec<Wanted> {
    let mut wanted: Vec<Wanted> = Vec::new();
    for (index, place) in places.iter().enumerate() {
        let events = events(place.signs);
        match wanted.iter_mut().find(|it| it.directory == place.directory) {
            Some(same) => {
                same.events |= events;
                same.places.push(index);
            }
            None => wanted.push(Wanted {
                directory: place.directory.clone(),
                events,
                places: vec![index],
            }),
        }
    }
    wanted
}

fn events(signs: Signs) -> WatchFlags {
    let content = match signs {
        Signs::Closed => WatchFlags::CLOSE_WRITE | WatchFlags::ATTRIB,
        Signs::Written => WatchFlags::MODIFY,
        Signs::Presence => WatchFlags::empty(),
    };
    content
        | WatchFlags::CREATE
        | WatchFlags::DELETE
        | WatchFlags::MOVED_FROM
        | WatchFlags::MOVED_TO
        | WatchFlags::DELETE_SELF
        | WatchFlags::MOVE_SELF
}

fn arm_one(
    descriptor: &OwnedFd,
    root: &Path,
    directory: &Path,
    events: WatchFlags,
) -> io::Result<(i32, Option<Vec<u8>>)> {
    let common = WatchFlags::ONLYDIR | WatchFlags::MASK_ADD;
    let below_root = directory.strip_prefix("/").unwrap_or(directory);
    let mut place = below_root;
    let mut events = events;
    let mut awaits = None;
    loop {
        match inotify::add_watch(descriptor, root.join(place), events | common) {
            Ok(id) => return Ok((id, awaits)),
            Err(Errno::NOENT | Errno::NOTDIR) => {}
            Err(error) => return Err(error.into()),
        }
        let (Some(above), Some(name)) = (place.parent(), place.file_name()) else {
            return Err(io::ErrorKind::NotFound.into());
        };
        awaits = Some(name.as_encoded_bytes().to_owned());
        events = WatchFlags::CREATE | WatchFlags::MOVED_TO;
        place = above;
    }
}
