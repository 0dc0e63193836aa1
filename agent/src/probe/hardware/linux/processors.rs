//! Processors: /proc/cpuinfo for what they are, /sys for how they are arranged.

use std::collections::{BTreeMap, BTreeSet};

use freehold_proto::v1::hardware::Processor;

use crate::{
    parse::cpu::{self, Thread},
    probe::{Root, section::Diagnostics, sysfs},
};

const SOURCE: &str = "/proc/cpuinfo";

/// What is found in one socket.
#[derive(Default)]
struct Package<'a> {
    first: Option<&'a Thread>,
    threads: u32,
    cores: BTreeSet<String>,
    max_khz: Option<u64>,
}

/// The processors, one entry a socket, in the order of the kernel's socket numbers. `sockets` are the
/// names that the firmware gives to the filled ones.
pub(super) fn read(
    root: &Root,
    sockets: &[String],
    diagnostics: &mut Diagnostics,
) -> Vec<Processor> {
    let Some(bytes) = diagnostics.read_required(root, SOURCE, "the processors are") else {
        return Vec::new();
    };
    let threads = cpu::cpuinfo(&String::from_utf8_lossy(&bytes));
    if threads.is_empty() {
        diagnostics.note(
            SOURCE,
            "",
            "names no processor, so the processors are missing",
        );
    }
    let mut packages: BTreeMap<i64, Package<'_>> = BTreeMap::new();
    for thread in &threads {
        packages
            .entry(package_number(root, thread))
            .or_default()
            .add(root, thread);
    }
    let named = sockets.len() == packages.len();
    packages
        .into_iter()
        .enumerate()
        .map(|(index, (number, package))| {
            let name = sockets.get(index).filter(|name| named && !name.is_empty());
            package.describe(
                name.cloned()
                    .unwrap_or_else(|| format!("CPU{}", number.max(0))),
            )
        })
        .collect()
}

impl<'a> Package<'a> {
    fn add(&mut self, root: &Root, thread: &'a Thread) {
        self.first.get_or_insert(thread);
        self.threads += 1;
        self.cores.insert(core(root, thread));
        let path = format!(
            "/sys/devices/system/cpu/cpu{}/cpufreq/cpuinfo_max_freq",
            thread.number
        );
        self.max_khz = self.max_khz.max(sysfs::number(root, &path));
    }

    fn describe(self, socket: String) -> Processor {
        let thread = self.first.cloned().unwrap_or_default();
        Processor {
            socket,
            maker: thread.maker,
            model: thread.model,
            cores: u32::try_from(self.cores.len()).ok(),
            threads: Some(self.threads),
            max_mhz: self.max_khz.and_then(|khz| u32::try_from(khz / 1000).ok()),
            microcode: thread.microcode,
            source: SOURCE.into(),
        }
    }
}

/// Number of the socket a thread is in; systems with one socket do not always number it.
fn package_number(root: &Root, thread: &Thread) -> i64 {
    let told = thread.package.map(i64::from);
    told.or_else(|| sysfs::number(root, &topology(thread, "physical_package_id")))
        .unwrap_or(0)
}

/// The core a thread belongs to, named by the threads that share it.
fn core(root: &Root, thread: &Thread) -> String {
    sysfs::value(root, &topology(thread, "core_cpus_list"))
        .or_else(|| sysfs::value(root, &topology(thread, "thread_siblings_list")))
        .unwrap_or_else(|| match thread.core {
            Some(core) => format!("core {core}"),
            None => format!("thread {}", thread.number),
        })
}

fn topology(thread: &Thread, name: &str) -> String {
    format!(
        "/sys/devices/system/cpu/cpu{}/topology/{name}",
        thread.number
    )
}
