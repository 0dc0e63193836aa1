//! Questions in plain words, each with the statement that answers it. They are asked like any other.

/// A question.
#[derive(Debug)]
pub(crate) struct Ready {
    /// Its word in addresses.
    pub(crate) word: &'static str,
    /// The question.
    pub(crate) title: &'static str,
    /// Why somebody asks.
    pub(crate) why: &'static str,
    /// The statement.
    pub(crate) sql: &'static str,
}

/// Questions about one subject.
#[derive(Debug)]
pub(crate) struct Subject {
    /// The subject.
    pub(crate) title: &'static str,
    pub(crate) questions: &'static [Ready],
}

/// The question of a word.
pub(crate) fn ready(word: &str) -> Option<&'static Ready> {
    let questions = SUBJECTS.iter().flat_map(|subject| subject.questions);
    questions.into_iter().find(|ready| ready.word == word)
}

/// All questions.
pub(crate) static SUBJECTS: &[Subject] = &[
    Subject {
        title: "Protection",
        questions: PROTECTION,
    },
    Subject {
        title: "People",
        questions: PEOPLE,
    },
    Subject {
        title: "Software",
        questions: SOFTWARE,
    },
    Subject {
        title: "Equipment",
        questions: EQUIPMENT,
    },
    Subject {
        title: "Network and services",
        questions: NETWORK,
    },
];

const PROTECTION: &[Ready] = &[
    Ready {
        word: "no-antivirus",
        title: "Which computers have no working antivirus?",
        why: "Whatever such a computer downloads can read and lock your files.",
        sql: r#"SELECT c.computer AS "Computer",
  CASE c.antivirus
    WHEN 'none' THEN 'No antivirus was found'
    WHEN 'weak' THEN 'There is one, but it does not protect as it should'
    ELSE 'Not known: not every source could be read'
  END AS "What is known",
  (SELECT group_concat(p.name, ', ') FROM antivirus_products AS p WHERE p.computer_id = c.computer_id) AS "Products"
FROM computers AS c
WHERE c.state = 'ACTIVE' AND coalesce(c.antivirus, 'unknown') <> 'working'
ORDER BY c.computer"#,
    },
    Ready {
        word: "antivirus",
        title: "Which antivirus products do we use?",
        why: "Two products on one computer can get in each other\u{2019}s way, and each licence costs money.",
        sql: r#"SELECT name AS "Product", running_mode AS "How it runs", count(DISTINCT computer_id) AS "Computers"
FROM antivirus_products
GROUP BY name, running_mode
ORDER BY count(DISTINCT computer_id) DESC, name"#,
    },
    Ready {
        word: "old-signatures",
        title: "Which antivirus does not know this week\u{2019}s malware?",
        why: "Antivirus recognises what it was told about: without news it misses what is new.",
        sql: r#"SELECT computer AS "Computer", name AS "Product", signatures_at AS "Signatures made",
  signatures_current AS "Considers itself current"
FROM antivirus_products
WHERE signatures_current = 'OFF' OR signatures_at < datetime(:as_of, '-7 days')
ORDER BY computer, name"#,
    },
    Ready {
        word: "firewall-off",
        title: "Where is the firewall switched off?",
        why: "Without it every computer in the same network can try the doors of this one.",
        sql: r#"SELECT computer AS "Computer", name AS "Firewall", enabled AS "Filters"
FROM protection_firewalls
WHERE coalesce(enabled, 'UNKNOWN') <> 'ON'
ORDER BY computer, name"#,
    },
    Ready {
        word: "not-encrypted",
        title: "Which portable computers are not encrypted?",
        why: "Whoever finds or steals one can read everything on it.",
        sql: r#"SELECT s.computer AS "Computer", s.chassis AS "Kind", e.mount AS "Volume",
  coalesce(e.encrypted, 'UNKNOWN') AS "Encrypted"
FROM system AS s LEFT JOIN protection_volume_encryption AS e ON e.computer_id = s.computer_id
WHERE s.chassis IN ('LAPTOP', 'TABLET') AND coalesce(e.encrypted, 'UNKNOWN') <> 'ON'
ORDER BY s.computer, e.mount"#,
    },
    Ready {
        word: "updates-by-hand",
        title: "Which computers do not update themselves?",
        why: "Most break-ins use faults for which there has been an update for months.",
        sql: r#"SELECT computer AS "Computer", updates_automatic AS "By itself", updates_product AS "With",
  updates_last_success_at AS "Last updated", updates_problem AS "Problem"
FROM protection
WHERE coalesce(updates_automatic, 'UNKNOWN') <> 'ON' OR updates_problem IS NOT NULL
ORDER BY updates_last_success_at"#,
    },
    Ready {
        word: "missing-updates",
        title: "Where are security updates missing?",
        why: "Each is a known way in that could be shut today.",
        sql: r#"SELECT computer AS "Computer", updates_pending_security AS "Missing", updates_last_check_at AS "Last checked"
FROM protection
WHERE updates_pending_security > 0
ORDER BY updates_pending_security DESC, computer"#,
    },
    Ready {
        word: "no-backup",
        title: "On which computers was no backup program found?",
        why: "Some keep nothing of their own. For the others a broken disk is the end of what is on it.",
        sql: r#"SELECT p.computer AS "Computer", s.chassis AS "Kind", p.status AS "How much could be read"
FROM protection AS p LEFT JOIN system AS s ON s.computer_id = p.computer_id
WHERE NOT EXISTS (SELECT 1 FROM protection_backup_products AS b WHERE b.computer_id = p.computer_id)
ORDER BY p.computer"#,
    },
    Ready {
        word: "last-backup",
        title: "When did each backup program last succeed?",
        why: "A backup that nobody looks at has often not run for months.",
        sql: r#"SELECT computer AS "Computer", name AS "Program", last_success_at AS "Last success", scheduled AS "By itself"
FROM protection_backup_products
ORDER BY last_success_at IS NOT NULL, last_success_at"#,
    },
];

