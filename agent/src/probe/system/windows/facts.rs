//! The section, out of what the registry and a few calls answer.

use freehold_proto::v1::{
    Domain, OperatingSystem, System,
    domain::{Join, Role},
    system::ChassisKind,
    toggle::State,
};

use super::{masters::Masters, time_zones};
use crate::{
    probe::{
        section::{Diagnostics, seconds},
        system::hypervisor,
    },
    rows::{Answer, Row, Unread, file_time},
};

/// From this build on it is Windows 11, whatever the product's name says.
const FIRST_BUILD_OF_11: u32 = 22_000;
/// Numbers of `NETSETUP_JOIN_STATUS`.
const UNJOINED: i32 = 1;
const IN_WORKGROUP: i32 = 2;
const IN_DOMAIN: i32 = 3;

pub(super) const CURRENT_VERSION: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion";
pub(super) const CRYPTOGRAPHY: &str = r"HKLM\SOFTWARE\Microsoft\Cryptography";
pub(super) const PRODUCT_OPTIONS: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\ProductOptions";
pub(super) const TIME_ZONE: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\TimeZoneInformation";
pub(super) const ENVIRONMENT: &str =
    r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment";
pub(super) const FIRMWARE: &str = r"HKLM\HARDWARE\DESCRIPTION\System\BIOS";
pub(super) const ENTRA: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\CloudDomainJoin\JoinInfo";
/// Keys that exist while an update waits for a restart.
pub(super) const RESTART: [&str; 2] = [
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending",
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired",
];
const NAMES: &str = "GetComputerNameEx";
const MEMBERSHIP: &str = "NetGetJoinInformation";
const DIRECTORY: &str = "LDAP of this domain controller";

/// What Windows answers about itself.
pub(super) struct Rows {
    pub(super) current_version: Answer<Row>,
    pub(super) cryptography: Answer<Row>,
    pub(super) product_options: Answer<Row>,
    pub(super) time_zone: Answer<Row>,
    pub(super) environment: Answer<Row>,
    pub(super) firmware: Answer<Row>,
    /// Names of the keys of directories in the cloud that this computer is joined to.
    pub(super) entra: Answer<Vec<String>>,
    /// Whether each key of [`RESTART`] exists.
    pub(super) restart: [Answer<bool>; 2],
    pub(super) host: Answer<String>,
    pub(super) dns_domain: Answer<String>,
    /// A `NETSETUP_JOIN_STATUS` and the name of what was joined.
    pub(super) membership: Answer<(i32, String)>,
    /// Of a domain controller; `None` elsewhere.
    pub(super) masters: Option<Answer<Masters>>,
    pub(super) locale: Answer<String>,
    /// When the kernel started, as a file time.
    pub(super) booted: Option<u64>,
    /// What the processor says about the hypervisor below it.
    pub(super) hypervisor: Option<String>,
    /// Kind of machine by its firmware.
    pub(super) chassis: ChassisKind,
}

/// Makes the section.
pub(super) fn assemble(rows: &Rows) -> System {
    let mut diagnostics = Diagnostics::new();
    let operating_system = operating_system(rows, &mut diagnostics);
    let host = told(
        &rows.host,
        NAMES,
        "the computer's name is",
        &mut diagnostics,
    );
    let any_source_read = operating_system.is_some() || !host.is_empty();
    let virtualization = virtualization(rows, &mut diagnostics);
    let chassis = match virtualization.as_str() {
        "" | "none" => rows.chassis,
        _ => ChassisKind::Virtual,
    };
    let mut system = System {
        fqdn: fqdn(rows, &host, &mut diagnostics),
        host_name: host,
        machine_id: machine_id(rows, &mut diagnostics),
        kernel: kernel(rows, operating_system.as_ref()),
        operating_system,
        architecture: architecture(rows, &mut diagnostics),
        installed_at: rows
            .current_version
            .as_ref()
            .ok()
            .and_then(installed)
            .map(seconds),
        booted_at: booted(rows, &mut diagnostics).map(seconds),
        time_zone: time_zone(rows, &mut diagnostics),
        locale: told(
            &rows.locale,
            "GetSystemDefaultLocaleName",
            "the locale is",
            &mut diagnostics,
        ),
        domain: Some(domain(rows, &mut diagnostics)),
        virtualization,
        chassis: chassis.into(),
        pending_reboot: pending_restart(rows, &mut diagnostics).into(),
        ..System::default()
    };
    system.status = diagnostics.status(any_source_read).into();
    system.diagnostics = diagnostics.finish();
    system
}

