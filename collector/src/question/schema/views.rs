//! Views with the names, columns and types of osquery's tables, so that what technicians have written for it can be asked
//! here. What Freehold does not know is NULL there, or empty where osquery answers with empty text, so that a statement
//! which names such a column still has an answer.

/// A view.
#[derive(Debug)]
pub(in crate::question) struct View {
    /// Its name.
    pub(in crate::question) name: &'static str,
    /// What a row is.
    pub(in crate::question) about: &'static str,
    /// Its columns, and whether they hold whole numbers.
    pub(in crate::question) columns: &'static [(&'static str, bool)],
    /// The statement behind it, with the columns in that order.
    pub(in crate::question) sql: &'static str,
}

const T: bool = false;
const N: bool = true;

/// All views.
pub(in crate::question) const VIEWS: &[View] = &[
    PROGRAMS,
    DEB_PACKAGES,
    RPM_PACKAGES,
    USERS,
    GROUPS,
    SYSTEM_INFO,
    OS_VERSION,
    INTERFACE_ADDRESSES,
    LISTENING_PORTS,
    WINDOWS_SECURITY_PRODUCTS,
];

const PROGRAMS: View = View {
    name: "programs",
    about: "Programs installed on Windows computers, as in osquery.",
    columns: &[
        ("computer", T),
        ("computer_id", T),
        ("name", T),
        ("version", T),
        ("install_location", T),
        ("publisher", T),
        ("install_date", T),
        ("identifying_number", T),
        ("package_family_name", T),
        ("install_source", T),
        ("language", T),
        ("uninstall_string", T),
        ("upgrade_code", T),
    ],
    sql: "SELECT computer, computer_id, coalesce(title, name, ''), coalesce(version, ''), coalesce(location, ''), \
          coalesce(publisher, ''), coalesce(replace(substr(installed_at, 1, 10), '-', ''), ''), \
          CASE WHEN source = 'APPX' THEN '' ELSE coalesce(product_code, '') END, \
          CASE WHEN source = 'APPX' THEN coalesce(product_code, name, '') ELSE '' END, '', '', '', '' \
          FROM software_packages WHERE source IN ('REGISTRY', 'MSI', 'APPX')",
};

const DEB_PACKAGES: View = View {
    name: "deb_packages",
    about: "Packages of Debian and its descendants, as in osquery.",
    columns: &[
        ("computer", T),
        ("computer_id", T),
        ("name", T),
        ("version", T),
        ("source", T),
        ("size", N),
        ("arch", T),
        ("revision", T),
        ("status", T),
        ("maintainer", T),
        ("section", T),
        ("priority", T),
        ("admindir", T),
    ],
    sql: "SELECT computer, computer_id, coalesce(name, ''), \
          coalesce(epoch || ':', '') || coalesce(version, '') || coalesce('-' || \"release\", ''), \
          coalesce(source_package, ''), size_bytes, coalesce(architecture, ''), coalesce(\"release\", ''), \
          CASE state WHEN 'HELD' THEN 'hold ok installed' WHEN 'CONFIG_FILES' THEN 'deinstall ok config-files' \
          WHEN 'BROKEN' THEN 'install ok half-configured' ELSE 'install ok installed' END, \
          coalesce(publisher, ''), '', '', '' \
          FROM software_packages WHERE source = 'DPKG'",
};

const RPM_PACKAGES: View = View {
    name: "rpm_packages",
    about: "Packages of rpm, as in osquery.",
    columns: &[
        ("computer", T),
        ("computer_id", T),
        ("name", T),
        ("version", T),
        ("release", T),
        ("source", T),
        ("size", N),
        ("arch", T),
        ("epoch", N),
        ("install_time", N),
        ("vendor", T),
        ("sha1", T),
        ("package_group", T),
    ],
    sql: "SELECT computer, computer_id, coalesce(name, ''), coalesce(version, ''), coalesce(\"release\", ''), \
          coalesce(source_package, ''), size_bytes, coalesce(architecture, ''), epoch, \
          CAST(strftime('%s', installed_at) AS INTEGER), coalesce(publisher, ''), '', '' \
          FROM software_packages WHERE source = 'RPM'",
};

