//! Subcommands that ask the running collector.

use std::{fmt::Display, io, path::Path};

use anyhow::Context as _;
use freehold_agent::{
    cli::sentence,
    snapshot::{json::section_json, section_name},
};
use freehold_proto::v1::{self, create_token_request::Approval, machine::State, section::Kind};
use prost_types::Timestamp;
use serde_json::{Map, Value, json};
use tonic::Status;

use super::{
    Backup, CreateToken, Data, DataOnly, LabelMachine, LinkMachine, OneMachine, Open, Show,
    ShowMachine, browser, finding,
    table::{Table, printable},
};
use crate::{
    clock::UnixMillis,
    config,
    control::{Client, client},
};

/// `open`
pub(super) async fn open(args: Open) -> anyhow::Result<()> {
    let opened = open_dashboard(args.data).await;
    if args.wait {
        if let Err(error) = &opened {
            eprintln!("freehold-collector: {}", sentence(error));
        }
        println!("Press Enter to close this window.");
        let _ = io::stdin().read_line(&mut String::new());
    }
    opened
}

async fn open_dashboard(data: Data) -> anyhow::Result<()> {
    let mut client = connect(&data).await?;
    let status = client.status(v1::StatusRequest {}).await;
    let status = status.map_err(failure)?.into_inner();
    println!("Dashboard: {}", status.dashboard_url);
    if !status.owner_set_up {
        let reset = client.reset_owner(v1::ResetOwnerRequest {}).await;
        let reset = reset.map_err(failure)?.into_inner();
        println!("Set-up code: {}", reset.setup_code);
    }
    browser::open(&status.dashboard_url);
    Ok(())
}

/// `token create`
pub(super) async fn create_token(args: CreateToken) -> anyhow::Result<()> {
    let approval = if args.approve_in_advance {
        Approval::InAdvance
    } else {
        Approval::Unspecified
    };
    let request = v1::CreateTokenRequest {
        uses: args.uses,
        expires_in_seconds: args.expires.as_secs(),
        labels: args.label,
        networks: args.network,
        approval: approval.into(),
    };
    let token = connect(&args.data).await?.create_token(request).await;
    let token = token.map_err(failure)?.into_inner();
    if args.json {
        print_json(&json!({
            "join_string": token.join_string,
            "expires_at": time(token.expires_at),
            "uses": token.uses,
        }))
    } else {
        println!("{}", token.join_string);
        Ok(())
    }
}

/// `machine list`
pub(super) async fn list_machines(args: Show) -> anyhow::Result<()> {
    let answer = connect(&args.data)
        .await?
        .list_machines(v1::ListMachinesRequest {})
        .await;
    let machines = answer.map_err(failure)?.into_inner().machines;
    if args.json {
        return print_json(&Value::Array(machines.iter().map(machine_json).collect()));
    }
    let mut table = Table::new(&["ID", "NAME", "STATE", "LAST SEEN", "AGENT"]);
    for machine in &machines {
        table.row([
            &machine.id,
            &machine.name,
            state_word(machine.state()),
            &time_or(machine.last_seen_at, "never"),
            &machine.agent_version,
        ]);
    }
    if machines.is_empty() {
        println!("No computers yet. Add the first one with `freehold-collector token create`.");
    } else {
        print!("{}", table.render());
    }
    Ok(())
}

/// `machine show`
pub(super) async fn show_machine(args: ShowMachine) -> anyhow::Result<()> {
    let request = v1::ShowMachineRequest { id: args.id };
    let answer = connect(&args.data).await?.show_machine(request).await;
    let shown = answer.map_err(failure)?.into_inner();
    let machine = shown
        .machine
        .as_ref()
        .context("the collector answered without a machine")?;
    if args.json {
        let mut object = machine_object(machine);
        object.insert("sections".to_owned(), sections_json(&shown.sections)?);
        object.insert(
            "changes".to_owned(),
            shown.changes.iter().map(change_json).collect(),
        );
        finding::insert(&mut object, &shown);
        return print_json(&Value::Object(object));
    }
    print_machine(machine);
    finding::print(&shown);
    for section in &shown.sections {
        let name = Kind::try_from(section.kind.cast_signed()).map_or("unknown", section_name);
        println!(
            "{name}: read {}",
            time_or(section.collected_at, "at an unknown time")
        );
    }
    for change in shown.changes.iter().take(20) {
        println!(
            "{}  {}",
            time_or(change.at, "?"),
            printable(&change.summary)
        );
    }
    println!(
        "Everything it reported: freehold-collector machine show {} --json",
        machine.id
    );
    Ok(())
}

