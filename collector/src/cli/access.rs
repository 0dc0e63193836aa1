//! `grant` and `audit`: who may read, and who did.

mod args;

use anyhow::Context as _;
use freehold_proto::v1::{self, change_grant_request::Change};
use serde_json::{Value, json};

pub(super) use self::args::{Audit, Grant};
use self::args::{ChangeGrant, CreateGrant, Invite, ListLog, ShowGrant, VerifyLog};
use super::{
    Data, DataOnly, Show,
    console::{connect, failure, print_json, time, time_or},
    table::{Table, printable},
};

/// Longest checkpoint that is read from a file, in bytes.
const CHECKPOINT_BYTES: u64 = 16 * 1024;

/// `grant ...`
pub(super) async fn grant(command: Grant) -> anyhow::Result<()> {
    match command {
        Grant::Create(args) => create(args).await,
        Grant::List(args) => list(args).await,
        Grant::Show(args) => show(args).await,
        Grant::Invite(args) => invite(args).await,
        Grant::Extend(args) => {
            let which = ShowGrant {
                data: args.data,
                id: args.id,
                json: args.json,
            };
            change(which, Change::Extend, args.days).await
        }
        Grant::Change(args) => alter(args).await,
        Grant::Suspend(args) => change(args, Change::Suspend, 0).await,
        Grant::Resume(args) => change(args, Change::Resume, 0).await,
        Grant::Revoke(args) => change(args, Change::Revoke, 0).await,
    }
}

/// `audit ...`
pub(super) async fn audit(command: Audit) -> anyhow::Result<()> {
    match command {
        Audit::List(args) => list_log(args).await,
        Audit::Verify(args) => verify(args).await,
        Audit::Checkpoint(args) => checkpoint(args).await,
    }
}

async fn create(args: CreateGrant) -> anyhow::Result<()> {
    let request = v1::CreateGrantRequest {
        supplier: args.supplier,
        rules: args.share,
        days: args.days,
        note: args.note,
        may_export: args.may_export,
    };
    let answer = connect(&args.data).await?.create_grant(request).await;
    say(answer.map_err(failure)?.into_inner().grant, args.json)
}

async fn list(args: Show) -> anyhow::Result<()> {
    let answer = connect(&args.data)
        .await?
        .list_grants(v1::ListGrantsRequest {})
        .await;
    let grants = answer.map_err(failure)?.into_inner().grants;
    if args.json {
        return print_json(&Value::Array(grants.iter().map(grant_json).collect()));
    }
    let mut table = Table::new(&["ID", "SUPPLIER", "STATE", "UNTIL", "SEES"]);
    for grant in &grants {
        let state = grant.state().as_str_name().to_lowercase();
        let until = time_or(grant.expires_at, "unknown");
        table.row([&grant.id, &grant.supplier, &state, &until, &grant.scope]);
    }
    if grants.is_empty() {
        println!(
            "Nobody but the owner may read. Let a supplier in with `freehold-collector grant create`."
        );
    } else {
        print!("{}", table.render());
    }
    Ok(())
}

async fn show(args: ShowGrant) -> anyhow::Result<()> {
    let request = v1::ShowGrantRequest { id: args.id };
    let answer = connect(&args.data).await?.show_grant(request).await;
    let shown = answer.map_err(failure)?.into_inner();
    let grant = shown
        .grant
        .context("the collector answered without a grant")?;
    if args.json {
        let mut value = grant_json(&grant);
        value["technicians"] = shown.technicians.iter().map(technician_json).collect();
        return print_json(&value);
    }
    println!("{} ({})", printable(&grant.supplier), grant.id);
    println!("State: {}", grant.state().as_str_name().to_lowercase());
    println!("Sees:  {}", printable(&grant.scope));
    println!("Until: {}", time_or(grant.expires_at, "unknown"));
    if !grant.note.is_empty() {
        println!("Note:  {}", printable(&grant.note));
    }
    for person in &shown.technicians {
        let last = if person.accepted {
            let when = time_or(person.last_read_at, "never");
            format!("{} {when}", person.last_read)
        } else {
            format!("invited until {}", time_or(person.since, "unknown"))
        };
        println!(
            "{} <{}>: {}",
            printable(&person.name),
            printable(&person.email),
            printable(last.trim())
        );
    }
    Ok(())
}

async fn invite(args: Invite) -> anyhow::Result<()> {
    let request = v1::InviteTechnicianRequest {
        grant: args.grant,
        name: args.name,
        email: args.email,
        leads: args.leads,
    };
    let answer = connect(&args.data).await?.invite_technician(request).await;
    let invited = answer.map_err(failure)?.into_inner();
    if args.json {
        return print_json(
            &json!({ "link": invited.link, "expires_at": time(invited.expires_at) }),
        );
    }
    println!("{}", invited.link);
    Ok(())
}

