//! What suppliers do: they get grants, their technicians accept invitations, read, propose, and leave.

use std::{collections::BTreeMap, net::IpAddr, sync::Arc};

use freehold_proto::v1::section::Kind;
use secrecy::SecretString;

use super::{
    DemoError,
    catalogue::{Ago, Read, SUPPLIERS, Supplier, Technician},
};
use crate::{
    access::{
        Acceptance, GrantId, NewGrant, Origin, PersonId, Proposal, Suggestions, parsed_scope,
    },
    app::Parts,
    audit::{Actor, Event},
    id::MachineId,
    store::record::LogAct,
};

/// Where technicians sit: an address that is set aside for examples.
const OFFICE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 20));

/// The suppliers of the practice.
pub(super) struct Suppliers {
    parts: Arc<Parts>,
    grants: BTreeMap<&'static str, GrantId>,
    people: BTreeMap<&'static str, (PersonId, Actor)>,
}

impl Suppliers {
    /// Nobody yet.
    pub(super) fn new(parts: Arc<Parts>) -> Self {
        Self {
            parts,
            grants: BTreeMap::new(),
            people: BTreeMap::new(),
        }
    }

    /// Those whose day it is get a grant, or accept their invitation.
    pub(super) async fn come(&mut self, ago: Ago) -> Result<(), DemoError> {
        for supplier in SUPPLIERS {
            if supplier.began == ago {
                self.grant(supplier).await?;
            }
            for technician in supplier.technicians.iter().filter(|it| it.since == ago) {
                self.welcome(supplier, technician).await?;
            }
        }
        Ok(())
    }

    /// Those whose last day it is leave.
    pub(super) async fn go(&mut self, ago: Ago) -> Result<(), DemoError> {
        let everybody = SUPPLIERS.iter().flat_map(|supplier| supplier.technicians);
        for technician in everybody.filter(|technician| technician.until == Some(ago)) {
            if let Some((person, _)) = self.people.get(technician.name) {
                let people = &self.parts.people;
                people.end_technician(*person, &Actor::console()).await?;
            }
        }
        Ok(())
    }

    /// Technicians read.
    pub(super) async fn visit(&mut self, ago: Ago) -> Result<(), DemoError> {
        let visits = SUPPLIERS.iter().flat_map(|supplier| supplier.visits);
        for visit in visits.filter(|visit| visit.ago == ago) {
            let Some((person, by)) = self.people.get(visit.technician) else {
                continue;
            };
            for read in visit.reads {
                self.read(*read, *person, by).await?;
            }
        }
        Ok(())
    }

    async fn grant(&mut self, supplier: &Supplier) -> Result<(), DemoError> {
        let new = NewGrant {
            supplier: supplier.name.to_owned(),
            scope: parsed_scope(supplier.scope)?,
            days: supplier.days,
            note: supplier.note.to_owned(),
            may_export: supplier.may_export,
        };
        let grant = self.parts.grants.create(new, &Actor::console()).await?;
        self.grants.insert(supplier.name, grant.id);
        Ok(())
    }

    /// A technician accepts an invitation with a password and a second factor that nobody keeps.
    async fn welcome(
        &mut self,
        supplier: &Supplier,
        technician: &Technician,
    ) -> Result<(), DemoError> {
        let grant = *self.grants.get(supplier.name).ok_or(DemoError::Nameless)?;
        let people = &self.parts.people;
        let to = crate::access::Invited::Technician {
            grant,
            leads: technician.leads,
        };
        let (token, _) = people
            .invite(to, technician.name, technician.email, &Actor::console())
            .await?;
        let (secret, sealed) = people.new_secret(&token);
        let password = uuid::Uuid::new_v4().to_string();
        let form = Acceptance {
            password: SecretString::from(password.clone()),
            again: SecretString::from(password),
            sealed: sealed.to_string(),
            code: secret.code_at(self.parts.clock.now()).unwrap_or_default(),
        };
        let origin = Origin {
            address: OFFICE,
            browser: "Firefox".to_owned(),
            device: String::new(),
        };
        let accepted = people.accept(&token, form, &origin).await?;
        let session = accepted.signed_in.session;
        let by = session.actor(OFFICE);
        self.people.insert(technician.name, (session.person, by));
        people.sign_out(&session).await?;
        Ok(())
    }

    /// Writes into the log what is read, as the pages do before they answer.
    async fn read(&self, read: Read, person: PersonId, by: &Actor) -> Result<(), DemoError> {
        let event = match read {
            Read::Overview => Event::new(LogAct::OpenedOverview),
            Read::Findings => Event::new(LogAct::OpenedFindings),
            Read::Computers => Event::new(LogAct::OpenedComputers),
            Read::Administrators => Event::new(LogAct::ReadAdministrators),
            Read::Changes => Event::new(LogAct::OpenedChanges),
            Read::Computer(host) => self.about(LogAct::OpenedComputer, host),
            Read::Section(host, kind) => self.section(host, kind),
            Read::Software(wanted) => Event::new(LogAct::ReadSoftware).detail(wanted),
            Read::Export(list) => Event::new(LogAct::ExportedList).detail(list),
            Read::Proposes(host, note) => {
                return self.propose(host, note, person, by).await;
            }
        };
        Ok(self.parts.journal.note(by, event).await?)
    }

    fn section(&self, host: &str, kind: Kind) -> Event {
        self.about(LogAct::OpenedSection, host).section(kind)
    }

    fn about(&self, act: LogAct, host: &str) -> Event {
        let event = Event::new(act);
        match self.machine(host) {
            Some((id, name)) => event.machine(id, &name),
            None => event,
        }
    }

    async fn propose(
        &self,
        host: &str,
        note: &str,
        person: PersonId,
        by: &Actor,
    ) -> Result<(), DemoError> {
        let Some((id, _)) = self.machine(host) else {
            return Ok(());
        };
        let parts = &self.parts;
        let suggestions = Suggestions::new(
            parts.store.clone(),
            parts.log.clone(),
            parts.machines.clone(),
        );
        let proposal = Proposal::Note(note.to_owned());
        Ok(suggestions.suggest(id, proposal, person, by).await?)
    }

    /// The computer that goes by a host name now.
    fn machine(&self, host: &str) -> Option<(MachineId, String)> {
        let mut known = self.parts.machines.list();
        known.retain(|record| record.host_name == host);
        let newest = known.into_iter().max_by_key(|record| record.enrolled_at)?;
        let id = crate::machines::id_of(&newest).ok()?;
        Some((id, crate::machines::name_of(&newest).to_owned()))
    }
}