/// `machine approve`
pub(super) async fn approve(args: OneMachine) -> anyhow::Result<()> {
    let request = v1::ApproveMachineRequest { id: args.id };
    let answer = connect(&args.data).await?.approve_machine(request).await;
    say_machine(
        answer.map_err(failure)?.into_inner().machine,
        "may report now",
    )
}

/// `machine revoke`
pub(super) async fn revoke(args: OneMachine) -> anyhow::Result<()> {
    let request = v1::RevokeMachineRequest { id: args.id };
    let answer = connect(&args.data).await?.revoke_machine(request).await;
    say_machine(
        answer.map_err(failure)?.into_inner().machine,
        "is shut out; what it reported is kept",
    )
}

/// `machine link`
pub(super) async fn link(args: LinkMachine) -> anyhow::Result<()> {
    let request = v1::LinkMachineRequest {
        id: args.id,
        earlier_id: args.earlier,
    };
    let answer = connect(&args.data).await?.link_machine(request).await;
    say_machine(
        answer.map_err(failure)?.into_inner().machine,
        "continues its earlier self's history",
    )
}

/// `machine label`
pub(super) async fn label(args: LabelMachine) -> anyhow::Result<()> {
    let request = v1::LabelMachineRequest {
        id: args.id,
        labels: args.labels,
    };
    let answer = connect(&args.data).await?.label_machine(request).await;
    let machine = answer.map_err(failure)?.into_inner().machine;
    let labels = machine.as_ref().map(|machine| machine.labels.join(", "));
    match labels.filter(|labels| !labels.is_empty()) {
        Some(labels) => say_machine(machine, format!("is labelled {}", printable(&labels))),
        None => say_machine(machine, "has no labels"),
    }
}

/// `owner reset`
pub(super) async fn reset_owner(args: DataOnly) -> anyhow::Result<()> {
    let answer = connect(&args.data)
        .await?
        .reset_owner(v1::ResetOwnerRequest {})
        .await;
    let reset = answer.map_err(failure)?.into_inner();
    println!("Set-up code: {}", reset.setup_code);
    println!(
        "Enter it at {} before {} to choose a new password.",
        reset.dashboard_url,
        time_or(reset.expires_at, "it expires")
    );
    Ok(())
}

/// `backup`
pub(super) async fn backup(args: Backup) -> anyhow::Result<()> {
    let to = std::path::absolute(&args.to).context("cannot tell where the backup goes")?;
    let path = to
        .to_str()
        .context("the backup's path must be valid UTF-8")?
        .to_owned();
    let answer = connect(&args.data)
        .await?
        .backup(v1::BackupRequest { path })
        .await;
    let backup = answer.map_err(failure)?.into_inner();
    println!("Backup written: {} ({} bytes)", backup.path, backup.bytes);
    Ok(())
}

/// `status`
pub(super) async fn status(args: Show) -> anyhow::Result<()> {
    let answer = connect(&args.data)
        .await?
        .status(v1::StatusRequest {})
        .await;
    let status = answer.map_err(failure)?.into_inner();
    if args.json {
        return print_json(&status_json(&status));
    }
    println!("{}, Freehold {}", printable(&status.name), status.version);
    println!("Dashboard:  {}", status.dashboard_url);
    println!(
        "Agents:     {}, {} connected",
        status.listen_address, status.connected_agents
    );
    println!(
        "Data:       {} ({} bytes)",
        printable(&status.data_directory),
        status.store_bytes
    );
    println!(
        "Running since {}",
        time_or(status.started_at, "an unknown time")
    );
    println!(
        "Last backup: {}",
        time_or(status.last_backup_at, "none yet")
    );
    for count in &status.machines {
        println!("Computers {}: {}", state_word(count.state()), count.count);
    }
    for warning in &status.warnings {
        println!("Attention: {}", printable(warning));
    }
    Ok(())
}

pub(super) async fn connect(data: &Data) -> anyhow::Result<Client> {
    let data = config::data_directory(data.data.as_deref())?;
    Ok(client::connect(Path::new(&data)).await?)
}

