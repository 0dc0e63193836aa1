//! `computer`, and computers put together from the pieces they come in.

use std::io::{self, Write as _};

use freehold_agent::{
    probe::KINDS,
    snapshot::{json::section_json, section_kind, section_name},
};
use freehold_proto::v1::{
    ComputerPart, ListChangesRequest, ListComputersRequest, ReadComputerRequest,
    computer_part::{End, Part, SectionHeader},
    section::Kind,
};
use serde_json::{Map, Value, json};
use tonic::Streaming;

use super::{
    args,
    fleet::{ask, complete},
    line::{self, all, next, within},
    listing::safe_json,
    lists::computer_row,
    moment,
    profile::{Chosen, Profile},
    trouble::Trouble,
};
use crate::cli::{
    console::time,
    table::{Table, printable},
};

/// Longest section that is taken, in bytes: no agent may send a longer one.
const LONGEST: usize = freehold_proto::limits::SECTION_BYTES as usize;

/// Changes that are shown with a computer.
const CHANGES: u32 = 100;

/// Puts computers together from a stream.
pub(super) struct Reading {
    client: String,
    stream: Streaming<ComputerPart>,
    /// What begins the next computer.
    begun: Option<Value>,
    /// What ended the answer.
    end: Option<End>,
}

/// A section on its way.
struct Open {
    header: SectionHeader,
    body: Vec<u8>,
}

/// Shows one computer of whichever client has it.
pub(super) async fn show(chosen: Chosen, args: args::Computer) -> Result<(), Trouble> {
    let sections = sections(&args.section)?;
    let as_of = moment::asked(args.moment.as_of);
    let (mut profile, id) = found(chosen, &args.name).await?;
    let mut line = line::open(&mut profile).await?;
    let request = ReadComputerRequest {
        computer: id.clone(),
        sections: sections.iter().map(|kind| (*kind).into()).collect(),
        as_of,
    };
    let stream = within(line.read_computer(request)).await??.into_inner();
    let mut reading = Reading::new(&profile.name, stream);
    let computer = reading.next().await?;
    let mut computer = computer.ok_or_else(|| Trouble::NoComputer(args.name.clone()))?;
    reading.next().await?;
    reading.complete()?;
    if sections.is_empty() {
        let request = ListChangesRequest {
            computer: id,
            limit: CHANGES,
            as_of,
            ..ListChangesRequest::default()
        };
        let changes = within(line.list_changes(request))
            .await??
            .into_inner()
            .changes;
        computer["changes"] = changes
            .into_iter()
            .filter_map(|change| change.change)
            .map(|change| json!({ "at": time(change.at), "summary": change.summary }))
            .collect();
    }
    if let Some(as_of) = time(as_of) {
        computer["as_of"] = json!(as_of);
    }
    let text = if args.json {
        safe_json(&computer, true)
    } else {
        text(&computer)
    };
    io::stdout()
        .write_all(text.as_bytes())
        .map_err(Trouble::Output)
}

/// Which client has a computer of that name or identifier. Where there is only one client its collector decides.
pub(super) async fn found(mut chosen: Chosen, wanted: &str) -> Result<(Profile, String), Trouble> {
    if chosen.profiles.len() == 1
        && chosen.damaged.is_empty()
        && let Some(profile) = chosen.profiles.pop()
    {
        return Ok((profile, wanted.to_owned()));
    }
    let lower = wanted.to_lowercase();
    let is_identifier =
        wanted.len() >= 4 && wanted.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    let search = if is_identifier {
        String::new()
    } else {
        lower.clone()
    };
    let again: Vec<(String, Profile)> = chosen
        .profiles
        .iter()
        .map(|profile| (profile.name.clone(), profile.clone()))
        .collect();
    let answers = ask(chosen, move |_, mut line| {
        let search = search.clone();
        let request = ListComputersRequest {
            search,
            ..ListComputersRequest::default()
        };
        Box::pin(async move { all(line.list_computers(request)).await })
    })
    .await;
    let mut hits: Vec<(String, String)> = Vec::new();
    for (client, pieces) in &answers.given {
        for computer in pieces.iter().flat_map(|piece| &piece.computers) {
            let machine = computer.machine.clone().unwrap_or_default();
            let begins = is_identifier && machine.id.starts_with(&lower);
            if begins || machine.name.to_lowercase() == lower {
                hits.push((client.clone(), machine.id));
            }
        }
    }
    match hits.as_slice() {
        [(client, id)] => {
            let profile = again.into_iter().find(|(name, _)| name == client);
            let (_, profile) = profile.ok_or_else(|| Trouble::NoClient(client.clone()))?;
            Ok((profile, id.clone()))
        }
        [] => {
            // Whoever did not answer may have it.
            complete(&answers.failed)?;
            Err(Trouble::NoComputer(wanted.to_owned()))
        }
        several => {
            let named = several
                .iter()
                .take(5)
                .map(|(client, id)| format!("{id} of {client}"));
            let named: Vec<String> = named.collect();
            Err(Trouble::SeveralComputers(
                wanted.to_owned(),
                named.join(", "),
            ))
        }
    }
}

