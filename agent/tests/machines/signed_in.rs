//! Who signed in last, in databases made by SQLite itself and in a file that `last` reads.

use std::process::Command;

use serde_json::Value;

use super::{program, tree::Tree};

const PASSWD: &str = "root:x:0:0::/root:/bin/bash\nanna:x:1000:1000::/home/anna:/bin/bash\nuser700:x:1700:1700::/home/u:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n";

/// As lastlog2 and wtmpdb make them; the second with so many records that its tree has inner pages.
const MAKE: &str = "
import sqlite3, sys
root = sys.argv[1]
db = sqlite3.connect(root + '/var/lib/lastlog/lastlog2.db')
db.execute('CREATE TABLE Lastlog2(Name TEXT PRIMARY KEY, Time INTEGER, TTY TEXT, RemoteHost TEXT, Service TEXT)')
db.execute('INSERT INTO Lastlog2 VALUES (?, ?, ?, ?, ?)', ('anna', 1767225600 + 3600, 'pts/0', None, 'sshd'))
db.commit()
db = sqlite3.connect(root + '/var/lib/wtmpdb/wtmp.db')
db.execute('CREATE TABLE IF NOT EXISTS wtmp(ID INTEGER PRIMARY KEY, Type INTEGER, User TEXT NOT NULL, Login INTEGER, Logout INTEGER, TTY TEXT, RemoteHost TEXT, Service TEXT) STRICT'.replace(' STRICT', ''))
for number in range(6000):
    at = (1700000000 + number * 100) * 1000000
    db.execute('INSERT INTO wtmp (Type, User, Login, Logout, TTY, RemoteHost, Service) VALUES (3, ?, ?, NULL, ?, ?, ?)', ('user%d' % (number % 1000), at, 'pts/1', '192.0.2.1', 'sshd'))
db.execute('INSERT INTO wtmp (Type, User, Login) VALUES (3, ?, ?)', ('anna', 1000000000 * 1000000))
db.commit()
";

fn signed_in(answer: &Value, name: &str) -> Option<String> {
    let accounts = answer["accounts"]["accounts"].as_array().unwrap();
    let account = accounts.iter().find(|account| account["name"] == name);
    account.unwrap()["last_sign_in_at"]
        .as_str()
        .map(str::to_owned)
}

#[test]
fn the_last_sign_in_is_read_from_databases_that_sqlite_made() {
    if !program::has("python3", "databases that SQLite made") {
        return;
    }
    let tree = Tree::new()
        .file("/etc/passwd", PASSWD)
        .file("/etc/group", "root:x:0:\n")
        .file("/etc/shadow", "root:*:1::::::\n")
        .folder("/var/lib/lastlog")
        .folder("/var/lib/wtmpdb");
    let made = Command::new("python3")
        .args(["-c", MAKE])
        .arg(tree.root())
        .output()
        .unwrap();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let answer = program::sections(tree.root(), &["accounts"]);
    assert_eq!(answer["accounts"]["status"], "COMPLETE", "{answer}");
    assert_eq!(
        signed_in(&answer, "anna").as_deref(),
        Some("2026-01-01T00:00:00Z")
    );
    // The last of user700 is number 5700: 1700570000.
    assert_eq!(
        signed_in(&answer, "user700").as_deref(),
        Some("2023-11-21T00:00:00Z")
    );
    assert_eq!(signed_in(&answer, "bob"), None);
}