const PEOPLE: &[Ready] = &[
    Ready {
        word: "administrators",
        title: "Who can administer which computer?",
        why: "An administrator can read, change and delete everything on it.",
        sql: r#"SELECT principal AS "Who", principal_kind AS "Kind", group_concat(DISTINCT computer) AS "Computers"
FROM accounts_privileges
WHERE full_control = 'ON'
GROUP BY principal, principal_kind
ORDER BY count(DISTINCT computer_id) DESC, principal"#,
    },
    Ready {
        word: "server-administrators",
        title: "Who can administer the server?",
        why: "What everybody relies on should be in few hands, and you should know whose.",
        sql: r#"SELECT p.computer AS "Computer", p.principal AS "Who", p.mechanism AS "How", p.path AS "By way of",
  p.conditions AS "Conditions"
FROM accounts_privileges AS p JOIN system AS s ON s.computer_id = p.computer_id
WHERE p.full_control = 'ON'
  AND (s.chassis = 'SERVER' OR s.domain_role IN ('MEMBER_SERVER', 'DOMAIN_CONTROLLER')
    OR EXISTS (SELECT 1 FROM services_roles AS r WHERE r.computer_id = p.computer_id))
ORDER BY p.computer, p.principal"#,
    },
    Ready {
        word: "no-password",
        title: "Which accounts need no password?",
        why: "Whoever sits down at the computer is in.",
        sql: r#"SELECT computer AS "Computer", name AS "Account", full_name AS "Name", password_set AS "Has a password",
  password_required AS "Needs one"
FROM accounts_accounts
WHERE coalesce(enabled, 'ON') <> 'OFF' AND coalesce(built_in, 'OFF') <> 'ON'
  AND (password_set = 'OFF' OR password_required = 'OFF')
ORDER BY computer, name"#,
    },
    Ready {
        word: "old-passwords",
        title: "Whose password is older than a year?",
        why: "Those who left may still know it. A password that never changed is often shared.",
        sql: r#"SELECT computer AS "Computer", name AS "Account", password_changed_at AS "Last changed",
  password_never_expires AS "Never expires"
FROM accounts_accounts
WHERE password_changed_at < date(:as_of, '-1 year') AND coalesce(enabled, 'ON') <> 'OFF'
  AND coalesce(locked, 'OFF') <> 'ON'
ORDER BY password_changed_at"#,
    },
    Ready {
        word: "unused-accounts",
        title: "Which accounts has nobody used for half a year?",
        why: "Accounts of people who left are doors that nobody watches.",
        sql: r#"SELECT computer AS "Computer", name AS "Account", full_name AS "Name", last_sign_in_at AS "Last sign-in noted"
FROM accounts_accounts
WHERE interactive = 'ON' AND coalesce(enabled, 'ON') <> 'OFF' AND coalesce(built_in, 'OFF') <> 'ON'
  AND (last_sign_in_at IS NULL OR last_sign_in_at < date(:as_of, '-6 months'))
ORDER BY computer, name"#,
    },
    Ready {
        word: "signed-in",
        title: "Who is signed in where?",
        why: "As the computers last told.",
        sql: r#"SELECT computer AS "Computer", account AS "Account", since AS "Since", terminal AS "At"
FROM readings_sessions
ORDER BY computer, account"#,
    },
    Ready {
        word: "keys",
        title: "Which keys open administrators\u{2019} accounts without a password?",
        why: "A key stays valid when the person who has it leaves.",
        sql: r#"SELECT computer AS "Computer", account AS "Account", comment AS "Whose, by its comment", kind AS "Kind",
  fingerprint AS "Fingerprint"
FROM accounts_authorized_keys
ORDER BY comment, computer"#,
    },
];