fn sections(names: &[String]) -> Result<Vec<Kind>, Trouble> {
    let known = || KINDS.map(section_name).join(", ");
    names
        .iter()
        .map(|name| section_kind(name).ok_or_else(|| Trouble::Section(name.clone(), known())))
        .collect()
}

impl Reading {
    pub(super) fn new(client: &str, stream: Streaming<ComputerPart>) -> Self {
        Self {
            client: client.to_owned(),
            stream,
            begun: None,
            end: None,
        }
    }

    /// The next computer, whole; `None` after the last.
    pub(super) async fn next(&mut self) -> Result<Option<Value>, Trouble> {
        let mut computer = self.begun.take();
        let (mut sections, mut open) = (Map::new(), None);
        while self.end.is_none() {
            let Some(part) = next(&mut self.stream).await?.and_then(|part| part.part) else {
                return Err(Trouble::CutOff("its end is missing".to_owned()));
            };
            if !matches!(part, Part::Chunk(_)) {
                close(&mut sections, open.take())?;
            }
            match part {
                Part::Computer(line) => {
                    let line = computer_row(&self.client, &line);
                    if computer.is_some() {
                        self.begun = Some(line);
                        break;
                    }
                    computer = Some(line);
                }
                Part::Section(header) => {
                    let body = Vec::new();
                    open = Some(Open { header, body });
                }
                Part::Chunk(bytes) => add(open.as_mut(), &bytes)?,
                Part::Readings(_) => {}
                Part::End(end) => self.end = Some(end),
            }
        }
        if let Some(computer) = &mut computer {
            computer["sections"] = Value::Object(sections);
        }
        Ok(computer)
    }

    /// That the answer was not cut off.
    pub(super) fn complete(&self) -> Result<&End, Trouble> {
        let end = self.end.as_ref();
        end.ok_or_else(|| Trouble::CutOff("its end is missing".to_owned()))
    }
}

fn add(open: Option<&mut Open>, bytes: &[u8]) -> Result<(), Trouble> {
    let open = open.ok_or_else(|| Trouble::CutOff("its pieces are out of order".to_owned()))?;
    if open.body.len() + bytes.len() > LONGEST {
        return Err(Trouble::CutOff(
            "a section is longer than any may be".to_owned(),
        ));
    }
    open.body.extend_from_slice(bytes);
    Ok(())
}

fn close(sections: &mut Map<String, Value>, open: Option<Open>) -> Result<(), Trouble> {
    let Some(Open { header, body }) = open else {
        return Ok(());
    };
    let kind = header.kind();
    if header.size != body.len() as u64 {
        return Err(Trouble::CutOff(
            "a section is shorter than announced".to_owned(),
        ));
    }
    let mut section = if header.unreadable.is_empty() {
        section_json(kind, &body, header.collected_at.unwrap_or_default())?
    } else {
        json!({ "status": "UNREADABLE", "diagnostics": [{ "source": "collector", "position": "", "reason": header.unreadable }] })
    };
    section["confirmed_at"] = json!(time(header.confirmed_at));
    if let Some(until) = time(header.until) {
        section["until"] = json!(until);
    }
    sections.insert(section_name(kind).to_owned(), section);
    Ok(())
}

/// A computer for a person: its line, then each section with its state and how much is in it.
fn text(computer: &Value) -> String {
    use std::fmt::Write as _;
    let field = |key: &str| computer[key].as_str().unwrap_or("never").to_owned();
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{} ({}) of {}",
        printable(&field("name")),
        field("id"),
        field("client")
    );
    // When a computer was last heard is known of now alone.
    let when = if computer["as_of"].is_null() {
        ("Last seen:     ", "last_seen")
    } else {
        ("As of:         ", "as_of")
    };
    for (label, key) in [
        ("State:         ", "state"),
        when,
        ("System:        ", "system"),
        ("Antivirus:     ", "antivirus"),
        ("Administrators:", "administrators"),
    ] {
        let _ = writeln!(text, "{label} {}", printable(&field(key)));
    }
    let mut table = Table::new(&["SECTION", "STATUS", "KNOWN TO BE TRUE", "HOLDS"]);
    for (name, section) in computer["sections"].as_object().into_iter().flatten() {
        let part = |key: &str| section[key].as_str().unwrap_or_default().to_owned();
        table.row([
            name.clone(),
            part("status"),
            part("confirmed_at"),
            counts(section),
        ]);
    }
    text.push('\n');
    text.push_str(&table.render());
    for change in computer["changes"]
        .as_array()
        .into_iter()
        .flatten()
        .take(20)
    {
        let part = |key: &str| change[key].as_str().unwrap_or_default().to_owned();
        let _ = writeln!(text, "{}  {}", part("at"), printable(&part("summary")));
    }
    text
}

/// The lists of a section with their lengths: "packages 948".
fn counts(section: &Value) -> String {
    let lists = section.as_object().into_iter().flatten();
    let counts = lists.filter_map(|(name, value)| {
        let items = value.as_array()?.len();
        (items > 0 && name != "diagnostics").then(|| format!("{} {items}", name.replace('_', " ")))
    });
    counts.collect::<Vec<_>>().join(", ")
}
