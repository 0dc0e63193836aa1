//! Questions about people.

use super::Ready;

pub(super) const PEOPLE: &[Ready] = &[
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
