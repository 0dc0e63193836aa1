//! Which certificate authorities a browser trusts: those a person installed, kept by NSS.

use std::{ffi::OsStr, path::Path};

use tokio::process::Command;

/// Lets a browser whose home is `home` trust some authorities, DER, beside those it brings along. False,
/// with a message, where certutil is missing.
pub async fn trusted_by(home: &Path, authorities: &[Vec<u8>]) -> bool {
    let store = home.join(".pki/nssdb");
    std::fs::create_dir_all(&store).expect("a directory");
    let database = format!("sql:{}", store.display());
    let made = certutil(&database, &["-N".as_ref(), "--empty-password".as_ref()]).await;
    if !made {
        eprintln!("NOT TESTED: no certutil (libnss3-tools) is installed");
        return false;
    }
    for (index, authority) in authorities.iter().enumerate() {
        let file = home.join(format!("authority-{index}.crt"));
        std::fs::write(&file, authority).expect("a file");
        let name = format!("authority {index}");
        let arguments: [&OsStr; 7] = [
            "-A".as_ref(),
            "-t".as_ref(),
            "C,,".as_ref(),
            "-n".as_ref(),
            name.as_ref(),
            "-i".as_ref(),
            file.as_ref(),
        ];
        let added = certutil(&database, &arguments).await;
        assert!(added, "certutil does not take the certificate");
    }
    true
}

async fn certutil(database: &str, arguments: &[&OsStr]) -> bool {
    let mut command = Command::new("certutil");
    command.args(["-d", database]).args(arguments);
    command.status().await.is_ok_and(|status| status.success())
}
