//! Questions about the network and services.

use super::Ready;

pub(super) const NETWORK: &[Ready] = &[
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
