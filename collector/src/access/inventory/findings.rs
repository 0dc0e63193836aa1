//! What was found, as far as a viewer may see it: a finding is seen only by who sees its machine and every
//! section it rests on.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use freehold_agent::probe::KINDS;
use freehold_proto::v1::section::Kind;

use super::{Inventory, Machine, ReadError, roster::Entry};
use crate::{
    access::{
        Scope, Viewer,
        headline::{Fact, Protection},
    },
    audit::Actor,
    clock::UnixMillis,
    events::Event,
    finding::{
        Account, AsideError, Business, Compares, Finding, FindingId, Progress, Subject,
        WriteFindingsError, rule,
    },
    id::MachineId,
    store::record::{AsideRecord, MachineState},
};

/// The findings of one machine, the worst first.
pub type Findings = Arc<[Arc<Finding>]>;

impl Inventory {
    /// Looks at up to `most` machines on which something may have turned since they were last looked at, or at
    /// fewer when that takes longer than it is allowed to; answers how many of them waited. Blocks on the disk:
    /// readers never call it.
    pub fn look_again(&self, most: usize, allowance: Duration) -> Result<usize, ReadError> {
        let roster = self.roster.of(&self.machines);
        let ids: Vec<MachineId> = roster.iter().map(|entry| entry.machine.id).collect();
        let stale = self.board.stale(&ids, most);
        if stale.is_empty() {
            return Ok(0);
        }
        let wanted: HashSet<&MachineId> = stale.iter().collect();
        let subjects: Vec<Subject> = roster
            .iter()
            .filter(|entry| wanted.contains(&entry.machine.id))
            .map(|entry| self.subject(&entry.machine))
            .collect();
        let business = self.business_now(&roster)?;
        self.board.look_at(&subjects, &business, allowance)?;
        Ok(stale.len())
    }

    /// Tells open pages that what they were shown as incomplete is complete now.
    pub fn complete(&self) {
        // Both are asked, whatever the first says.
        if self.board.owes() | self.headlines.owes() {
            self.events.announce(Event::Complete);
        }
    }

    /// Notices which machines have to be looked at again although they reported nothing: time has passed, a
    /// disk has filled. Looks at all of them, in memory.
    pub fn feel(&self) {
        self.hear_of_suppliers();
        let roster = self.roster.of(&self.machines);
        let ids: Vec<MachineId> = roster.iter().map(|entry| entry.machine.id).collect();
        self.board.keep_only(&ids);
        for entry in roster.iter() {
            self.board.feel(&self.subject(&entry.machine));
        }
    }

    /// What is found, without scope applied.
    #[cfg(test)]
    pub(crate) fn board(&self) -> &crate::finding::Board {
        &self.board
    }

    /// How many machines there are whose findings are not durable yet.
    pub fn unwritten_findings(&self) -> usize {
        self.board.unwritten()
    }

    /// Makes durable what was found.
    pub async fn write_findings(&self) -> Result<(), WriteFindingsError> {
        self.board.write().await
    }

    /// A finding with everything that is known of it, and its machine.
    pub fn finding(&self, viewer: &Viewer, id: FindingId) -> Result<(Account, Machine), ReadError> {
        let machine = self.known(viewer, id.machine)?;
        let account = self.board.account(id)?.ok_or(ReadError::NoFinding)?;
        let seen = seen(viewer, &machine, &account.finding).ok_or(ReadError::NoFinding)?;
        // What it was concluded from would tell what was cut; and what the collector itself noted may quote any
        // section.
        let is_cut = seen.rule != account.finding.rule;
        let sees_all = KINDS
            .iter()
            .all(|kind| viewer.scope().sees_section(&machine.labels, *kind));
        let mut account = Account {
            finding: seen,
            ..account
        };
        if is_cut || (account.finding.rule.sections.is_empty() && !sees_all) {
            account.evidence.clear();
        }
        Ok((account, machine))
    }

    /// Findings of a machine that were resolved, the latest first.
    pub fn resolved_findings(
        &self,
        viewer: &Viewer,
        id: MachineId,
    ) -> Result<Vec<Account>, ReadError> {
        let machine = self.known(viewer, id)?;
        let resolved = self.board.resolved(id)?.into_iter();
        let resolved = resolved.filter_map(|account| {
            let finding = seen(viewer, &machine, &account.finding)?;
            Some(Account { finding, ..account })
        });
        Ok(resolved.collect())
    }