const SOFTWARE: &[Ready] = &[
    Ready {
        word: "java-8",
        title: "Where is Java 8?",
        why: "It is old, and free updates for businesses ended in 2019; some programs still bring it along.",
        sql: r#"SELECT computer AS "Computer", coalesce(title, name) AS "Program", version AS "Version",
  publisher AS "Publisher"
FROM software_packages
WHERE name LIKE '%java 8%' OR title LIKE '%java 8%' OR name LIKE 'openjdk-8-%' OR name LIKE 'java-1.8.0-%'
ORDER BY computer, name"#,
    },
    Ready {
        word: "this-month",
        title: "What was installed this month?",
        why: "New programs should be ones that somebody asked for.",
        sql: r#"SELECT computer AS "Computer", coalesce(title, name) AS "Program", version AS "Version",
  installed_at AS "Installed"
FROM software_packages
WHERE installed_at >= date(:as_of, 'start of month') AND system_component = 0
ORDER BY installed_at DESC, computer, name
LIMIT 2000"#,
    },
    Ready {
        word: "one-computer-only",
        title: "Which programs are on one computer only?",
        why: "What only one has was often installed by somebody, not by plan.",
        sql: r#"SELECT coalesce(title, name) AS "Program", max(computer) AS "Computer", max(publisher) AS "Publisher"
FROM software_packages
WHERE system_component = 0 AND source NOT IN ('DPKG', 'RPM', 'APK', 'PACMAN', 'HOTFIX')
GROUP BY coalesce(title, name)
HAVING count(DISTINCT computer_id) = 1
ORDER BY 1
LIMIT 2000"#,
    },
    Ready {
        word: "common",
        title: "Which programs do most computers have?",
        why: "This is what your licences and your updates are about.",
        sql: r#"SELECT name AS "Program", count(DISTINCT computer_id) AS "Computers", count(DISTINCT version) AS "Versions"
FROM software_packages
GROUP BY name
ORDER BY count(DISTINCT computer_id) DESC, name
LIMIT 500"#,
    },
    Ready {
        word: "browsers",
        title: "Which web browsers are in use, in which versions?",
        why: "The browser meets everything bad on the Internet first: old versions are dangerous.",
        sql: r#"SELECT coalesce(title, name) AS "Browser", version AS "Version", count(DISTINCT computer_id) AS "Computers",
  group_concat(DISTINCT computer) AS "On"
FROM software_packages
WHERE name LIKE '%firefox%' OR name LIKE '%chrome%' OR name LIKE 'chromium%' OR name LIKE '%microsoft%edge%'
  OR name LIKE '%opera%stable%' OR title LIKE '%firefox%'
GROUP BY coalesce(title, name), version
ORDER BY 1, 2"#,
    },
    Ready {
        word: "systems",
        title: "Which operating systems do we have, and how many of each?",
        why: "Each is supported by its maker until a certain day.",
        sql: r#"SELECT operating_system_name AS "System", operating_system_version AS "Version",
  operating_system_edition AS "Edition", count(*) AS "Computers", group_concat(computer) AS "On"
FROM system
GROUP BY operating_system_name, operating_system_version, operating_system_edition
ORDER BY count(*) DESC, 1, 2"#,
    },
    Ready {
        word: "remote-access",
        title: "Through which programs can somebody work on our computers from elsewhere?",
        why: "Each is a way in. Suppliers that left sometimes leave theirs behind.",
        sql: r#"SELECT name AS "Program", coalesce(enabled, 'UNKNOWN') AS "In use", count(DISTINCT computer_id) AS "Computers",
  group_concat(DISTINCT computer) AS "On"
FROM protection_remote_access
GROUP BY name, coalesce(enabled, 'UNKNOWN')
ORDER BY name"#,
    },
];

