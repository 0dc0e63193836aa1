//! Installed programs across machines, now or at a moment of the past.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use freehold_proto::v1::section::{Kind, Status};

use super::{
    Inventory, Machine, ReadError,
    index::{self, Effort, Mask, Program, Title},
};
use crate::{
    access::Viewer,
    clock::UnixMillis,
    history::Moment,
    id::MachineId,
    store::{Read as _, record::MachineState},
};

/// Machines of which an earlier version is read for one answer.
const LOOKED_BACK: usize = 300;

/// What is not known about the programs of machines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SoftwareGaps {
    /// Machines that are not in the index yet.
    pub unread: usize,
    /// Machines that had other software then, but too many to look back on each.
    pub left_out: usize,
    /// Machines whose software was never reported, or not by then.
    pub not_reported: usize,
    /// Machines on which not everything could be read.
    pub incomplete: usize,
    /// There are more programs than are kept.
    pub overflowed: bool,
}

/// Programs, and what is not known about them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Titles {
    /// Programs, in no order.
    pub titles: Vec<Title>,
    /// What is not known.
    pub gaps: SoftwareGaps,
}

/// A machine with a version of a program.
pub type Installation = (Arc<Machine>, Arc<str>);

/// A machine, and each program with its version that it had.
type Past = (MachineId, Vec<Program>);

/// What is looked at for one answer.
struct Survey {
    machines: Vec<Arc<Machine>>,
    mask: Mask,
    /// What those had installed that have other software now.
    past: Vec<Past>,
    gaps: SoftwareGaps,
}

impl Inventory {
    /// Reads ahead what programs, people and numbers are found by, of up to `most` machines; answers how many are left.
    /// Blocks on the disk.
    pub fn index_ahead(&self, most: usize) -> Result<usize, ReadError> {
        let roster = self.roster.of(&self.machines);
        let ids: Vec<MachineId> = roster.iter().map(|entry| entry.machine.id).collect();
        self.index.keep_only(&ids);
        Ok(self.index.renew(&self.store, &ids, Effort::of(most))?)
    }

    /// The programs whose name holds a text, in whatever case, on the machines that the viewer may see. Blocks on the
    /// disk.
    pub fn titles(&self, viewer: &Viewer, moment: Moment, text: &str) -> Result<Titles, ReadError> {
        let survey = self.survey(viewer, moment)?;
        let fits = |name: &str| super::holds(name, text);
        let now = self.index.kept().titles(&survey.mask, fits);
        let mut titles: HashMap<Arc<str>, Title> = now
            .into_iter()
            .map(|title| (Arc::clone(&title.name), title))
            .collect();
        for (_, programs) in &survey.past {
            let mut last: Option<&str> = None;
            for (name, version) in programs.iter().filter(|(name, _)| fits(name)) {
                let name_of = || Arc::<str>::from(name.as_str());
                let title = titles.entry(name_of()).or_insert_with(|| Title {
                    name: name_of(),
                    machines: 0,
                    versions: Vec::new(),
                });
                // Programs come by name: one in two versions is on one machine.
                title.machines += usize::from(last != Some(name));
                last = Some(name);
                match title.versions.iter_mut().find(|(it, _)| **it == **version) {
                    Some((_, count)) => *count += 1,
                    None => title.versions.push((version.as_str().into(), 1)),
                }
            }
        }
        Ok(Titles {
            titles: titles.into_values().collect(),
            gaps: survey.gaps,
        })
    }

    /// Where a program of exactly this name is installed, by the names of the machines. Blocks on the disk.
    pub fn installed(
        &self,
        viewer: &Viewer,
        moment: Moment,
        name: &str,
    ) -> Result<(Vec<Installation>, SoftwareGaps), ReadError> {
        let survey = self.survey(viewer, moment)?;
        let mut found: BTreeMap<MachineId, Vec<Arc<str>>> = BTreeMap::new();
        for (id, version) in self.index.kept().installed(&survey.mask, name) {
            found.entry(id).or_default().push(version);
        }
        for (id, programs) in &survey.past {
            for (_, version) in programs.iter().filter(|(it, _)| it == name) {
                found.entry(*id).or_default().push(version.as_str().into());
            }
        }
        let mut installed = Vec::new();
        for machine in &survey.machines {
            for version in found.remove(&machine.id).into_iter().flatten() {
                installed.push((Arc::clone(machine), version));
            }
        }
        Ok((installed, survey.gaps))
    }

    fn survey(&self, viewer: &Viewer, moment: Moment) -> Result<Survey, ReadError> {
        let machines = self.showing(viewer, Kind::Software, moment);
        let ids: Vec<MachineId> = machines.iter().map(|machine| machine.id).collect();
        let unread = self.index.renew(&self.store, &ids, Effort::OF_A_PAGE)?;
        let (mask, newer, mut gaps) = {
            let kept = self.index.kept();
            let (mask, newer) = kept.mask(ids.iter().copied(), moment.at());
            let states = kept.states(&mask);
            let gaps = SoftwareGaps {
                unread,
                overflowed: kept.overflowed,
                not_reported: states.0,
                incomplete: states.1,
                ..SoftwareGaps::default()
            };
            (mask, newer, gaps)
        };
        gaps.left_out = newer.len().saturating_sub(LOOKED_BACK);
        let mut past = Vec::new();
        if let Moment::At(at) = moment {
            for id in newer.into_iter().take(LOOKED_BACK) {
                past.extend(self.past_programs(id, at, &mut gaps)?);
            }
        }
        Ok(Survey {
            machines,
            mask,
            past,
            gaps,
        })
    }

    fn past_programs(
        &self,
        id: MachineId,
        at: UnixMillis,
        gaps: &mut SoftwareGaps,
    ) -> Result<Option<Past>, ReadError> {
        let Some(version) = self.store.version_at(id, Kind::Software, at.0)? else {
            gaps.not_reported += 1;
            return Ok(None);
        };
        gaps.incomplete += usize::from(version.status != Status::Complete as u32);
        match self.body(&version) {
            Ok(body) => Ok(Some((id, index::programs(&body).into_iter().collect()))),
            Err(error) => {
                tracing::error!(machine = %id, %error, "an earlier version could not be read");
                gaps.incomplete += 1;
                Ok(None)
            }
        }
    }

    /// The machines in service, or that had joined by then, of which the viewer may see a section, by name.
    pub(super) fn showing(&self, viewer: &Viewer, kind: Kind, moment: Moment) -> Vec<Arc<Machine>> {
        let roster = self.roster.of(&self.machines);
        let machines = roster.iter().map(|entry| &entry.machine);
        machines
            .filter(|it| viewer.scope().sees_section(&it.labels, kind))
            .filter(|it| match moment {
                Moment::Now => it.state == MachineState::Active,
                Moment::At(_) => it.had_joined(moment),
            })
            .cloned()
            .collect()
    }
}