async fn change(args: ShowGrant, change: Change, days: u32) -> anyhow::Result<()> {
    let request = v1::ChangeGrantRequest {
        id: args.id,
        change: change.into(),
        days,
        ..v1::ChangeGrantRequest::default()
    };
    let answer = connect(&args.data).await?.change_grant(request).await;
    say(answer.map_err(failure)?.into_inner().grant, args.json)
}

async fn alter(args: ChangeGrant) -> anyhow::Result<()> {
    let request = v1::ChangeGrantRequest {
        id: args.id,
        change: Change::Alter.into(),
        rules: args.share,
        note: args.note,
        may_export: args.may_export,
        ..v1::ChangeGrantRequest::default()
    };
    let answer = connect(&args.data).await?.change_grant(request).await;
    say(answer.map_err(failure)?.into_inner().grant, args.json)
}

fn say(grant: Option<v1::Grant>, as_json: bool) -> anyhow::Result<()> {
    let grant = grant.context("the collector answered without a grant")?;
    if as_json {
        return print_json(&grant_json(&grant));
    }
    println!(
        "{} ({}) is {} and sees {} until {}.",
        printable(&grant.supplier),
        grant.id,
        grant.state().as_str_name().to_lowercase(),
        printable(&grant.scope),
        time_or(grant.expires_at, "an unknown time")
    );
    Ok(())
}

async fn list_log(args: ListLog) -> anyhow::Result<()> {
    let answer = log_of(&args.data, args.before, args.limit).await?;
    if args.json {
        return print_json(&json!({
            "entries": answer.entries.iter().map(entry_json).collect::<Vec<_>>(),
            "checkpoint": answer.checkpoint,
            "verifier": answer.verifier,
        }));
    }
    for entry in &answer.entries {
        let line = format!("{} {}", entry.who, entry.deed);
        println!(
            "{:>6}  {}  {}",
            entry.index,
            time_or(entry.at, "?"),
            printable(&line)
        );
    }
    if answer.entries.is_empty() {
        println!("Nothing is written down yet.");
    }
    Ok(())
}

async fn checkpoint(args: DataOnly) -> anyhow::Result<()> {
    let answer = log_of(&args.data, 0, 1).await?;
    anyhow::ensure!(
        !answer.checkpoint.is_empty(),
        "the log is empty: there is nothing to keep yet"
    );
    print!("{}", answer.checkpoint);
    Ok(())
}

async fn log_of(data: &Data, before: u64, limit: u32) -> anyhow::Result<v1::ListLogResponse> {
    let request = v1::ListLogRequest { before, limit };
    let answer = connect(data).await?.list_log(request).await;
    Ok(answer.map_err(failure)?.into_inner())
}

async fn verify(args: VerifyLog) -> anyhow::Result<()> {
    let checkpoint = match &args.checkpoint {
        None => String::new(),
        Some(path) => {
            let length = std::fs::metadata(path)
                .with_context(|| format!("cannot read {}", path.display()))?
                .len();
            anyhow::ensure!(
                length <= CHECKPOINT_BYTES,
                "{} is not a checkpoint",
                path.display()
            );
            std::fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?
        }
    };
    let request = v1::VerifyLogRequest { checkpoint };
    let answer = connect(&args.data).await?.verify_log(request).await;
    let verdict = answer.map_err(failure)?.into_inner();
    if args.json {
        print_json(&json!({
            "intact": verdict.flaws.is_empty(),
            "entries": verdict.entries,
            "erased": verdict.erased,
            "epoch": verdict.epoch,
            "root": hexadecimal(&verdict.root),
            "flaws": verdict.flaws,
        }))?;
    } else {
        for flaw in &verdict.flaws {
            println!("{}", printable(flaw));
        }
        if verdict.flaws.is_empty() {
            println!(
                "The log is intact: {} entries, {} of them erased, root {}.",
                verdict.entries,
                verdict.erased,
                hexadecimal(&verdict.root)
            );
        }
    }
    anyhow::ensure!(
        verdict.flaws.is_empty(),
        "the log of reads and changes is not intact: keep a copy of the data directory, and find out who had \
         access to this computer"
    );
    Ok(())
}

fn grant_json(grant: &v1::Grant) -> Value {
    json!({
        "id": grant.id,
        "supplier": grant.supplier,
        "scope": grant.scope,
        "state": grant.state().as_str_name(),
        "created_at": time(grant.created_at),
        "expires_at": time(grant.expires_at),
        "note": grant.note,
        "rules": grant.rules,
        "may_export": grant.may_export,
    })
}

fn technician_json(person: &v1::Technician) -> Value {
    json!({
        "name": person.name,
        "email": person.email,
        "accepted": person.accepted,
        "leads": person.leads,
        "since": time(person.since),
        "ended_at": time(person.ended_at),
        "last_read": person.last_read,
        "last_read_at": time(person.last_read_at),
    })
}

fn entry_json(entry: &v1::LogEntry) -> Value {
    json!({
        "index": entry.index,
        "at": time(entry.at),
        "who": entry.who,
        "deed": entry.deed,
        "remote": entry.remote,
        "grant": entry.grant,
        "machine": entry.machine,
    })
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
