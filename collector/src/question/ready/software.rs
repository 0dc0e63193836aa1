//! Questions about software.

use super::Ready;

pub(super) const SOFTWARE: &[Ready] = &[
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
