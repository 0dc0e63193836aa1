//! `init` and `restore`: subcommands that make a data directory.

use std::{
    io::{self, IsTerminal as _},
    path::Path,
};

use anyhow::Context as _;
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use super::{Init, Recover, Restore};
use crate::{
    access::People,
    addresses,
    audit::Actor,
    authority::{Authority, generate_passphrase},
    clock::Clock,
    config,
    control::client,
    data::{self, DataDirectory},
    store::{
        Options, Store, StoreError,
        backup::{self, Restoration},
        record::SettingsRecord,
    },
};

/// Longest name of a business, in characters.
const NAME_LENGTH: usize = 200;

/// `init`
pub(super) async fn init(args: &Init) -> anyhow::Result<()> {
    let path = config::data_directory(args.data.data.as_deref())?;
    let addresses = args.address.iter().map(|address| {
        addresses::complete(address).with_context(|| {
            format!(
                "--address {address:?} is not HOST or HOST:PORT, such as office.example.com or 192.168.1.10:7443"
            )
        })
    });
    let addresses = addresses.collect::<anyhow::Result<Vec<_>>>()?;
    if let Some(notes) = args.notes.as_deref().filter(|notes| notes.exists()) {
        anyhow::bail!(
            "{} is there already, and may hold another collector's secrets: name a new file with --notes",
            notes.display()
        );
    }
    let (data, store, kit) = create(Making {
        path: &path,
        name: &args.name,
        addresses,
        clock: &Clock::system(),
        demo: false,
    })
    .await?;
    let log = Authority::load(&data.authority(), &Clock::system())?.log();
    let (code, expires_at) = People::new(store.clone(), log)
        .issue_code(&Actor::console())
        .await?;
    store.close().await;
    let secrets = Zeroizing::new(format!(
        "{}Set-up code: {}\nValid until {expires_at}; a new one: freehold-collector owner reset\n",
        *kit,
        code.expose().as_str()
    ));
    match &args.notes {
        Some(notes) => {
            // They are told once: better seen than lost.
            data::write_notes(notes, &secrets)
                .inspect_err(|_| print!("{}", *secrets))
                .context("the collector is made, but its notes are not written: keep what is printed above")?;
        }
        None => print!("{}", *secrets),
    }
    println!("Next: freehold-collector serve --data {}", path.display());
    Ok(())
}

/// `restore`
pub(super) fn restore(args: &Restore) -> anyhow::Result<()> {
    let path = config::data_directory(args.data.data.as_deref())?;
    let data = DataDirectory::prepare(&path)?;
    let identity = args.owner_kit.as_deref().map(backup_key).transpose()?;
    // First, so that no crash can leave a restored store that does not know it is one.
    let is_marked = data.restored().exists();
    if !is_marked {
        data.mark_restored("")?;
    }
    let restored = backup::restore(&Restoration {
        from: args.from.clone(),
        dir: data.store(),
        identity,
    });
    let restored = match restored {
        Ok(restored) => restored,
        Err(error) => {
            // The store that is there may be one that was restored before and never started.
            if !is_marked {
                let _ = std::fs::remove_file(data.restored());
            }
            return Err(error.into());
        }
    };
    data.mark_restored(&format!("{}\n", restored.made_at))?;
    println!(
        "Restored {}, made {}.",
        args.from.display(),
        restored.made_at
    );
    if let Some(aside) = restored.set_aside {
        println!("The damaged store was moved to {}.", aside.display());
    }
    for kept in restored.kept {
        println!("Kept as it was: {}", kept.display());
    }
    println!(
        "Suppliers that could read rest until you confirm each: freehold-collector grant list, then grant resume"
    );
    println!("Next: freehold-collector serve --data {}", path.display());
    Ok(())
}

/// `authority recover`
pub(super) async fn recover(args: &Recover) -> anyhow::Result<()> {
    let path = config::data_directory(args.data.data.as_deref())?;
    let data = DataDirectory::open_to_write(&path)?;
    refuse_running(&path).await?;
    let kit = &args.owner_kit;
    let rescued = Authority::rescue(&data.authority(), kit, &passphrase()?, &Clock::system())?;
    println!("Recovered the authority: your computers go on trusting this collector.");
    if let Some(aside) = rescued.set_aside {
        println!("The damaged one was moved to {}.", aside.display());
    }
    if rescued.lost_revocations {
        println!(
            "The list of revoked computers could not be read: look through the computers and revoke again what \
             was revoked since the owner kit was written."
        );
    }
    println!("Next: freehold-collector serve --data {}", path.display());
    Ok(())
}

/// A running collector would go on with what it has read.
pub(super) async fn refuse_running(path: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(
        client::connect(path).await.is_err(),
        "the collector is running on {}: stop it before its authority is replaced",
        path.display()
    );
    Ok(())
}

/// The key to encrypted backups, out of the owner kit.
fn backup_key(kit: &Path) -> anyhow::Result<SecretString> {
    Ok(Authority::backup_key(kit, &passphrase()?)?)
}

/// Asks for the passphrase of the owner kit, or reads it as a line of standard input where that is no terminal.
fn passphrase() -> anyhow::Result<SecretString> {
    let passphrase = if io::stdin().is_terminal() {
        rpassword::prompt_password("Passphrase of the owner kit: ")
    } else {
        let mut line = String::new();
        io::stdin().read_line(&mut line).map(|_| line)
    };
    let passphrase = passphrase.context("cannot read the passphrase")?;
    Ok(SecretString::from(passphrase.trim()))
}

/// A collector that is to be made.
pub(super) struct Making<'a> {
    /// Where.
    pub(super) path: &'a Path,
    /// Name of the business.
    pub(super) name: &'a str,
    /// Addresses under which other computers reach it.
    pub(super) addresses: Vec<String>,
    /// The time from which its certificates are good.
    pub(super) clock: &'a Clock,
    /// Its computers will be made up.
    pub(super) demo: bool,
}

/// Makes a new collector: authority, store, owner kit; with sentences that say where the owner kit is and what opens
/// it.
pub(super) async fn create(
    making: Making<'_>,
) -> anyhow::Result<(DataDirectory, Store, Zeroizing<String>)> {
    let (name, clock) = (checked_name(making.name)?, making.clock);
    let data = DataDirectory::create(making.path)?;
    let authority = Authority::init(&data.authority(), name, clock)?;
    let store = Store::create(&data.store(), &Options::default())?;
    let settings = SettingsRecord {
        name: name.to_owned(),
        addresses: making.addresses,
        created_at: clock.now().0,
        root: authority.status().root_fingerprint,
        demo: making.demo,
    };
    store
        .write(move |txn| {
            txn.put_settings(&settings);
            Ok::<_, StoreError>(())
        })
        .await
        .context("cannot write the new store")?;
    let passphrase = generate_passphrase();
    authority.write_owner_kit(&data.owner_kit(), &passphrase)?;
    data.finish()?;
    let kit = Zeroizing::new(format!(
        "Owner kit: {}\nOwner kit passphrase: {}\n\
         Move the owner kit to a USB stick and write its passphrase down; it is not shown again.\n",
        data.owner_kit().display(),
        passphrase.expose_secret()
    ));
    Ok((data, store, kit))
}

fn checked_name(name: &str) -> anyhow::Result<&str> {
    let name = name.trim();
    anyhow::ensure!(
        !name.is_empty()
            && name.chars().count() <= NAME_LENGTH
            && !name.chars().any(char::is_control),
        "the name of the business must be 1 to {NAME_LENGTH} ordinary characters: give another --name"
    );
    Ok(name)
}
