//! Questions about equipment.

use super::Ready;

pub(super) const EQUIPMENT: &[Ready] = &[
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