fn operating_system(rows: &Rows, diagnostics: &mut Diagnostics) -> Option<OperatingSystem> {
    let row = read(
        &rows.current_version,
        CURRENT_VERSION,
        "the operating system's name is",
        diagnostics,
    )?;
    let build = row.text("CurrentBuildNumber");
    let product = Product::named(row.text("ProductName"), build.parse().unwrap_or_default());
    let revision = row.number::<u32>("UBR");
    let code_name = [row.text("DisplayVersion"), row.text("ReleaseId")];
    let code_name = code_name.into_iter().find(|name| !name.is_empty());
    Some(OperatingSystem {
        id: "windows".into(),
        name: fit(product.name, diagnostics),
        version: fit(product.version, diagnostics),
        edition: fit(product.edition, diagnostics),
        build: match revision {
            Some(revision) => format!("{build}.{revision}"),
            None => build.to_owned(),
        },
        code_name: fit(code_name.unwrap_or_default().to_owned(), diagnostics),
        like: Vec::new(),
    })
}

/// Such as "10.0.22631.3447": numbers that no product's name hides.
fn kernel(rows: &Rows, system: Option<&OperatingSystem>) -> String {
    let (Ok(row), Some(system)) = (&rows.current_version, system) else {
        return String::new();
    };
    let major = row.number::<u32>("CurrentMajorVersionNumber");
    let minor = row.number::<u32>("CurrentMinorVersionNumber");
    match (major, minor) {
        (Some(major), Some(minor)) => format!("{major}.{minor}.{}", system.build),
        _ => format!("{}.{}", row.text("CurrentVersion"), system.build),
    }
}

fn fit(text: String, diagnostics: &mut Diagnostics) -> String {
    diagnostics.fit(CURRENT_VERSION, "", text)
}

/// The parts of a product's name.
struct Product {
    name: String,
    version: String,
    edition: String,
}

impl Product {
    /// Takes "Windows Server 2012 R2 Standard" apart. Windows 11 goes on calling itself Windows 10.
    fn named(text: &str, build: u32) -> Self {
        let words: Vec<&str> = text.split_whitespace().collect();
        let is_version = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit());
        let at = words.iter().position(is_version).unwrap_or(words.len());
        let is_second_release = words.get(at + 1).is_some_and(|word| *word == "R2");
        let end = (at + 1 + usize::from(is_second_release)).min(words.len());
        let mut version = words[at..end].join(" ");
        if version == "10" && build >= FIRST_BUILD_OF_11 {
            version = "11".into();
        }
        Self {
            name: words[..at].join(" "),
            version,
            edition: words[end..].join(" "),
        }
    }
}

fn installed(row: &Row) -> Option<i64> {
    let by_file_time = row.number::<u64>("InstallTime").and_then(file_time);
    by_file_time.or_else(|| row.number::<i64>("InstallDate").filter(|unix| *unix > 0))
}

/// The start of the system, rounded down to the minute.
fn booted(rows: &Rows, diagnostics: &mut Diagnostics) -> Option<i64> {
    let unix = rows.booted.and_then(file_time);
    if unix.is_none() {
        let reason =
            "does not tell when the kernel started, so the time of the last start is missing";
        diagnostics.note("NtQuerySystemInformation", "", reason);
    }
    Some(unix? / 60 * 60)
}

fn machine_id(rows: &Rows, diagnostics: &mut Diagnostics) -> String {
    let row = read(
        &rows.cryptography,
        CRYPTOGRAPHY,
        "the machine id is",
        diagnostics,
    );
    let id = row.map(|row| row.text("MachineGuid").to_lowercase());
    let id = id.unwrap_or_default();
    let is_id = id.len() == 36
        && id
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if !is_id && rows.cryptography.is_ok() {
        let reason = "is no identifier, so the machine id is missing";
        diagnostics.note(CRYPTOGRAPHY, "MachineGuid", reason);
    }
    if is_id { id } else { String::new() }
}

/// The name of the kernel's architecture that other systems use, whatever this program was built for.
fn architecture(rows: &Rows, diagnostics: &mut Diagnostics) -> String {
    let row = read(
        &rows.environment,
        ENVIRONMENT,
        "the architecture is",
        diagnostics,
    );
    match row.map(|row| row.text("PROCESSOR_ARCHITECTURE")) {
        Some("AMD64") => "x86_64".into(),
        Some("ARM64") => "aarch64".into(),
        Some("x86") => "i686".into(),
        Some(other) => diagnostics.fit(ENVIRONMENT, "", other.to_owned()),
        None => String::new(),
    }
}

fn fqdn(rows: &Rows, host: &str, diagnostics: &mut Diagnostics) -> String {
    let domain = told(
        &rows.dns_domain,
        NAMES,
        "the fully qualified name is",
        diagnostics,
    );
    if host.is_empty() || domain.is_empty() {
        return String::new();
    }
    format!("{host}.{domain}")
}

fn time_zone(rows: &Rows, diagnostics: &mut Diagnostics) -> String {
    let Some(row) = read(&rows.time_zone, TIME_ZONE, "the time zone is", diagnostics) else {
        return String::new();
    };
    let name = row.text("TimeZoneKeyName");
    let iana = time_zones::iana(name);
    if iana.is_none() {
        let reason = format_args!(
            "holds '{name}', for which this agent knows no IANA name, so the time zone is missing"
        );
        diagnostics.note(TIME_ZONE, "TimeZoneKeyName", reason);
    }
    iana.unwrap_or_default().to_owned()
}

