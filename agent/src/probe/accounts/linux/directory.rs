//! Directories that know further people, groups and sudo rules. They are named, never asked: what they
//! hold belongs to the whole organisation, and listing it has brought servers down.

use std::fmt::Write as _;

use crate::parse::{
    ini::{self, Setting},
    settings,
};
use crate::probe::{Root, section::Diagnostics};

const NSSWITCH: &str = "/etc/nsswitch.conf";
const SSSD: &str = "/etc/sssd/sssd.conf";
const SSSD_DIRECTORY: &str = "/etc/sssd/conf.d";
const HOMED: &str = "/var/lib/systemd/home";

/// Most domains, and most names of a list, that are told.
const DOMAINS: usize = 8;
const NAMED: usize = 20;

/// What nsswitch.conf calls a directory, what people call it, and where it is configured. Distributions
/// name directories that nobody has set up: without a configuration they know nobody.
const DIRECTORIES: [(&str, &str, &[&str]); 5] = [
    ("sss", "SSSD", &[SSSD]),
    (
        "ldap",
        "LDAP",
        &[
            "/etc/nslcd.conf",
            "/etc/ldap.conf",
            "/etc/libnss-ldap.conf",
            "/etc/nss_ldap.conf",
        ],
    ),
    ("winbind", "Windows domain", &["/etc/samba/smb.conf"]),
    ("nis", "NIS", &["/etc/yp.conf"]),
    ("nisplus", "NIS+", &["/etc/yp.conf"]),
];

/// Where sudo's own LDAP support is configured.
const SUDO_LDAP: [&str; 4] = [
    "/etc/sudo-ldap.conf",
    "/etc/ldap.conf",
    "/etc/ldap/ldap.conf",
    "/etc/openldap/ldap.conf",
];

/// Notes the directories that know further people; whether there are any.
pub(super) fn of_people(root: &Root, diagnostics: &mut Diagnostics) -> bool {
    note_homed(root, diagnostics);
    let Some(switch) = read_switch(root, diagnostics, "whether a directory has accounts is") else {
        return false;
    };
    let mut found = Vec::new();
    for database in ["passwd", "group"] {
        for source in sources(&switch, database) {
            if source == "extrausers" && root.exists("/var/lib/extrausers/passwd").unwrap_or(true) {
                let reason = "accounts of /var/lib/extrausers are not listed";
                diagnostics.note(NSSWITCH, database, reason);
            }
            let known = DIRECTORIES.iter().find(|(name, ..)| *name == source);
            let Some((name, title, files)) = known else {
                continue;
            };
            if !found.contains(title) && is_configured(root, name, files) {
                found.push(*title);
            }
        }
    }
    if !found.is_empty() {
        let domains = domains(root);
        let domains = if domains.is_empty() {
            String::new()
        } else {
            format!(" ({})", domains.join(", "))
        };
        let who = if found.contains(&"SSSD") {
            sssd_access(root)
        } else {
            String::new()
        };
        let reason = format!(
            "accounts also come from {}{domains}; they are not enumerated, but kept where a local group or rule names them{who}",
            found.join(" and ")
        );
        diagnostics.remark(NSSWITCH, "passwd", reason);
    }
    !found.is_empty()
}

/// Notes the directories that hold sudo rules.
pub(super) fn of_sudo(root: &Root, diagnostics: &mut Diagnostics) {
    let Some(switch) = read_switch(root, diagnostics, "whether sudo asks a directory is") else {
        return;
    };
    for source in sources(&switch, "sudoers") {
        match source {
            "sss" => note_sssd(root, diagnostics),
            "ldap" => note_ldap(root, diagnostics),
            _ => {}
        }
    }
}

fn read_switch(root: &Root, diagnostics: &mut Diagnostics, missing: &str) -> Option<Vec<u8>> {
    diagnostics.read_optional(root, NSSWITCH, missing)
}

/// The sources of a database; what stands in brackets is what to do with an answer.
fn sources<'a>(switch: &'a [u8], database: &'a str) -> impl Iterator<Item = &'a str> {
    let sources = settings::values(switch, database).next();
    let mut inside = false;
    sources
        .unwrap_or_default()
        .split_whitespace()
        .filter(move |word| {
            let bracketed = inside || word.starts_with('[');
            inside = bracketed && !word.ends_with(']');
            !bracketed
        })
}

fn is_configured(root: &Root, name: &str, files: &[&str]) -> bool {
    // Not being allowed to look is no proof that there is nothing.
    let any = files.iter().any(|path| root.exists(path).unwrap_or(true));
    any || (name == "sss" && !sssd_fragments(root).is_empty())
}

fn sssd_fragments(root: &Root) -> Vec<String> {
    let names = root.list(SSSD_DIRECTORY).unwrap_or_default();
    let names = names.into_iter().filter_map(|name| name.into_string().ok());
    names
        .filter(|name| name.strip_suffix(".conf").is_some() && !name.starts_with('.'))
        .map(|name| format!("{SSSD_DIRECTORY}/{name}"))
        .collect()
}