    /// Sets a finding aside. Only an owner may decide that: who calls has checked it.
    pub async fn set_aside(
        &self,
        id: FindingId,
        reason: &str,
        until: UnixMillis,
        about: &str,
        by: &Actor,
    ) -> Result<(), AsideError> {
        let name = self.name_of(id.machine);
        let said = (name.as_str(), about);
        self.board.set_aside(id, reason, until, said, by).await
    }

    /// Takes a finding up again that was set aside.
    pub async fn take_up(&self, id: FindingId, about: &str, by: &Actor) -> Result<(), AsideError> {
        let name = self.name_of(id.machine);
        self.board.take_up(id, (name.as_str(), about), by).await
    }

    /// The open findings of machines, in their order, as a viewer may see them, and how far they were gone
    /// through.
    pub(super) fn findings_of(
        &self,
        viewer: &Viewer,
        machines: &[&Arc<Machine>],
    ) -> Vec<(Findings, Progress)> {
        let ids: Vec<MachineId> = machines.iter().map(|machine| machine.id).collect();
        let none: Findings = Arc::default();
        let found = self.board.of_each(&ids).into_iter().zip(machines);
        found
            .map(|((found, progress), machine)| {
                let findings = match found {
                    None => Arc::clone(&none),
                    Some(all) if *viewer.scope() == Scope::Everything => all,
                    Some(all) => all
                        .iter()
                        .filter_map(|finding| seen(viewer, machine, finding))
                        .collect(),
                };
                (findings, progress)
            })
            .collect()
    }

    fn subject(&self, machine: &Arc<Machine>) -> Subject {
        Subject {
            machine: Arc::clone(machine),
            presence: self.presence.of(machine.id),
        }
    }

    fn name_of(&self, id: MachineId) -> String {
        let record = self.machines.of(id);
        let machine = record.and_then(|record| Machine::new(&record));
        machine
            .map(|machine| machine.name().into_owned())
            .unwrap_or_default()
    }

    /// What rules compare a machine with. Reads whatever is to be known of the others first.
    fn business_now(&self, roster: &[Entry]) -> Result<Business, ReadError> {
        let active: Vec<MachineId> = roster
            .iter()
            .filter(|entry| entry.machine.state == MachineState::Active)
            .map(|entry| entry.machine.id)
            .collect();
        let mut business = Business {
            version: env!("CARGO_PKG_VERSION"),
            ..Business::default()
        };
        business.lonely = self.compared.lonely(&self.index, &active);
        self.headlines.renew(&self.store, &active, usize::MAX)?;
        let headlines = self.headlines.of(&self.store, &active)?;
        let mut protected: HashMap<&str, usize> = HashMap::new();
        for headline in headlines.iter().flatten() {
            if let Fact::Known(Protection::Working { product }) = &headline.protection {
                *protected.entry(product.as_ref()).or_default() += 1;
            }
        }
        let protected = protected.into_iter();
        business.protected = protected
            .map(|(name, count)| (name.to_owned(), count))
            .collect();
        Ok(business)
    }
}

/// A finding as a viewer may see it; `None` when not at all.
fn seen(viewer: &Viewer, machine: &Machine, finding: &Arc<Finding>) -> Option<Arc<Finding>> {
    let scope = viewer.scope();
    if *scope == Scope::Everything {
        return Some(Arc::clone(finding));
    }
    let sees_all = |sections: &[Kind]| {
        let mut sections = sections.iter();
        sections.all(|kind| scope.sees_section(&machine.labels, *kind))
    };
    if !scope.sees_machine(&machine.labels) || !sees_all(finding.rule.sections) {
        return None;
    }
    let mut finding = Arc::clone(finding);
    match finding.rule.compares {
        Compares::Nothing => {}
        Compares::Everything => return None,
        Compares::Else(other) => {
            let other = rule(other)?;
            let cut = Arc::make_mut(&mut finding);
            cut.rule = other;
            cut.particulars = Box::default();
        }
    }
    // Why the owner set it aside is between the owner and whoever the owner tells.
    if let Some(aside) = finding
        .aside
        .as_ref()
        .filter(|aside| !aside.reason.is_empty())
    {
        let mut cut = AsideRecord::clone(aside);
        cut.reason.clear();
        Arc::make_mut(&mut finding).aside = Some(Arc::new(cut));
    }
    Some(finding)
}
