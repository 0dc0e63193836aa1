//! The year, lived through day by day.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::task::JoinSet;

use super::{
    DemoError, catalogue,
    catalogue::{Ago, COMPUTERS, Computer, Decision, Event, Fault, What, YEAR},
    condition::Condition,
    look::{age, fingerprint, habits, look, restless},
    moment,
    reporter::{Introduction, Look, Reporter},
    suppliers::Suppliers,
};
use crate::{
    access::{MachineLine, Viewer},
    app::Parts,
    audit::Actor,
    clock::{Clock, UnixMillis},
    dashboard,
    enrolment::NewToken,
    finding::Whose,
    history::Moment,
    id::MachineId,
};

/// Machines gone through at once, and for how long at most.
const ALL: usize = 1000;
const PATIENCE: Duration = Duration::from_secs(60);

/// A collector whose clock is moved through the year.
pub(super) struct Year {
    parts: Arc<Parts>,
    clock: Clock,
    made_at: UnixMillis,
    places: BTreeMap<&'static str, Place>,
    suppliers: Suppliers,
}

/// Where a computer stands.
struct Place {
    condition: Condition,
    reporter: Option<Reporter>,
    is_on: bool,
    /// The machine it was before it was installed anew.
    earlier: Option<MachineId>,
}

impl Year {
    /// The year before now.
    pub(super) fn new(parts: Arc<Parts>, clock: Clock) -> Self {
        // To the second, as it is kept: what reports say of their days must not differ after a restart.
        let made_at = UnixMillis(Clock::system().now().0.div_euclid(1000) * 1000);
        let place = |computer: &'static Computer| Place {
            condition: Condition::new(computer, made_at),
            reporter: None,
            is_on: false,
            earlier: None,
        };
        Self {
            suppliers: Suppliers::new(parts.clone()),
            parts,
            clock,
            made_at,
            places: COMPUTERS.iter().map(|it| (it.host, place(it))).collect(),
        }
    }

    /// Lives through it, to this day.
    pub(super) async fn live(mut self) -> Result<UnixMillis, DemoError> {
        self.parts.board.at_home(super::HOME);
        for ago in catalogue::days() {
            self.clock.move_to(moment(self.made_at, ago));
            self.day(ago).await?;
        }
        self.clock.catch_up();
        Ok(self.made_at)
    }

    async fn day(&mut self, ago: Ago) -> Result<(), DemoError> {
        let today = || YEAR.iter().filter(move |event| event.ago == ago);
        self.suppliers.come(ago).await?;
        for event in today() {
            self.happen(event).await?;
        }
        self.report(ago, today()).await?;
        self.look().await?;
        for event in today() {
            if let What::Owner(decision) = event.what {
                self.decide(event.host, decision).await?;
            }
        }
        self.suppliers.visit(ago).await?;
        self.suppliers.go(ago).await
    }

    async fn happen(&mut self, event: &Event) -> Result<(), DemoError> {
        let host = event.host;
        match event.what {
            What::Joins => self.join(host, true).await,
            What::JoinsSilently => self.join(host, false).await,
            What::JoinsAgain => {
                let reporter = self.place(host).reporter.take();
                let earlier = reporter.map(|reporter| reporter.machine()).transpose()?;
                self.place(host).earlier = earlier;
                self.join(host, true).await
            }
            What::Waits => self.wait(host).await,
            What::Power(is_on) => {
                self.place(host).is_on = is_on;
                Ok(())
            }
            What::Becomes(became) => {
                let at = self.clock.now();
                self.place(host).condition.become_(became, at);
                Ok(())
            }
            // Those follow when everything has reported.
            What::Reports(_) | What::Owner(_) => Ok(()),
        }
    }

    fn place(&mut self, host: &'static str) -> &mut Place {
        let made_at = self.made_at;
        self.places.entry(host).or_insert_with(|| Place {
            // Every event names a computer of the catalogue: a test sees to it.
            condition: Condition::new(&COMPUTERS[0], made_at),
            reporter: None,
            is_on: false,
            earlier: None,
        })
    }

    /// A computer joins with a join string of its own; the owner gives it its name.
    async fn join(&mut self, host: &'static str, is_on: bool) -> Result<(), DemoError> {
        let computer = self.place(host).condition.computer;
        let token = NewToken {
            labels: vec![computer.label.to_owned()],
            for_this_computer: true,
            ..NewToken::default()
        };
        let Some(reporter) = self.introduce(host, token).await? else {
            return Ok(());
        };
        let (id, console) = (reporter.machine()?, Actor::console());
        let machines = &self.parts.machines;
        machines.rename(id, computer.name, &console).await?;
        if !computer.note.is_empty() {
            machines.note(id, computer.note, &console).await?;
        }
        let place = self.place(host);
        place.reporter = Some(reporter);
        place.is_on = is_on;
        Ok(())
    }

    /// A computer asks to be let in with a join string for several.
    async fn wait(&mut self, host: &'static str) -> Result<(), DemoError> {
        let token = NewToken {
            uses: 5,
            wait: Some(true),
            for_this_computer: true,
            ..NewToken::default()
        };
        self.introduce(host, token).await.map(|_| ())
    }

    async fn introduce(
        &mut self,
        host: &'static str,
        token: NewToken,
    ) -> Result<Option<Reporter>, DemoError> {
        let (join, _) = self.parts.tokens.create(token, &Actor::console()).await?;
        let condition = &self.place(host).condition;
        let introduction = Introduction {
            host,
            fingerprint: fingerprint(condition),
        };
        let habits = habits(condition);
        let folder = self.parts.data.demo_computers().join(host);
        Reporter::join(&folder, &join, &introduction, habits).await
    }

    /// Everything that is on reports, and what is wrong with the reports of some goes wrong.
    async fn report(
        &mut self,
        ago: Ago,
        today: impl Iterator<Item = &Event>,
    ) -> Result<(), DemoError> {
        let faults: BTreeMap<&str, Fault> = today
            .filter_map(|event| match event.what {
                What::Reports(fault) => Some((event.host, fault)),
                _ => None,
            })
            .collect();
        let now = self.clock.now();
        let mut reporting = JoinSet::new();
        for (host, place) in self.places.iter_mut().filter(|(_, place)| place.is_on) {
            let (host, fault) = (*host, faults.get(host).copied());
            let look = look(&place.condition, now, age(host, ago), fault);
            if let Some(reporter) = place.reporter.take() {
                reporting.spawn(async move { Ok((host, reported(reporter, look, fault).await?)) });
            }
        }
        // Side by side: what is made durable at the same time shares a flush.
        while let Some(done) = reporting.join_next().await {
            let done: Result<_, DemoError> = done.map_err(DemoError::Interrupted)?;
            let (host, reporter) = done?;
            self.place(host).reporter = Some(reporter);
        }
        Ok(())
    }

    /// Goes through what was reported, as a running collector does.
    async fn look(&self) -> Result<(), DemoError> {
        let inventory = self.parts.inventory.clone();
        let looked = tokio::task::spawn_blocking(move || {
            while inventory.read_ahead(ALL)? > 0 {}
            while inventory.index_ahead(ALL)? > 0 {}
            inventory.hear_of_suppliers();
            inventory.look_again(ALL, PATIENCE)?;
            inventory.feel();
            inventory.look_again(ALL, PATIENCE)
        });
        looked.await.map_err(DemoError::Interrupted)??;
        Ok(self.parts.inventory.write_findings().await?)
    }

    async fn decide(&mut self, host: &'static str, decision: Decision) -> Result<(), DemoError> {
        let place = self.place(host);
        let (earlier, reporter) = (place.earlier, place.reporter.as_ref());
        let id = reporter.ok_or(DemoError::Nameless)?.machine()?;
        let console = Actor::console();
        match decision {
            Decision::Link => {
                let earlier = earlier.ok_or(DemoError::Nameless)?;
                self.parts.machines.link(id, earlier, &console).await?;
            }
            Decision::Claims(account, supplier) => {
                let whose = match supplier {
                    "" => Whose::Ours,
                    supplier => Whose::Supplier(supplier.to_owned()),
                };
                let inventory = &self.parts.inventory;
                inventory.claim(account, Some(whose), &console).await?;
            }
            Decision::SetAside(rule, reason, days) => {
                let (finding, about) = self.finding(id, host, rule)?;
                let until = self.clock.now().plus(super::DAY * days);
                let inventory = &self.parts.inventory;
                inventory
                    .set_aside(finding, reason, until, &about, &console)
                    .await?;
            }
        }
        Ok(())
    }

    /// The open finding of a rule, and its sentence.
    fn finding(
        &self,
        id: MachineId,
        host: &'static str,
        rule: &'static str,
    ) -> Result<(crate::finding::FindingId, String), DemoError> {
        let inventory = &self.parts.inventory;
        let line: MachineLine = inventory.machine(&Viewer::console(), id, Moment::Now)?;
        let mut open = line.findings.iter();
        let finding = open.find(|finding| finding.rule.id == rule);
        let finding = finding.ok_or(DemoError::NoFinding { host, rule })?;
        let about = dashboard::sentence(&line.machine, finding, self.clock.now());
        Ok((finding.id, about))
    }
}

/// Lets a computer report, with what is wrong before and after.
async fn reported(
    mut reporter: Reporter,
    look: Look,
    fault: Option<Fault>,
) -> Result<Reporter, DemoError> {
    match fault {
        Some(Fault::Clock(minutes)) => reporter.habits.clock_offset = minutes * 60 * 1000,
        Some(Fault::Stale(stale)) => {
            reporter.renew().await?;
            reporter.habits.renews = !stale;
        }
        _ => {}
    }
    reporter.report(&look).await?;
    match fault {
        Some(Fault::Clone) => reporter.report_as_a_copy(&look).await?,
        Some(Fault::Garbage) => reporter.send_garbage(&look).await?,
        Some(Fault::Restless) => reporter.send_all(&restless(&look)).await?,
        _ => {}
    }
    Ok(reporter)
}
