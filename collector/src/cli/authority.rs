//! `authority status`, `authority rotate` and `authority replace`.

use freehold_proto::v1;
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::{
    NewKeys, Show,
    console::{connect, failure, print_json, time, time_or},
    setup,
    table::printable,
};
use crate::{
    authority::{Authority, Reason, generate_passphrase},
    clock::Clock,
    config,
    data::DataDirectory,
};

/// `authority status`
pub(super) async fn status(args: Show) -> anyhow::Result<()> {
    let request = v1::AuthorityStatusRequest {};
    let answer = connect(&args.data).await?.authority_status(request).await;
    let status = answer.map_err(failure)?.into_inner();
    if args.json {
        return print_json(&json!({
            "root_fingerprint": status.root_fingerprint,
            "root_expires_at": time(status.root_expires_at),
            "issuing_expires_at": time(status.issuing_expires_at),
            "server_expires_at": time(status.server_expires_at),
            "owner_kit": status.owner_kit,
            "following_until": time(status.following_until),
            "computers": status.computers,
            "computers_following": status.computers_following,
        }));
    }
    println!("Root fingerprint (SHA-256): {}", status.root_fingerprint);
    println!(
        "Root expires:    {}",
        time_or(status.root_expires_at, "unknown")
    );
    println!(
        "Issuing expires: {}",
        time_or(status.issuing_expires_at, "unknown")
    );
    println!(
        "Server expires:  {} (renews itself)",
        time_or(status.server_expires_at, "unknown")
    );
    if status.owner_kit.is_empty() {
        println!("Owner kit: not on this computer, as it should be");
    } else {
        println!(
            "Owner kit: still at {}; move it to a USB stick",
            printable(&status.owner_kit)
        );
    }
    if status.following_until.is_some() {
        println!(
            "New keys: {} of {} computers have them, as they told since the collector was started; the others follow \
             when they report, until {}",
            status.computers_following,
            status.computers,
            time_or(status.following_until, "unknown")
        );
    }
    Ok(())
}

/// Gives the authority new keys and says what follows from it.
pub(super) async fn renew(args: &NewKeys, reason: Reason) -> anyhow::Result<()> {
    let path = config::data_directory(args.data.data.as_deref())?;
    let data = DataDirectory::open_to_write(&path)?;
    setup::refuse_running(&path).await?;
    let kit = match &args.owner_kit {
        Some(kit) => kit.clone(),
        None => data.free_owner_kit(),
    };
    let passphrase = generate_passphrase();
    let clock = Clock::system();
    let authority = Authority::rotate(&data.authority(), &kit, &passphrase, reason, &clock)?;
    let status = authority.status();
    println!(
        "New root fingerprint (SHA-256): {}",
        status.root_fingerprint
    );
    println!("Owner kit: {}", kit.display());
    println!("Owner kit passphrase: {}", passphrase.expose_secret());
    println!(
        "Move the owner kit to a USB stick and write its passphrase down; it is not shown again. The kit before it \
         still opens the backups made until now: keep it as long as those, if you have it."
    );
    match (reason, status.following_until) {
        (Reason::Planned, Some(until)) => println!(
            "Computers follow by themselves when they next report, until {until}; how many have: \
             freehold-collector authority status\n\
             Once it serves, make a backup: one from before has the keys from before, and computers that have \
             new certificates by then would have to join again."
        ),
        _ => print!("{REJOIN}"),
    }
    println!("Next: freehold-collector serve --data {}", path.display());
    Ok(())
}

/// What is to be done after a leak.
const REJOIN: &str = "\
Every computer must join again: none that joined before is let in, and none believes this collector yet.
  1. Start the collector and make join strings, one for each computer: freehold-collector token create
     or one for many, which wait until you let them in: freehold-collector token create --uses N
  2. On each computer, as root: stop the agent, remove /var/lib/freehold-agent/identity, then run
     freehold-agent join JOIN_STRING, and start the agent.
  3. Each appears as a new computer; the dashboard offers to link it to its earlier self, so that its history
     goes on. The earlier self is then retired.
Until a computer has joined again a thief may pose as your collector towards it: begin with those that matter most.
";
