//! What each list of the inventory holds and how a change in it is told: the one place to extend when
//! the schema grows. A test fails when a list is missing here.

use freehold_proto::v1::section::Kind;

/// A list of a section.
#[derive(Debug)]
pub(super) struct List {
    /// The section.
    pub(super) kind: Kind,
    /// The list's field in it.
    pub(super) field: &'static str,
    /// What one item is called.
    pub(super) noun: &'static str,
    /// What several are called.
    pub(super) plural: &'static str,
    /// Fields that say that two items are the same thing. Each set is tried in turn on the items that the
    /// sets before it left over; an item that does not know the first field of a set is not matched by it.
    pub(super) keys: &'static [&'static [&'static str]],
    /// Fields that name an item.
    pub(super) title: &'static [&'static str],
    /// Fields shown right after the name, each after its separator, as far as needed to see a difference.
    pub(super) headline: &'static [(&'static str, &'static str)],
    /// Fields that change along with the headline and are then not worth a word.
    pub(super) along: &'static [&'static str],
    /// Fields in which a difference is not worth an entry at all: where something was read, and what
    /// changes every day by itself.
    pub(super) quiet: &'static [&'static str],
    /// How a sentence about an item is formed.
    pub(super) form: Form,
}

/// How a sentence about an item is formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// "NOUN TITLE HEADLINE added".
    Plain,
    /// "administrator added: NAME (why)".
    Privilege,
    /// "accounts: SOURCE could not be read: REASON".
    Diagnostic,
    /// "port PORT (PROTOCOL) now listens for WHOM, opened by PROGRAM".
    Socket,
}

const PLAIN: List = List {
    kind: Kind::Unspecified,
    field: "",
    noun: "",
    plural: "",
    keys: &[&["name"]],
    title: &["name"],
    headline: &[],
    along: &[],
    quiet: &["source"],
    form: Form::Plain,
};

