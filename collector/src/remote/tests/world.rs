//! A collector's port with every service behind it, and people who dial it.

use std::{net::SocketAddr, time::Duration};

use freehold_agent::{
    identity::{Identity, Key, Token},
    report::{CallError, call},
};
use freehold_proto::v1::{
    CredentialBundle, access_client::AccessClient, devices_client::DevicesClient, section::Kind,
};
use prost::Message as _;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;
use tonic::{Status, transport::Channel};

use crate::{
    access::{
        Acceptance, Grant, Grants, Inventory, NewGrant, Origin, People, Session, Suggestions,
        parsed_scope,
    },
    audit::{Actor, Entry, Journal, Witness},
    authority::{ACCESS_NAME, Authority, ENROLMENT_NAME},
    clock::Clock,
    enrolment::Enrolment,
    events::Events,
    finding::Board,
    id::{Digest, MachineId},
    ingest::{self, Ingest, Presence},
    listener::{Listener, Services},
    machines::{Connections, Machines},
    question::{Launcher, Questions},
    remote::{Desk, Remote},
    store::{
        Options, Store, StoreError,
        record::{Action, ChangeRecord, MachineRecord, MachineState, VersionRecord},
    },
};

pub(super) const PASSWORD: &str = "cedar violin market";

/// A collector.
pub(super) struct World {
    pub(super) address: SocketAddr,
    pub(super) authority: Authority,
    pub(super) machines: Machines,
    pub(super) people: People,
    pub(super) grants: Grants,
    pub(super) journal: Journal,
    pub(super) clock: Clock,
    pub(super) desk: Desk,
    _dir: tempfile::TempDir,
    shutdown: CancellationToken,
}

/// Somebody with a device.
pub(super) struct Guest {
    pub(super) identity: Identity,
    pub(super) session: Session,
    /// `None` for an owner.
    pub(super) grant: Option<Grant>,
}

impl World {
    pub(super) async fn new() -> Self {
        Self::logging_to(None).await
    }