const EQUIPMENT: &[Ready] = &[
    Ready {
        word: "list",
        title: "What computers do we own, with their serial numbers?",
        why: "For the insurance, the tax adviser and the warranty.",
        sql: r#"SELECT h.computer AS "Computer", h.product_maker AS "Maker", h.product_model AS "Model",
  h.product_serial AS "Serial number", h.firmware_released_on AS "Firmware of",
  round(h.memory_bytes / 1073741824.0, 1) AS "Memory, GiB"
FROM hardware AS h
ORDER BY h.computer"#,
    },
    Ready {
        word: "old-computers",
        title: "Which computers are probably older than five years?",
        why: "Their firmware is that old. Plan the replacement before they fail.",
        sql: r#"SELECT computer AS "Computer", product_maker AS "Maker", product_model AS "Model",
  firmware_released_on AS "Firmware of"
FROM hardware
WHERE firmware_released_on < date(:as_of, '-5 years')
ORDER BY firmware_released_on"#,
    },
    Ready {
        word: "full-disks",
        title: "Which disks are nearly full?",
        why: "A full disk stops updates, backups and people\u{2019}s work.",
        sql: r#"SELECT v.computer AS "Computer", v.mount AS "Volume", round(v.size_bytes / 1e9, 1) AS "Size, GB",
  round(r.free_bytes / 1e9, 1) AS "Free, GB", 100 * r.free_bytes / v.size_bytes AS "Free, percent"
FROM hardware_volumes AS v JOIN readings_volumes AS r ON r.computer_id = v.computer_id AND r.mount = v.mount
WHERE v.size_bytes > 0 AND r.free_bytes < v.size_bytes / 10 AND coalesce(v.read_only, 'OFF') <> 'ON'
ORDER BY 100 * r.free_bytes / v.size_bytes"#,
    },
    Ready {
        word: "sick-disks",
        title: "Which disks say that they are about to fail?",
        why: "There is often a warning of some days.",
        sql: r#"SELECT computer AS "Computer", name AS "Disk", model AS "Model", serial AS "Serial number", health AS "Health"
FROM hardware_disks
WHERE health IN ('WARNING', 'FAILING')
ORDER BY computer, name"#,
    },
    Ready {
        word: "little-memory",
        title: "Which computers have less than 8 GiB of memory?",
        why: "They feel slow, and more memory is cheaper than a new computer.",
        sql: r#"SELECT h.computer AS "Computer", round(h.memory_bytes / 1073741824.0, 1) AS "Memory, GiB",
  h.product_model AS "Model", (SELECT count(*) FROM hardware_memory_modules AS m
    WHERE m.computer_id = h.computer_id AND m.size_bytes = 0) AS "Free slots"
FROM hardware AS h
WHERE h.memory_bytes < 7500000000
ORDER BY h.memory_bytes"#,
    },
    Ready {
        word: "silent",
        title: "Which computers have not been heard from for a week?",
        why: "They are switched off, away, or their agent does not work.",
        sql: r#"SELECT computer AS "Computer", last_contact_at AS "Last contact", joined_at AS "Joined"
FROM computers
WHERE state = 'ACTIVE' AND (last_contact_at IS NULL OR last_contact_at < datetime(:as_of, '-7 days'))
ORDER BY last_contact_at"#,
    },
    Ready {
        word: "printers",
        title: "Which printers are set up where?",
        why: "Before one is replaced, it helps to know who uses it.",
        sql: r#"SELECT name AS "Printer", model AS "Model", connection AS "Connection", group_concat(DISTINCT computer) AS "On"
FROM hardware_printers
GROUP BY name, model, connection
ORDER BY name"#,
    },
];

