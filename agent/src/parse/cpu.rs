//! /proc/cpuinfo, and the lists of processor numbers in /sys.

/// What /proc/cpuinfo tells of one hardware thread. Fields that it lacks are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Thread {
    /// Number of the thread, as in `cpuN` in /sys/devices/system/cpu.
    pub number: u32,
    /// Number of the socket.
    pub package: Option<u32>,
    /// Number of the core within the socket.
    pub core: Option<u32>,
    /// Maker, such as `GenuineIntel`.
    pub maker: String,
    /// Model.
    pub model: String,
    /// Microcode revision.
    pub microcode: String,
    /// The processor says that it is run by a hypervisor.
    pub hypervisor: bool,
}

/// Reads the hardware threads that are online.
pub fn cpuinfo(text: &str) -> Vec<Thread> {
    let mut threads: Vec<Thread> = Vec::new();
    let mut shared = Thread::default();
    let mut part = String::new();
    for line in text.lines() {
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        let (key, value) = (key.trim(), value.trim());
        if key == "processor"
            && let Ok(number) = value.parse()
        {
            threads.push(Thread {
                number,
                ..Thread::default()
            });
            continue;
        }
        let thread = threads.last_mut().unwrap_or(&mut shared);
        match key {
            "physical id" => thread.package = value.parse().ok(),
            "core id" => thread.core = value.parse().ok(),
            "vendor_id" => value.clone_into(&mut thread.maker),
            "CPU implementer" => arm_implementer(value).clone_into(&mut thread.maker),
            "CPU part" => value.clone_into(&mut part),
            "model name" | "uarch" | "cpu model" => value.clone_into(&mut thread.model),
            "microcode" => value.clone_into(&mut thread.microcode),
            "flags" => thread.hypervisor = value.split(' ').any(|flag| flag == "hypervisor"),
            _ => {}
        }
        if thread.model.is_empty() && thread.maker == "ARM" {
            arm_part(&part).clone_into(&mut thread.model);
        }
    }
    threads
}

/// Reads a list of numbers such as "0-3,7". What makes no sense is passed over; at most 65,536 numbers.
pub fn list(text: &str) -> Vec<u32> {
    let mut numbers = Vec::new();
    for part in text.trim().split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (Ok(first), Ok(last)) = (first.parse::<u32>(), last.parse::<u32>()) else {
            continue;
        };
        numbers.extend((first..=last).take(65_536_usize.saturating_sub(numbers.len())));
    }
    numbers
}

/// Makers by the implementer code of ARM's main identification register.
fn arm_implementer(code: &str) -> &str {
    match code {
        "0x41" => "ARM",
        "0x42" => "Broadcom",
        "0x43" => "Cavium",
        "0x46" => "Fujitsu",
        "0x48" => "HiSilicon",
        "0x4e" => "NVIDIA",
        "0x50" => "APM",
        "0x51" => "Qualcomm",
        "0x53" => "Samsung",
        "0x56" => "Marvell",
        "0x61" => "Apple",
        "0x69" => "Intel",
        "0x6d" => "Microsoft",
        "0x70" => "Phytium",
        "0xc0" => "Ampere",
        other => other,
    }
}

/// Models by the part number of ARM's own cores.
fn arm_part(code: &str) -> &str {
    match code {
        "0xd03" => "Cortex-A53",
        "0xd04" => "Cortex-A35",
        "0xd05" => "Cortex-A55",
        "0xd07" => "Cortex-A57",
        "0xd08" => "Cortex-A72",
        "0xd09" => "Cortex-A73",
        "0xd0a" => "Cortex-A75",
        "0xd0b" => "Cortex-A76",
        "0xd0c" => "Neoverse-N1",
        "0xd40" => "Neoverse-V1",
        "0xd49" => "Neoverse-N2",
        "0xd4f" => "Neoverse-V2",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sockets_cores_and_the_hypervisor_are_read() {
        let text = "processor\t: 0\nvendor_id\t: AuthenticAMD\nmodel name\t: AMD EPYC\nmicrocode\t: 0x1000065\nphysical id\t: 0\ncore id\t\t: 0\nflags\t\t: fpu hypervisor\n\nprocessor\t: 1\nvendor_id\t: AuthenticAMD\nphysical id\t: 1\ncore id\t\t: 4\nflags\t\t: fpu\n";
        let threads = cpuinfo(text);
        assert_eq!(threads.len(), 2);
        assert_eq!(threads[0].model, "AMD EPYC");
        assert!(threads[0].hypervisor);
        assert_eq!(threads[1].package, Some(1));
        assert_eq!(threads[1].core, Some(4));
        assert!(!threads[1].hypervisor);
    }

    #[test]
    fn arm_codes_become_names() {
        let text =
            "processor\t: 0\nBogoMIPS\t: 108.00\nCPU implementer\t: 0x41\nCPU part\t: 0xd08\n";
        let threads = cpuinfo(text);
        assert_eq!(
            (threads[0].maker.as_str(), threads[0].model.as_str()),
            ("ARM", "Cortex-A72")
        );
    }

    #[test]
    fn lists_are_read_and_bounded() {
        assert_eq!(list("0-2,5\n"), [0, 1, 2, 5]);
        assert_eq!(list("x,3-1,4"), [4]);
        assert_eq!(list("0-4294967295").len(), 65_536);
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC*") {
            cpuinfo(&text);
            list(&text);
        }

        #[test]
        fn a_printed_list_is_read_again(ranges in proptest::collection::vec((0_u32..5000, 0_u32..50), 0..20)) {
            let texts: Vec<_> = ranges.iter().map(|(first, more)| match more {
                0 => first.to_string(),
                more => format!("{first}-{}", first + more),
            }).collect();
            let expected: Vec<u32> = ranges.iter().flat_map(|(first, more)| *first..=first + more).collect();
            prop_assert_eq!(list(&texts.join(",")), expected);
        }

        #[test]
        fn printed_threads_are_read_again(
            threads in proptest::collection::vec((0_u32..8, 0_u32..64, "[!-9;-~]{1,20}"), 0..20),
        ) {
            let threads: Vec<Thread> = (0..).zip(threads).map(|(number, (package, core, model))| Thread {
                number,
                package: Some(package),
                core: Some(core),
                maker: "GenuineIntel".into(),
                model,
                microcode: "0xf8".into(),
                hypervisor: core % 2 == 0,
            }).collect();
            let text = threads.iter().fold(String::new(), |text, thread| {
                let Thread { number, package, core, maker, model, microcode, hypervisor } = thread;
                let flags = if *hypervisor { "fpu hypervisor" } else { "fpu" };
                text + &format!(
                    "processor\t: {number}\nvendor_id\t: {maker}\nmodel name\t: {model}\nmicrocode\t: {microcode}\nphysical id\t: {}\ncore id\t\t: {}\nflags\t\t: {flags}\n\n",
                    package.unwrap(), core.unwrap(),
                )
            });
            prop_assert_eq!(cpuinfo(&text), threads);
        }
    }
}