    /// With a log of reads in another store: one that fails, for instance.
    pub(super) async fn logging_to(log_store: Option<Store>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::system();
        let authority = Authority::init(&dir.path().join("authority"), "Example", &clock).unwrap();
        let store = Store::create(&dir.path().join("store"), &Options::default()).unwrap();
        let (connections, events) = (Connections::default(), Events::default());
        let log = authority.log();
        let machines = Machines::load(
            store.clone(),
            authority.revocations(),
            connections.clone(),
            log.clone(),
            events.clone(),
        )
        .unwrap();
        let presence = Presence::load(store.clone()).unwrap();
        let people = People::new(store.clone(), log.clone());
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap())
            .await
            .unwrap();
        let address = listener.local_addr();
        let addresses = vec![address.to_string()];
        let witness = Witness::at(&dir.path().join("witness"));
        let journal = Journal::new(
            log.clone(),
            log_store.unwrap_or_else(|| store.clone()),
            witness,
        );
        let enrolment = Enrolment::new(
            store.clone(),
            machines.clone(),
            people.clone(),
            authority.clone(),
            addresses.clone(),
            clock.clone(),
        );
        let ingest = Ingest::new(
            store.clone(),
            machines.clone(),
            authority.clone(),
            presence.clone(),
            clock.clone(),
            events.clone(),
            ingest::Limits::default(),
        );
        let board = Board::load(store.clone(), log.clone(), clock.clone(), &events).unwrap();
        let inventory = Inventory::new(store.clone(), machines.clone(), presence, board, &events);
        let desk = Desk {
            questions: Questions::new(inventory.clone(), store.clone(), Launcher::Thread),
            inventory,
            journal: journal.clone(),
            people: people.clone(),
            suggestions: Suggestions::new(store.clone(), log.clone(), machines.clone()),
            authority: authority.clone(),
            addresses,
            clock: clock.clone(),
        };
        let services = Services {
            tls: authority.agent_tls().unwrap(),
            reporting: ingest.unwrap().router(),
            enrolment: enrolment.into_router(),
            access: Remote::new(desk.clone()).into_router(),
            people: people.clone(),
            machines: machines.clone(),
            connections,
            clock: clock.clone(),
        };
        let shutdown = CancellationToken::new();
        tokio::spawn(listener.serve(services, shutdown.clone()));
        Self {
            address,
            grants: Grants::new(store.clone(), log, clock.clone()),
            authority,
            machines,
            people,
            journal,
            clock,
            desk,
            _dir: dir,
            shutdown,
        }
    }

    pub(super) fn addresses(&self) -> Vec<String> {
        vec![self.address.to_string()]
    }

    /// A machine that has reported sections, with labels.
    pub(super) async fn computer(
        &self,
        name: &str,
        labels: &[&str],
        sections: Vec<(Kind, Vec<u8>)>,
    ) -> MachineId {
        let (id, now) = (MachineId::random(), self.clock.now());
        let record = MachineRecord {
            id: id.as_bytes().to_vec(),
            state: MachineState::Active.into(),
            host_name: name.to_owned(),
            labels: labels.iter().map(ToString::to_string).collect(),
            ..MachineRecord::default()
        };
        let change = ChangeRecord {
            at: now.0,
            section: Kind::Software as u32,
            action: Action::Added.into(),
            summary: format!("package of {name} installed"),
            ..ChangeRecord::default()
        };
        self.machines
            .write(move |txn| {
                txn.put_machine(id, &record);
                for (sequence, (kind, body)) in (1..).zip(&sections) {
                    let digest = Digest::of(body);
                    let frame = zstd::bulk::compress(body, 3).unwrap();
                    txn.put_body(&digest, frame, body.len() as u64)?;
                    let version = VersionRecord {
                        kind: *kind as u32,
                        digest: digest.as_bytes().to_vec(),
                        collected_at: now.0,
                        received_at: now.0,
                        sequence,
                        size: body.len() as u64,
                        status: freehold_proto::v1::section::Status::Complete as u32,
                        ..VersionRecord::default()
                    };
                    txn.put_version(id, &version)?;
                }
                txn.put_change(id, &change)?;
                Ok::<_, StoreError>(((), vec![record]))
            })
            .await
            .unwrap();
        id
    }

    /// The owner, signed in.
    pub(super) async fn owner(&self) -> Session {
        let (code, _) = self.people.issue_code(&Actor::console()).await.unwrap();
        let (code, password, origin) = (code.expose(), SecretString::from(PASSWORD), origin());
        let again = password.clone();
        let name = "Dr. Anna Weber";
        let signed_in = self
            .people
            .choose_password(&code, name, password, &again, &origin)
            .await;
        signed_in.unwrap().session
    }

    pub(super) async fn granted(&self, rules: &[&str], may_export: bool) -> Grant {
        let new = NewGrant {
            supplier: "Acme IT".to_owned(),
            scope: parsed_scope(rules).unwrap(),
            days: 90,
            note: String::new(),
            may_export,
        };
        self.grants.create(new, &Actor::console()).await.unwrap()
    }

    /// A technician, signed in.
    pub(super) async fn technician(&self, grant: &Grant, email: &str) -> Session {
        let by = Actor::console();
        let invited = self
            .people
            .invite(grant.id, "A. Technician", email, &by)
            .await;
        let (token, _) = invited.unwrap();
        let (secret, sealed) = self.people.new_secret(&token);
        let form = Acceptance {
            password: SecretString::from(PASSWORD),
            again: SecretString::from(PASSWORD),
            sealed: sealed.to_string(),
            code: secret.code(self.clock.now()),
        };
        let accepted = self.people.accept(&token, form, &origin()).await;
        accepted.unwrap().signed_in.session
    }

    /// The secret of a one-time code for whoever is signed in.
    pub(super) async fn code(&self, session: &Session) -> Token {
        let password = SecretString::from(PASSWORD);
        let made = self
            .people
            .make_device_code(session, password, &origin())
            .await;
        made.unwrap().0
    }

    /// Accepts a code over the wire with some key.
    pub(super) async fn accept(&self, code: &Token, key: &Key) -> Result<Identity, Status> {
        let pin = self.authority.root_pin();
        let addresses = self.addresses();
        let call = freehold_agent::report::call_pinned(&addresses, pin, ENROLMENT_NAME);
        let request = freehold_proto::v1::AcceptDeviceRequest {
            code: code.expose().to_vec(),
            csr: key.signing_request().unwrap(),
            device_name: "laptop".to_owned(),
        };
        let mut client = DevicesClient::new(call.await.unwrap().channel);
        let answer = client.accept_device(request).await?.into_inner();
        Ok(identity(key, answer.credentials.unwrap()))
    }

    /// A technician with a device.
    pub(super) async fn guest(&self, rules: &[&str], may_export: bool) -> Guest {
        let grant = self.granted(rules, may_export).await;
        let session = self.technician(&grant, "tech@acme.example").await;
        let code = self.code(&session).await;
        Guest {
            identity: self.accept(&code, &Key::generate().unwrap()).await.unwrap(),
            session,
            grant: Some(grant),
        }
    }

    /// The owner with a device.
    pub(super) async fn owner_guest(&self) -> Guest {
        let session = self.owner().await;
        let code = self.code(&session).await;
        Guest {
            identity: self.accept(&code, &Key::generate().unwrap()).await.unwrap(),
            session,
            grant: None,
        }
    }

    /// What the log says, the newest first.
    pub(super) fn deeds(&self) -> Vec<String> {
        let entries = self
            .journal
            .entries(&crate::access::Viewer::console(), None, 100);
        entries.unwrap().iter().map(Entry::deed).collect()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

impl Guest {
    /// A connection of the device.
    pub(super) async fn client(&self) -> AccessClient<Channel> {
        client(&self.identity).await.unwrap()
    }
}

pub(super) async fn client(identity: &Identity) -> Result<AccessClient<Channel>, CallError> {
    let call = call(identity, ACCESS_NAME).await?;
    Ok(AccessClient::new(call.channel).max_decoding_message_size(16 * 1024 * 1024))
}

pub(super) fn identity(key: &Key, credentials: CredentialBundle) -> Identity {
    Identity::new(key.clone(), credentials, &[]).unwrap()
}

pub(super) fn origin() -> Origin {
    Origin {
        address: [127, 0, 0, 1].into(),
        browser: "test".to_owned(),
        device: String::new(),
    }
}

pub(super) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A section of software with so many packages.
pub(super) fn software(packages: usize) -> (Kind, Vec<u8>) {
    use freehold_proto::v1::{Software, section::Status, software::Package};
    let package = |number| Package {
        name: format!("package-{number}"),
        version: "1.0".to_owned(),
        ..Package::default()
    };
    let section = Software {
        status: Status::Complete.into(),
        packages: (0..packages).map(package).collect(),
        ..Software::default()
    };
    (Kind::Software, section.encode_to_vec())
}

/// A section of accounts with one administrator.
pub(super) fn accounts(administrator: &str) -> (Kind, Vec<u8>) {
    use freehold_proto::v1::{Accounts, accounts::Privilege, section::Status, toggle::State};
    let section = Accounts {
        status: Status::Complete.into(),
        privileges: vec![Privilege {
            principal: administrator.to_owned(),
            scope: "everything".to_owned(),
            full_control: State::On.into(),
            ..Privilege::default()
        }],
        ..Accounts::default()
    };
    (Kind::Accounts, section.encode_to_vec())
}