const NETWORK: &[Ready] = &[
    Ready {
        word: "open-ports",
        title: "Which programs can be reached over the network?",
        why: "Each one that nobody needs is a door too many.",
        sql: r#"SELECT program AS "Program", protocol AS "Protocol", port AS "Port", count(DISTINCT computer_id) AS "Computers",
  group_concat(DISTINCT computer) AS "On"
FROM services_listening_sockets
WHERE address NOT LIKE '127.%' AND address <> '::1'
GROUP BY program, protocol, port
ORDER BY port, protocol"#,
    },
    Ready {
        word: "databases",
        title: "Where are our databases?",
        why: "They hold what the business lives on, sometimes on a computer that nobody backs up.",
        sql: r#"SELECT computer AS "Computer", product AS "Product", instance AS "Instance", version AS "Version",
  data_path AS "Folder", running AS "Runs"
FROM services_databases
ORDER BY computer, product"#,
    },
    Ready {
        word: "shares",
        title: "Which folders do computers share with others?",
        why: "What is shared can be read, and locked, from another computer.",
        sql: r#"SELECT computer AS "Computer", name AS "Share", path AS "Folder", protocol AS "Protocol"
FROM services_file_shares
ORDER BY computer, name"#,
    },
    Ready {
        word: "roles",
        title: "What does each server do for the others?",
        why: "This is what stops when it is switched off.",
        sql: r#"SELECT computer AS "Computer", kind AS "Role", description AS "In words"
FROM services_roles
ORDER BY computer, kind"#,
    },
    Ready {
        word: "addresses",
        title: "Which addresses do our computers have?",
        why: "For whoever has to find one in the network.",
        sql: r#"SELECT computer AS "Computer", interface AS "Adapter", address AS "Address", mask AS "Mask"
FROM interface_addresses
WHERE address NOT LIKE '127.%' AND address <> '::1'
ORDER BY computer, interface, address"#,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_at_least_twenty_each_with_a_word_of_its_own_and_a_reason() {
        let questions: Vec<&Ready> = SUBJECTS.iter().flat_map(|it| it.questions).collect();
        assert!(questions.len() >= 20);
        for one in &questions {
            assert!(
                one.title.ends_with('?') && one.why.ends_with('.'),
                "{}",
                one.title
            );
            assert!(ready(one.word).is_some_and(|found| std::ptr::eq(found, *one)));
        }
    }
}