fn domain(rows: &Rows, diagnostics: &mut Diagnostics) -> Domain {
    let (status, name) = match &rows.membership {
        Ok((status, name)) => (*status, name.as_str()),
        Err(why) => {
            unread(
                MEMBERSHIP,
                why,
                "the membership in a domain is",
                diagnostics,
            );
            (0, "")
        }
    };
    let in_entra = match &rows.entra {
        Ok(keys) => !keys.is_empty(),
        Err(Unread::Absent) => false,
        Err(why) => {
            unread(ENTRA, why, "the membership in Entra ID is", diagnostics);
            false
        }
    };
    let join = match (status, in_entra) {
        (IN_DOMAIN, true) => Join::Hybrid,
        (IN_DOMAIN, false) => Join::Domain,
        (_, true) => Join::Entra,
        (IN_WORKGROUP, false) => Join::Workgroup,
        (UNJOINED, false) => Join::Standalone,
        _ => Join::Unspecified,
    };
    let dns_name = rows.dns_domain.as_deref().unwrap_or_default();
    let is_in_domain = matches!(join, Join::Domain | Join::Hybrid);
    let name = if is_in_domain && !dns_name.is_empty() {
        dns_name
    } else {
        name
    };
    Domain {
        name: diagnostics.fit(MEMBERSHIP, "", name.to_owned()),
        join: join.into(),
        role: role(rows, diagnostics).into(),
        fsmo_roles: master_of(rows, diagnostics),
    }
}

fn role(rows: &Rows, diagnostics: &mut Diagnostics) -> Role {
    let row = read(
        &rows.product_options,
        PRODUCT_OPTIONS,
        "the role in a domain is",
        diagnostics,
    );
    row.map_or(Role::Unspecified, role_of)
}

/// The role in a domain by the kind of product.
pub(super) fn role_of(product_options: &Row) -> Role {
    match product_options.text("ProductType") {
        "WinNT" => Role::Workstation,
        "ServerNT" => Role::MemberServer,
        "LanmanNT" => Role::DomainController,
        _ => Role::Unspecified,
    }
}

fn master_of(rows: &Rows, diagnostics: &mut Diagnostics) -> Vec<String> {
    const MISSING: &str = "operation-master roles may be";
    match &rows.masters {
        None => Vec::new(),
        Some(Ok(masters)) => masters.held(|entry, why| {
            let reason = format_args!("{why}, so {MISSING} missing");
            diagnostics.note(DIRECTORY, entry, reason);
        }),
        Some(Err(why)) => {
            unread(DIRECTORY, why, MISSING, diagnostics);
            Vec::new()
        }
    }
}

/// By the firmware first: Windows 10 and later run on a hypervisor of their own on bare metal, too.
fn virtualization(rows: &Rows, diagnostics: &mut Diagnostics) -> String {
    const OWN: &str = "microsoft";
    let row = match &rows.firmware {
        Ok(row) => Some(row),
        // A virtual machine may have no firmware that tells anything.
        Err(Unread::Absent) => None,
        Err(why) => {
            unread(FIRMWARE, why, "the kind of machine may be", diagnostics);
            None
        }
    };
    let told = [
        "SystemProductName",
        "SystemManufacturer",
        "BaseBoardManufacturer",
        "BIOSVendor",
    ];
    let by_firmware = row.and_then(|row| {
        told.iter()
            .find_map(|name| hypervisor::by_firmware(row.text(name)))
    });
    let by_processor = rows
        .hypervisor
        .as_deref()
        .map(|signature| hypervisor::by_signature(signature).unwrap_or("vm-other"));
    match (by_firmware, by_processor) {
        (Some(name), _) => name.into(),
        (None, Some(name)) if name != OWN => name.into(),
        _ => "none".into(),
    }
}

fn pending_restart(rows: &Rows, diagnostics: &mut Diagnostics) -> State {
    let mut state = State::Off;
    for (key, answer) in RESTART.iter().zip(&rows.restart) {
        match answer {
            Ok(true) => return State::On,
            Ok(false) => {}
            Err(why) => {
                unread(
                    key,
                    why,
                    "whether an update waits for a restart is",
                    diagnostics,
                );
                state = State::Unknown;
            }
        }
    }
    state
}

fn read<'a>(
    answer: &'a Answer<Row>,
    source: &str,
    missing: &str,
    diagnostics: &mut Diagnostics,
) -> Option<&'a Row> {
    answer
        .as_ref()
        .inspect_err(|why| unread(source, why, missing, diagnostics))
        .ok()
}

fn told(
    answer: &Answer<String>,
    source: &str,
    missing: &str,
    diagnostics: &mut Diagnostics,
) -> String {
    match answer {
        Ok(text) => diagnostics.fit(source, "", text.clone()),
        Err(why) => {
            unread(source, why, missing, diagnostics);
            String::new()
        }
    }
}

fn unread(source: &str, why: &Unread, missing: &str, diagnostics: &mut Diagnostics) {
    diagnostics.note(source, "", format_args!("{why}, so {missing} missing"));
}

#[cfg(test)]
mod tests;