/// SSSD's configuration, as far as it can be read.
fn sssd_texts(root: &Root) -> Vec<String> {
    let mut paths = vec![SSSD.to_owned()];
    paths.extend(sssd_fragments(root));
    let texts = paths.iter().filter_map(|path| root.read(path).ok());
    texts
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .collect()
}

/// The domains SSSD serves, with where their sudo rules come from; empty for nowhere.
fn sssd_domains(root: &Root) -> Vec<(String, String)> {
    let texts = sssd_texts(root);
    let all: Vec<Setting<'_>> = texts.iter().flat_map(|text| ini::settings(text)).collect();
    let enabled = ini::value(&all, "sssd", "domains").unwrap_or_default();
    let names = enabled.split(',').map(str::trim);
    names
        .filter(|name| !name.is_empty())
        .map(|name| {
            let section = format!("domain/{}", name.to_lowercase());
            let provider = ini::value(&all, &section, "sudo_provider")
                .or_else(|| ini::value(&all, &section, "id_provider"))
                .filter(|provider| !matches!(*provider, "none" | "files" | "proxy"));
            (name.to_owned(), provider.unwrap_or_default().to_owned())
        })
        .collect()
}

/// Who of the domains may sign in at this machine, where SSSD's own lists decide about that.
fn sssd_access(root: &Root) -> String {
    const LISTS: [(&str, &str); 4] = [
        ("simple_allow_users", "users"),
        ("simple_allow_groups", "groups"),
        ("simple_deny_users", "not users"),
        ("simple_deny_groups", "not groups"),
    ];
    let texts = sssd_texts(root);
    let all: Vec<Setting<'_>> = texts.iter().flat_map(|text| ini::settings(text)).collect();
    let mut told = String::new();
    for name in domains(root).into_iter().take(DOMAINS) {
        let section = format!("domain/{}", name.to_lowercase());
        let provider = ini::value(&all, &section, "access_provider").unwrap_or("permit");
        let lists = LISTS.iter().filter_map(|(key, what)| {
            let names = ini::value(&all, &section, key)?;
            Some(format!("{what} {}", shortened(names)))
        });
        let lists: Vec<_> = lists.collect();
        let who = match provider {
            "simple" if lists.is_empty() => "everyone".to_owned(),
            "simple" => lists.join("; "),
            "permit" => "everyone".to_owned(),
            "deny" => "nobody".to_owned(),
            other => format!("whoever the domain lets ({other})"),
        };
        let _ = write!(told, "; of {name} may sign in: {who}");
    }
    told
}

/// A list of names, separated by commas, of bounded length.
fn shortened(names: &str) -> String {
    let names: Vec<&str> = names.split(',').map(str::trim).collect();
    let more = names.len().saturating_sub(NAMED);
    let mut told = names[..names.len().min(NAMED)].join(", ");
    if more > 0 {
        let _ = write!(told, " and {more} more");
    }
    told
}

fn domains(root: &Root) -> Vec<String> {
    let domains = sssd_domains(root).into_iter();
    domains.map(|(name, _)| name).collect()
}

fn note_sssd(root: &Root, diagnostics: &mut Diagnostics) {
    if !is_configured(root, "sss", &[SSSD]) {
        return;
    }
    let domains = sssd_domains(root);
    let with_rules: Vec<_> = domains
        .iter()
        .filter(|(_, provider)| !provider.is_empty())
        .map(|(name, provider)| format!("{name} by {provider}"))
        .collect();
    let fragments = root.list(SSSD_DIRECTORY);
    let readable = root.read(SSSD).is_ok()
        && fragments.map_or_else(|error| crate::probe::root::is_absent(&error), |_| true);
    if readable && !domains.is_empty() && with_rules.is_empty() {
        return;
    }
    let of = if with_rules.is_empty() {
        String::new()
    } else {
        format!(" ({})", with_rules.join(", "))
    };
    let reason = format!(
        "sudo also asks SSSD{of}; rules in the directory are not read here, so they are missing"
    );
    diagnostics.note(NSSWITCH, "sudoers", reason);
}

fn note_ldap(root: &Root, diagnostics: &mut Diagnostics) {
    let configured = SUDO_LDAP.iter().find(|path| {
        root.read(path).map_or_else(
            |error| !crate::probe::root::is_absent(&error),
            |bytes| settings::values(&bytes, "sudoers_base").next().is_some(),
        )
    });
    if let Some(path) = configured {
        let reason = format!(
            "sudo also asks LDAP, as {path} says; rules in the directory are not read here, so they are missing"
        );
        diagnostics.note(NSSWITCH, "sudoers", reason);
    }
}

/// systemd-homed keeps accounts outside of passwd.
fn note_homed(root: &Root, diagnostics: &mut Diagnostics) {
    let names = diagnostics.list_optional(root, HOMED, "accounts of systemd-homed are");
    let names: Vec<_> = names
        .iter()
        .filter_map(|name| name.strip_suffix(".identity"))
        .collect();
    if !names.is_empty() {
        let reason = format!(
            "accounts of systemd-homed are not listed: {}",
            names.join(", ")
        );
        diagnostics.note(HOMED, "", reason);
    }
}
