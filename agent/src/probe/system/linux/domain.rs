//! Membership in a domain or directory, as the machine's own configuration states it.

use freehold_proto::v1::{
    Domain,
    domain::{Join, Role},
};

use crate::{
    parse::ini::{self, Setting},
    probe::{Root, root::is_absent, section::Diagnostics, sysfs},
};

/// Reads the membership. "In no directory" is said only when every source could be read.
pub(super) fn read(root: &Root, diagnostics: &mut Diagnostics) -> Domain {
    let mut unread = false;
    let mut source = |path: &str, read: fn(&[Setting<'_>]) -> Option<Domain>| {
        let missing = "membership in a domain may be";
        match root.read(path) {
            Ok(bytes) => read(&ini::settings(&diagnostics.decode(path, "", &bytes))),
            Err(error) if is_absent(&error) => None,
            Err(error) => {
                diagnostics.unreadable(path, &error, missing);
                unread = true;
                None
            }
        }
    };
    let found = source("/etc/samba/smb.conf", samba)
        .or_else(|| source("/etc/ipa/default.conf", free_ipa))
        .or_else(|| source("/etc/sssd/sssd.conf", sssd))
        .or_else(|| source("/etc/himmelblau/himmelblau.conf", himmelblau))
        .or_else(|| {
            let has_key = sysfs::exists(root, "/etc/krb5.keytab");
            source("/etc/krb5.conf", kerberos).filter(|_| has_key)
        });
    found.unwrap_or_else(|| Domain {
        join: if unread {
            Join::Unspecified
        } else {
            Join::Standalone
        }
        .into(),
        ..Domain::default()
    })
}

fn member(name: &str) -> Domain {
    Domain {
        name: name.to_lowercase(),
        join: Join::Domain.into(),
        ..Domain::default()
    }
}

fn samba(settings: &[Setting<'_>]) -> Option<Domain> {
    let global = |key| ini::value(settings, "global", key).unwrap_or_default();
    let role = global("server role").to_lowercase();
    let mut domain = member(global("realm"));
    if role == "active directory domain controller" || role == "domain controller" {
        domain.set_role(Role::DomainController);
        return Some(domain);
    }
    let joined = global("security").eq_ignore_ascii_case("ads") && !domain.name.is_empty();
    joined.then_some(domain)
}

fn free_ipa(settings: &[Setting<'_>]) -> Option<Domain> {
    ini::value(settings, "global", "domain")
        .or_else(|| ini::value(settings, "global", "realm"))
        .map(member)
}

fn sssd(settings: &[Setting<'_>]) -> Option<Domain> {
    settings.iter().find_map(|setting| {
        let name = setting.section.strip_prefix("domain/")?;
        let is_directory = setting.key == "id_provider" && matches!(setting.value, "ad" | "ipa");
        is_directory.then(|| {
            let given = ["ad_domain", "ipa_domain"]
                .iter()
                .find_map(|key| ini::value(settings, &setting.section, key));
            member(given.unwrap_or(name))
        })
    })
}

fn himmelblau(settings: &[Setting<'_>]) -> Option<Domain> {
    let name = ini::value(settings, "global", "domain")
        .or_else(|| ini::value(settings, "global", "domains"))?;
    let mut domain = member(name.split(',').next().unwrap_or_default().trim());
    domain.set_join(Join::Entra);
    Some(domain)
}

fn kerberos(settings: &[Setting<'_>]) -> Option<Domain> {
    ini::value(settings, "libdefaults", "default_realm").map(member)
}