const USERS: View = View {
    name: "users",
    about: "Local accounts, as in osquery.",
    columns: &[
        ("computer", T),
        ("computer_id", T),
        ("uid", N),
        ("gid", N),
        ("username", T),
        ("description", T),
        ("directory", T),
        ("shell", T),
        ("uuid", T),
        ("uid_signed", N),
        ("gid_signed", N),
        ("type", T),
    ],
    // The number of an account of Windows is the last part of its identifier.
    sql: "SELECT computer, computer_id, CAST(replace(id, rtrim(id, '0123456789'), '') AS INTEGER), \
          CAST(replace(primary_group_id, rtrim(primary_group_id, '0123456789'), '') AS INTEGER), \
          coalesce(name, ''), coalesce(full_name, ''), coalesce(home, ''), coalesce(shell, ''), \
          CASE WHEN id LIKE 'S-1-%' THEN id ELSE '' END, \
          CAST(replace(id, rtrim(id, '0123456789'), '') AS INTEGER), \
          CAST(replace(primary_group_id, rtrim(primary_group_id, '0123456789'), '') AS INTEGER), '' \
          FROM accounts_accounts",
};

const GROUPS: View = View {
    name: "groups",
    about: "Local groups that have members, as in osquery.",
    columns: &[
        ("computer", T),
        ("computer_id", T),
        ("gid", N),
        ("groupname", T),
        ("group_sid", T),
        ("gid_signed", N),
        ("comment", T),
    ],
    sql: "SELECT computer, computer_id, CAST(replace(id, rtrim(id, '0123456789'), '') AS INTEGER), \
          coalesce(name, ''), CASE WHEN id LIKE 'S-1-%' THEN id ELSE '' END, \
          CAST(replace(id, rtrim(id, '0123456789'), '') AS INTEGER), '' \
          FROM accounts_groups",
};

const SYSTEM_INFO: View = View {
    name: "system_info",
    about: "Each computer as a machine, as in osquery.",
    columns: &[
        ("computer", T),
        ("computer_id", T),
        ("hostname", T),
        ("uuid", T),
        ("cpu_type", T),
        ("cpu_brand", T),
        ("cpu_physical_cores", N),
        ("cpu_logical_cores", N),
        ("cpu_sockets", N),
        ("cpu_microcode", T),
        ("physical_memory", N),
        ("hardware_vendor", T),
        ("hardware_model", T),
        ("hardware_serial", T),
        ("board_vendor", T),
        ("board_model", T),
        ("board_version", T),
        ("board_serial", T),
        ("computer_name", T),
        ("local_hostname", T),
        ("cpu_subtype", T),
        ("hardware_version", T),
        ("emulated_cpu_type", T),
    ],
    sql: "SELECT h.computer, h.computer_id, coalesce(s.fqdn, s.host_name, ''), coalesce(h.product_uuid, ''), \
          coalesce(s.architecture, ''), coalesce(max(p.model), ''), sum(p.cores), sum(p.threads), \
          count(p.computer_id), coalesce(max(p.microcode), ''), h.memory_bytes, coalesce(h.product_maker, ''), \
          coalesce(h.product_model, ''), coalesce(h.product_serial, ''), coalesce(h.board_maker, ''), \
          coalesce(h.board_model, ''), coalesce(h.board_version, ''), coalesce(h.board_serial, ''), \
          coalesce(s.host_name, ''), coalesce(s.host_name, ''), '', '', '' \
          FROM hardware AS h LEFT JOIN system AS s ON s.computer_id = h.computer_id \
          LEFT JOIN hardware_processors AS p ON p.computer_id = h.computer_id GROUP BY h.computer_id",
};

const OS_VERSION: View = View {
    name: "os_version",
    about: "The operating system of each computer, as in osquery.",
    columns: &[
        ("computer", T),
        ("computer_id", T),
        ("name", T),
        ("version", T),
        ("major", N),
        ("minor", N),
        ("build", T),
        ("platform", T),
        ("platform_like", T),
        ("codename", T),
        ("arch", T),
        ("install_date", N),
        ("patch", N),
        ("revision", N),
        ("extra", T),
    ],
    sql: "SELECT computer, computer_id, coalesce(operating_system_name, ''), \
          coalesce(operating_system_version, ''), CAST(operating_system_version AS INTEGER), \
          CASE WHEN operating_system_version LIKE '%.%' THEN CAST(substr(operating_system_version, \
          instr(operating_system_version, '.') + 1) AS INTEGER) END, \
          coalesce(operating_system_build, ''), coalesce(operating_system_id, ''), \
          coalesce((SELECT group_concat(value, ' ') FROM json_each(operating_system_like)), ''), \
          coalesce(operating_system_code_name, ''), coalesce(architecture, ''), \
          CAST(strftime('%s', installed_at) AS INTEGER), NULL, NULL, '' \
          FROM system",
};