/// Every list of every section except the diagnostics, which all sections have.
pub(super) static LISTS: &[List] = &[
    List {
        kind: Kind::Hardware,
        field: "processors",
        noun: "processor",
        plural: "processors",
        keys: &[&["socket", "model"], &["socket"], &["model"]],
        title: &["socket", "model"],
        quiet: &["source", "microcode"],
        ..PLAIN
    },
    List {
        kind: Kind::Hardware,
        field: "memory_modules",
        noun: "memory slot",
        plural: "memory slots",
        keys: &[&["slot"]],
        title: &["slot"],
        headline: &[("", "size_bytes")],
        ..PLAIN
    },
    List {
        kind: Kind::Hardware,
        field: "disks",
        noun: "disk",
        plural: "disks",
        keys: &[&["serial"], &["wwn"], &["name"]],
        title: &["name", "model"],
        headline: &[("", "size_bytes")],
        ..PLAIN
    },
    List {
        kind: Kind::Hardware,
        field: "raids",
        noun: "RAID",
        plural: "RAIDs",
        title: &["name", "level"],
        ..PLAIN
    },
    List {
        kind: Kind::Hardware,
        field: "volumes",
        noun: "volume",
        plural: "volumes",
        keys: &[&["mount", "device"], &["mount"]],
        title: &["mount"],
        headline: &[("", "size_bytes")],
        ..PLAIN
    },
    List {
        kind: Kind::Hardware,
        field: "graphics_adapters",
        noun: "graphics adapter",
        plural: "graphics adapters",
        keys: &[&["maker", "model"], &["model"]],
        title: &["maker", "model"],
        ..PLAIN
    },
    List {
        kind: Kind::Hardware,
        field: "monitors",
        noun: "monitor",
        plural: "monitors",
        keys: &[
            &["serial"],
            &["connector", "maker", "model"],
            &["connector"],
            &["model"],
        ],
        title: &["maker", "model"],
        ..PLAIN
    },
    List {
        kind: Kind::Hardware,
        field: "batteries",
        noun: "battery",
        plural: "batteries",
        title: &["name", "model"],
        ..PLAIN
    },
    List {
        kind: Kind::Hardware,
        field: "printers",
        noun: "printer",
        plural: "printers",
        ..PLAIN
    },
    List {
        kind: Kind::Hardware,
        field: "usb_devices",
        noun: "USB device",
        plural: "USB devices",
        keys: &[&["vendor_id", "product_id", "serial"]],
        title: &["maker", "model", "vendor_id", "product_id"],
        ..PLAIN
    },
    List {
        kind: Kind::Software,
        field: "packages",
        noun: "package",
        plural: "packages",
        keys: &[
            &["name", "source", "architecture", "user", "channel"],
            &["name", "source", "architecture", "user"],
            &["product_code", "source", "user"],
        ],
        headline: &[("", "version"), ("-", "release"), (" epoch ", "epoch")],
        along: &[
            "installed_at",
            "size_bytes",
            "publisher",
            "location",
            "product_code",
        ],
        quiet: &[],
        ..PLAIN
    },
    List {
        kind: Kind::Antivirus,
        field: "products",
        noun: "antivirus",
        plural: "antivirus products",
        keys: &[&["name", "vendor"], &["name"]],
        headline: &[("", "version")],
        along: &["engine_version"],
        quiet: &[
            "source",
            "signature_version",
            "signatures_at",
            "last_full_scan_at",
            "last_quick_scan_at",
        ],
        ..PLAIN
    },
    List {
        kind: Kind::Accounts,
        field: "accounts",
        noun: "account",
        plural: "accounts",
        keys: &[&["id", "name"], &["name"]],
        // It changes every day that somebody works.
        quiet: &["source", "last_sign_in_at"],
        ..PLAIN
    },
    List {
        kind: Kind::Accounts,
        field: "groups",
        noun: "group",
        plural: "groups",
        keys: &[&["id", "name"], &["name"]],
        ..PLAIN
    },
    List {
        kind: Kind::Accounts,
        field: "privileges",
        noun: "administrator",
        plural: "administrators",
        keys: &[
            &[
                "principal",
                "principal_kind",
                "mechanism",
                "path",
                "scope",
                "source",
                "conditions",
            ],
            &[
                "principal",
                "principal_kind",
                "mechanism",
                "path",
                "scope",
                "source",
            ],
            &["principal", "principal_kind", "mechanism", "path", "source"],
            &["principal", "principal_kind", "mechanism", "path"],
        ],
        title: &["principal"],
        quiet: &["source", "line"],
        form: Form::Privilege,
        ..PLAIN
    },
    List {
        kind: Kind::Accounts,
        field: "authorized_keys",
        noun: "administrator key",
        plural: "administrator keys",
        keys: &[
            &["account", "fingerprint", "source"],
            &["account", "fingerprint"],
        ],
        title: &["account", "kind", "fingerprint", "comment"],
        quiet: &["source", "line"],
        ..PLAIN
    },
    List {
        kind: Kind::Network,
        field: "adapters",
        noun: "network adapter",
        plural: "network adapters",
        keys: &[&["name"], &["mac"]],
        ..PLAIN
    },
    List {
        kind: Kind::Network,
        field: "routes",
        noun: "route",
        plural: "routes",
        keys: &[
            &["destination", "gateway", "adapter"],
            &["destination", "adapter"],
        ],
        title: &["destination"],
        headline: &[("via ", "gateway")],
        ..PLAIN
    },
    List {
        kind: Kind::Network,
        field: "name_servers",
        noun: "name server",
        plural: "name servers",
        keys: &[&["address"]],
        title: &["address"],
        ..PLAIN
    },
    List {
        kind: Kind::Network,
        field: "dhcp_servers",
        noun: "DHCP server",
        plural: "DHCP servers",
        keys: &[&["address", "adapter"]],
        title: &["address", "adapter"],
        ..PLAIN
    },
    List {
        kind: Kind::Services,
        field: "services",
        noun: "service",
        plural: "services",
        ..PLAIN
    },
    List {
        kind: Kind::Services,
        field: "listening_sockets",
        noun: "listening socket",
        plural: "listening sockets",
        keys: &[
            &["protocol", "address", "port", "program"],
            &["protocol", "address", "port"],
            // Some servers are given another port each time they start.
            &["program", "protocol", "address"],
        ],
        title: &["protocol", "address", "port"],
        form: Form::Socket,
        ..PLAIN
    },
    List {
        kind: Kind::Services,
        field: "databases",
        noun: "database",
        plural: "databases",
        keys: &[
            &["product", "instance", "data_path"],
            &["product", "instance"],
        ],
        title: &["product", "instance"],
        headline: &[("", "version")],
        ..PLAIN
    },
    List {
        kind: Kind::Services,
        field: "roles",
        noun: "role",
        plural: "roles",
        keys: &[&["kind"]],
        title: &["description"],
        ..PLAIN
    },
    List {
        kind: Kind::Services,
        field: "file_shares",
        noun: "shared folder",
        plural: "shared folders",
        keys: &[&["name", "protocol"]],
        title: &["name"],
        headline: &[("", "path")],
        ..PLAIN
    },
    List {
        kind: Kind::Services,
        field: "scheduled_tasks",
        noun: "scheduled task",
        plural: "scheduled tasks",
        keys: &[&["name", "account"], &["name"]],
        ..PLAIN
    },
    List {
        kind: Kind::Protection,
        field: "volume_encryption",
        noun: "encryption of volume",
        plural: "encryptions of volumes",
        keys: &[&["mount"]],
        title: &["mount"],
        ..PLAIN
    },
    List {
        kind: Kind::Protection,
        field: "firewalls",
        noun: "firewall",
        plural: "firewalls",
        ..PLAIN
    },
    List {
        kind: Kind::Protection,
        field: "backup_products",
        noun: "backup program",
        plural: "backup programs",
        quiet: &["source", "last_success_at"],
        ..PLAIN
    },
    List {
        kind: Kind::Protection,
        field: "remote_access",
        noun: "way in from elsewhere",
        plural: "ways in from elsewhere",
        ..PLAIN
    },
];

