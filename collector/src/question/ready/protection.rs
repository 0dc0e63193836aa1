//! Questions about protection.

use super::Ready;

pub(super) const PROTECTION: &[Ready] = &[
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