const INTERFACE_ADDRESSES: View = View {
    name: "interface_addresses",
    about: "Addresses of network adapters, as in osquery. The mask is told of IPv4 alone.",
    columns: &[
        ("computer", T),
        ("computer_id", T),
        ("interface", T),
        ("address", T),
        ("mask", T),
        ("friendly_name", T),
        ("broadcast", T),
        ("point_to_point", T),
        ("type", T),
    ],
    sql: "SELECT computer, computer_id, interface, address, CASE WHEN bits IS NULL THEN '' ELSE \
          format('%d.%d.%d.%d', bits >> 24 & 255, bits >> 16 & 255, bits >> 8 & 255, bits & 255) END, interface, '', '', '' \
          FROM (SELECT a.computer AS computer, a.computer_id AS computer_id, coalesce(a.name, '') AS interface, \
          CASE WHEN e.value LIKE '%/%' THEN substr(e.value, 1, instr(e.value, '/') - 1) ELSE e.value END AS address, \
          CASE WHEN e.value LIKE '%.%/%' THEN (4294967295 << (32 - CAST(substr(e.value, instr(e.value, '/') + 1) \
          AS INTEGER))) & 4294967295 END AS bits FROM network_adapters AS a, json_each(a.addresses) AS e)",
};

const LISTENING_PORTS: View = View {
    name: "listening_ports",
    about: "Ports on which programs listen, as in osquery, with the program instead of its process.",
    columns: &[
        ("computer", T),
        ("computer_id", T),
        ("pid", N),
        ("port", N),
        ("protocol", N),
        ("family", N),
        ("address", T),
        ("path", T),
        ("fd", N),
        ("socket", N),
        ("net_namespace", T),
    ],
    // 6 and 17 are TCP and UDP, 2 and 10 IPv4 and IPv6 as osquery has them.
    sql: "SELECT computer, computer_id, NULL, port, CASE protocol WHEN 'tcp' THEN 6 WHEN 'udp' THEN 17 END, \
          CASE WHEN address LIKE '%:%' THEN 10 ELSE 2 END, coalesce(address, ''), coalesce(program, ''), NULL, NULL, '' \
          FROM services_listening_sockets",
};

const WINDOWS_SECURITY_PRODUCTS: View = View {
    name: "windows_security_products",
    about: "Antivirus products and firewalls of Windows computers, as in osquery.",
    columns: &[
        ("computer", T),
        ("computer_id", T),
        ("type", T),
        ("name", T),
        ("state", T),
        ("signatures_up_to_date", N),
        ("state_timestamp", T),
        ("remediation_path", T),
    ],
    sql: "SELECT p.computer, p.computer_id, 'Antivirus', coalesce(p.name, ''), CASE p.running_mode \
          WHEN 'ACTIVE' THEN CASE WHEN p.real_time_protection = 'OFF' THEN 'Off' ELSE 'On' END \
          WHEN 'UNKNOWN' THEN '' ELSE 'Off' END, \
          CASE p.signatures_current WHEN 'ON' THEN 1 WHEN 'OFF' THEN 0 END, '', '' \
          FROM antivirus_products AS p JOIN system AS s ON s.computer_id = p.computer_id \
          WHERE s.operating_system_id = 'windows' \
          UNION ALL SELECT f.computer, f.computer_id, 'Firewall', coalesce(f.name, ''), \
          CASE f.enabled WHEN 'ON' THEN 'On' WHEN 'OFF' THEN 'Off' ELSE '' END, NULL, '', '' \
          FROM protection_firewalls AS f JOIN system AS s ON s.computer_id = f.computer_id \
          WHERE s.operating_system_id = 'windows'",
};