/// Fields of messages within a section that change every day by themselves: a difference in them alone is
/// not worth an entry. Field of the section, field of the message.
pub(super) static DAILY: &[(&str, &str)] =
    &[("updates", "last_check_at"), ("updates", "last_success_at")];

/// The list that every section has.
pub(super) static DIAGNOSTICS: List = List {
    field: "diagnostics",
    noun: "diagnostic",
    plural: "diagnostics",
    keys: &[&["source", "position", "reason"]],
    title: &["source", "position"],
    quiet: &["gap"],
    form: Form::Diagnostic,
    ..PLAIN
};

/// What fields are called where their names in the schema do not read well; "Message.field" where another
/// message has a field of the same name.
pub(super) static WORDS: &[(&str, &str)] = &[
    ("Account.enabled", "may sign in"),
    ("Firewall.enabled", "filters"),
    ("Firewall.inbound", "what no rule speaks of"),
    ("RemoteAccess.password_sign_in", "sign-in with a password"),
    (
        "RemoteAccess.root_password_sign_in",
        "sign-in as root with a password",
    ),
    ("Updates.automatic", "installed by themselves"),
    ("Updates.product", "installed by"),
    ("addresses", "addresses"),
    ("bios", "BIOS"),
    ("booted_at", "last start"),
    ("created_at", "creation"),
    ("data_path", "folder of its data"),
    ("expires_at", "expiry"),
    ("fqdn", "full name on the network"),
    ("fsmo_roles", "operation-master roles"),
    ("full_control", "full control"),
    ("id", "identifier"),
    ("installed_at", "installation"),
    ("interactive", "interactive session"),
    ("last_success_at", "last success"),
    ("licence_expires_at", "end of the licence"),
    ("like", "family"),
    ("locked", "password locked"),
    ("mac", "hardware address"),
    ("machine_id", "installation identifier"),
    ("maker", "maker"),
    ("memory_bytes", "memory"),
    ("mtu", "largest packet"),
    ("password_changed_at", "last change of the password"),
    ("pending_reboot", "restart needed"),
    ("pending_security", "missing security updates"),
    ("primary_group_id", "primary group"),
    ("read_only", "read-only"),
    ("real_time_protection", "real-time protection"),
    ("released_on", "release"),
    ("router_behind_router", "router behind a router"),
    ("signatures_current", "signatures current"),
    ("size_bytes", "size"),
    ("running", "runs"),
    ("sku", "stock-keeping unit"),
    ("start", "starts"),
    ("ssid", "wireless network"),
    ("tpm", "security chip"),
    ("up", "link"),
    ("uuid", "UUID"),
    ("wwn", "world-wide name"),
];

#[cfg(test)]
mod tests {
    use prost_reflect::{Kind as FieldKind, MessageDescriptor};

    use super::*;
    use crate::change::schema::{KINDS, message_of};

    fn names(message: &MessageDescriptor) -> Vec<String> {
        message
            .fields()
            .map(|field| field.name().to_owned())
            .collect()
    }

    fn nested_lists(message: &MessageDescriptor, path: &str, found: &mut Vec<String>) {
        for field in message.fields() {
            let FieldKind::Message(inner) = field.kind() else {
                continue;
            };
            let path = format!("{path}{}", field.name());
            if field.is_list() {
                found.push(path.clone());
            }
            nested_lists(&inner, &format!("{path}."), found);
        }
    }

    #[test]
    fn every_list_of_the_schema_is_in_the_catalogue() {
        for kind in KINDS {
            let mut lists = Vec::new();
            nested_lists(&message_of(kind).unwrap(), "", &mut lists);
            for list in lists {
                let known = list == DIAGNOSTICS.field
                    || LISTS
                        .iter()
                        .any(|entry| entry.kind == kind && entry.field == list);
                assert!(
                    known,
                    "{}: list {list} needs an entry in change/catalogue.rs",
                    kind.as_str_name()
                );
            }
        }
    }

    #[test]
    fn every_name_in_the_catalogue_is_in_the_schema() {
        for list in LISTS {
            let section = message_of(list.kind).unwrap();
            let field = section
                .get_field_by_name(list.field)
                .unwrap_or_else(|| panic!("no list {}", list.field));
            assert!(field.is_list(), "{} is no list", list.field);
            let FieldKind::Message(item) = field.kind() else {
                panic!("{} has no messages", list.field)
            };
            let known = names(&item);
            let headline = list.headline.iter().map(|(_, name)| name);
            let used = list.keys.iter().flat_map(|set| set.iter());
            let used = used
                .chain(list.title)
                .chain(headline)
                .chain(list.along)
                .chain(list.quiet);
            for name in used {
                // Where something was read is quiet everywhere, also in the few items that do not say it.
                assert!(
                    known.iter().any(|field| field == name) || *name == "source",
                    "{}.{name} does not exist",
                    list.field
                );
            }
        }
    }
}