/// What the collector refused, in its own words.
#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
pub(super) fn failure(status: Status) -> anyhow::Error {
    anyhow::Error::msg(printable(status.message()))
}

fn say_machine(machine: Option<v1::Machine>, what: impl Display) -> anyhow::Result<()> {
    let machine = machine.context("the collector answered without a machine")?;
    println!("{} ({}) {what}.", printable(&machine.name), machine.id);
    Ok(())
}

fn print_machine(machine: &v1::Machine) {
    println!("{} ({})", printable(&machine.name), machine.id);
    println!("State:     {}", state_word(machine.state()));
    println!("Enrolled:  {}", time_or(machine.enrolled_at, "unknown"));
    println!("Last seen: {}", time_or(machine.last_seen_at, "never"));
    if !machine.labels.is_empty() {
        println!("Labels:    {}", printable(&machine.labels.join(", ")));
    }
    if !machine.proposed_labels.is_empty() {
        println!(
            "Proposed:  {} (labels that its installer proposes; without effect until you give it labels)",
            printable(&machine.proposed_labels.join(", "))
        );
    }
    for notice in &machine.notices {
        println!("Attention: {}", printable(notice));
    }
    if !machine.same_hardware_as.is_empty() {
        println!(
            "It has the same hardware as {}. If it was reinstalled: freehold-collector machine link {} {}",
            machine.same_hardware_as, machine.id, machine.same_hardware_as
        );
    }
}

fn machine_json(machine: &v1::Machine) -> Value {
    Value::Object(machine_object(machine))
}

fn machine_object(machine: &v1::Machine) -> Map<String, Value> {
    let value = json!({
        "id": machine.id,
        "name": machine.name,
        "state": machine.state().as_str_name(),
        "enrolled_at": time(machine.enrolled_at),
        "last_seen": time(machine.last_seen_at),
        "agent_version": machine.agent_version,
        "labels": machine.labels,
        "proposed_labels": machine.proposed_labels,
        "notices": machine.notices,
        "same_hardware_as": machine.same_hardware_as,
    });
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

fn sections_json(sections: &[v1::StoredSection]) -> anyhow::Result<Value> {
    let mut object = Map::new();
    for section in sections {
        let kind = Kind::try_from(section.kind.cast_signed())?;
        let collected_at = section.collected_at.unwrap_or_default();
        let value = section_json(kind, &section.body, collected_at)?;
        object.insert(section_name(kind).to_owned(), value);
    }
    Ok(Value::Object(object))
}

fn change_json(change: &v1::Change) -> Value {
    let section = Kind::try_from(change.section.cast_signed()).map_or("unknown", section_name);
    json!({ "at": time(change.at), "section": section, "summary": change.summary })
}

fn status_json(status: &v1::StatusResponse) -> Value {
    let count = |count: &v1::MachineCount| json!({ "state": count.state().as_str_name(), "count": count.count });
    json!({
        "name": status.name,
        "version": status.version,
        "started_at": time(status.started_at),
        "dashboard_url": status.dashboard_url,
        "listen_address": status.listen_address,
        "advertised_addresses": status.advertised_addresses,
        "data_directory": status.data_directory,
        "machines": status.machines.iter().map(count).collect::<Vec<_>>(),
        "store_bytes": status.store_bytes,
        "last_backup_at": time(status.last_backup_at),
        "warnings": status.warnings,
        "owner_set_up": status.owner_set_up,
        "connected_agents": status.connected_agents,
    })
}

pub(super) fn print_json(value: &Value) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}

fn state_word(state: State) -> &'static str {
    match state {
        State::Unspecified => "unknown",
        State::Waiting => "waiting for approval",
        State::Active => "active",
        State::Retired => "retired",
        State::Revoked => "revoked",
        State::Erased => "erased",
    }
}

/// A point in time as text.
pub(crate) fn time(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| {
        let millis = at
            .seconds
            .saturating_mul(1000)
            .saturating_add(i64::from(at.nanos) / 1_000_000);
        UnixMillis(millis).to_string()
    })
}

pub(super) fn time_or(at: Option<Timestamp>, otherwise: &str) -> String {
    time(at).unwrap_or_else(|| otherwise.to_owned())
}
