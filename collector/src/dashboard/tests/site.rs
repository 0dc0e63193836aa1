//! A dashboard over a real store, and a browser for it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use freehold_agent::probe;
use freehold_proto::v1::section::{Kind, Status};
use http_body_util::BodyExt as _;
use prost::Message;
use secrecy::SecretString;
use tower::ServiceExt as _;

use crate::{
    access::{Grants, Inventory, Origin, People, Suggestions},
    alert::{self, Alerts},
    audit::{Actor, Journal, Log, Witness},
    authority::Authority,
    clock::Clock,
    dashboard::{Desk, Site, router},
    enrolment::Tokens,
    events::{Event, Events},
    finding::{Board, FindingId},
    id::{Digest, MachineId},
    ingest::Presence,
    machines::{Connections, Machines},
    packages::Packages,
    peer::Remote,
    question::{Launcher, Questions},
    store::{
        Options, Store, StoreError,
        record::{
            Action, ChangeRecord, MachineRecord, MachineState, NoticeKind, NoticeRecord,
            PresenceRecord, SettingsRecord, VersionRecord,
        },
    },
};

pub(super) const PASSWORD: &str = "lamp river bicycle";
pub(super) const HOST: &str = "127.0.0.1:8080";
/// A package that every collector of these tests hands out.
pub(super) const PACKAGE: &str = "freehold-agent_1.0_amd64.deb";
pub(super) const ORIGIN: &str = "http://127.0.0.1:8080";

/// A collector without its agents.
pub(super) struct World {
    pub(super) dir: tempfile::TempDir,
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) events: Events,
    authority: Authority,
    machines: Machines,
    addresses: Vec<String>,
}

/// A machine to put into the store.
pub(super) struct Given {
    pub(super) id: MachineId,
    pub(super) record: MachineRecord,
    pub(super) sections: Vec<(Kind, Vec<u8>)>,
    pub(super) presence: Option<PresenceRecord>,
    pub(super) changes: Vec<ChangeRecord>,
}

impl Given {
    /// The same machine with a wrong clock: something is found about it whatever it reports.
    pub(super) fn with_wrong_clock(mut self) -> Self {
        self.record.notices.push(NoticeRecord {
            kind: NoticeKind::WrongClock.into(),
            ..NoticeRecord::default()
        });
        self
    }
}

impl World {
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::system();
        let authority = Authority::init(&dir.path().join("authority"), "Example", &clock).unwrap();
        let store = Store::create(&dir.path().join("store"), &Options::default()).unwrap();
        let packages = dir.path().join("packages");
        std::fs::create_dir(&packages).unwrap();
        std::fs::write(packages.join(PACKAGE), "abc").unwrap();
        let events = Events::default();
        let machines = Machines::load(
            store.clone(),
            authority.revocations(),
            Connections::default(),
            authority.log(),
            events.clone(),
        )
        .unwrap();
        Self {
            dir,
            store,
            clock,
            events,
            authority,
            machines,
            addresses: vec!["office.lan:7443".to_owned()],
        }
    }

    pub(super) fn reached_at(self, addresses: &[&str]) -> Self {
        Self {
            addresses: addresses.iter().map(ToString::to_string).collect(),
            ..self
        }
    }

    pub(super) async fn named(self, business: &str) -> Self {
        let settings = SettingsRecord {
            name: business.to_owned(),
            addresses: self.addresses.clone(),
            created_at: self.clock.now().0,
            ..SettingsRecord::default()
        };
        self.store
            .write(move |txn| {
                txn.put_settings(&settings);
                Ok::<(), StoreError>(())
            })
            .await
            .unwrap();
        self
    }

    pub(super) async fn add(&self, given: Given) -> MachineId {
        let (id, now) = (given.id, self.clock.now());
        self.machines
            .write(move |txn| {
                txn.put_machine(id, &given.record);
                for (sequence, (kind, body)) in (1..).zip(&given.sections) {
                    let digest = Digest::of(body);
                    let frame = zstd::bulk::compress(body, 3).unwrap();
                    txn.put_body(&digest, frame, body.len() as u64)?;
                    let version = VersionRecord {
                        kind: *kind as u32,
                        digest: digest.as_bytes().to_vec(),
                        collected_at: now.minus(Duration::from_secs(7200)).0,
                        received_at: now.0,
                        sequence,
                        size: body.len() as u64,
                        status: Status::Complete as u32,
                        ..VersionRecord::default()
                    };
                    txn.put_version(id, &version)?;
                }
                for change in &given.changes {
                    txn.put_change(id, change)?;
                }
                if let Some(presence) = &given.presence {
                    txn.put_presence(id, presence);
                }
                Ok::<_, StoreError>(((), vec![given.record]))
            })
            .await
            .unwrap();
        id
    }

    pub(super) fn desk(&self) -> Desk {
        let (store, clock) = (self.store.clone(), self.clock.clone());
        let machines = self.machines.clone();
        let presence = Presence::load(store.clone()).unwrap();
        let (log, events) = (self.authority.log(), self.events.clone());
        let board = Board::load(store.clone(), log.clone(), clock.clone(), &events).unwrap();
        let inventory = Inventory::new(store.clone(), machines.clone(), presence, board, &events);
        let source = alert::Source {
            store: store.clone(),
            log,
            clock: clock.clone(),
            events,
            inventory: inventory.clone(),
            grants: Grants::new(store.clone(), self.authority.log(), clock.clone()),
        };
        Desk {
            alerts: Alerts::new(source, "https://freehold.test".to_owned()),
            people: People::new(store.clone(), self.authority.log()),
            questions: Questions::new(inventory.clone(), store.clone(), Launcher::Thread),
            inventory,
            suggestions: Suggestions::new(store.clone(), self.authority.log(), machines.clone()),
            grants: Grants::new(store.clone(), self.authority.log(), clock.clone()),
            journal: Journal::new(
                self.authority.log(),
                store.clone(),
                Witness::at(&self.dir.path().join("log-checkpoint")),
            ),
            machines,
            tokens: Tokens::new(
                store,
                self.authority.clone(),
                self.addresses.clone(),
                clock.clone(),
            ),
            authority: self.authority.clone(),
            events: self.events.clone(),
            clock,
            addresses: self.addresses.clone(),
            packages: Packages::new(self.dir.path().join("packages")),
            data: self.dir.path().to_owned(),
            demo: false,
            last_backup: Arc::new(|| None),
        }
    }

    pub(super) fn log(&self) -> Log {
        self.authority.log()
    }

    /// A machine reports a section anew.
    pub(super) async fn report(&self, id: MachineId, (kind, body): (Kind, Vec<u8>)) {
        let now = self.clock.now();
        self.store
            .write(move |txn| {
                let digest = Digest::of(&body);
                let frame = zstd::bulk::compress(&body, 3).unwrap();
                txn.put_body(&digest, frame, body.len() as u64)?;
                let version = VersionRecord {
                    kind: kind as u32,
                    digest: digest.as_bytes().to_vec(),
                    collected_at: now.0,
                    received_at: now.0,
                    sequence: 1000,
                    size: body.len() as u64,
                    status: Status::Complete as u32,
                    ..VersionRecord::default()
                };
                txn.put_version(id, &version)
            })
            .await
            .unwrap();
        self.events.announce(Event::Report(id));
    }

    /// A browser at this dashboard that nobody has signed in with.
    pub(super) fn browser(&self) -> Browser {
        let desk = self.desk();
        Browser {
            router: router(desk.clone(), plain_site()),
            desk,
            cookies: Vec::new(),
            is_early: false,
            address: ([127, 0, 0, 1], 50_000).into(),
        }
    }

    /// A browser in which the owner has just set the password.
    pub(super) async fn owner(&self) -> Browser {
        let mut browser = self.browser();
        let (code, _) = browser
            .desk
            .people
            .issue_code(&Actor::console())
            .await
            .unwrap();
        let form = [
            ("code", code.expose().to_string()),
            ("name", "Dr. Anna Weber".to_owned()),
            ("password", PASSWORD.to_owned()),
            ("again", PASSWORD.to_owned()),
        ];
        let answer = browser.post("/setup", &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        browser
    }
}

pub(super) fn plain_site() -> Site {
    Site {
        https: false,
        port: 8080,
        names: Vec::new(),
        public: false,
        networked: false,
    }
}

/// Where attempts of tests come from.
pub(super) fn from(address: [u8; 4]) -> Origin {
    Origin {
        address: address.into(),
        browser: "test".into(),
        device: String::new(),
    }
}

pub(super) fn password() -> SecretString {
    SecretString::from(PASSWORD)
}

/// A machine that has reported what this very computer looks like.
pub(super) fn this_computer(name: &str, now: crate::clock::UnixMillis) -> Given {
    let root = probe::Root::live();
    let sections = probe::KINDS
        .iter()
        .filter_map(|kind| probe::collect(*kind, &root))
        .map(|collected| (collected.kind, collected.body))
        .collect();
    let readings = probe::readings(&root).encode_to_vec();
    given(name, sections, readings, now)
}

pub(super) fn given(
    name: &str,
    sections: Vec<(Kind, Vec<u8>)>,
    readings: Vec<u8>,
    now: crate::clock::UnixMillis,
) -> Given {
    let id = MachineId::random();
    let hour = Duration::from_secs(3600);
    let change = |ago: u32, kind: Kind, action: Action, noun: &str, item: &str, summary: &str| {
        ChangeRecord {
            at: now.minus(hour * ago).0,
            section: kind as u32,
            action: action.into(),
            noun: noun.into(),
            item: item.into(),
            summary: summary.into(),
            ..ChangeRecord::default()
        }
    };
    Given {
        id,
        record: MachineRecord {
            id: id.as_bytes().to_vec(),
            state: MachineState::Active.into(),
            host_name: name.into(),
            enrolled_at: now.minus(hour * 900).0,
            state_since: now.minus(hour * 900).0,
            certificate_expires_at: now.plus(hour * 500).0,
            ..MachineRecord::default()
        },
        sections,
        presence: Some(PresenceRecord {
            last_seen_at: now.minus(Duration::from_secs(130)).0,
            agent_version: "0.1.0".into(),
            readings,
            readings_at: now.minus(Duration::from_secs(130)).0,
            confirmed_at: vec![now.minus(Duration::from_secs(130)).0; 9],
            ..PresenceRecord::default()
        }),
        changes: vec![
            change(
                900,
                Kind::Software,
                Action::FirstReport,
                "software",
                "",
                "first report of software",
            ),
            change(
                26,
                Kind::Accounts,
                Action::Added,
                "administrator",
                "helpdesk",
                "administrator added: helpdesk (sudo)",
            ),
            change(
                2,
                Kind::Software,
                Action::Altered,
                "package",
                "openssl",
                "package openssl 3.0.11 -> 3.0.15",
            ),
            change(
                1,
                Kind::Software,
                Action::Removed,
                "package",
                "telnet",
                "package telnet 0.17 removed",
            ),
        ],
    }
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn location(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .map_or("", |to| to.to_str().unwrap())
    }
}

/// A browser: keeps cookies, and says where its forms come from.
#[derive(Clone)]
pub(super) struct Browser {
    router: Router,
    pub(super) desk: Desk,
    pub(super) cookies: Vec<(String, String)>,
    /// It asks before the collector has gone through what was reported.
    pub(super) is_early: bool,
    pub(super) address: SocketAddr,
}

impl Browser {
    /// The same browser at another dashboard over the same store.
    pub(super) fn at(&self, desk: Desk) -> Self {
        Self {
            router: router(desk.clone(), plain_site()),
            desk,
            ..self.clone()
        }
    }

    /// Until the collector has gone through what was reported, unless it is early.
    fn waits(&self) {
        if !self.is_early {
            gone_through(&self.desk.inventory);
        }
    }

    /// The answer as it comes, for those that do not end.
    pub(super) async fn raw(&self, mut request: Request<Body>) -> axum::response::Response {
        self.waits();
        request.extensions_mut().insert(Remote(self.address));
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub(super) async fn get(&mut self, path: &str) -> Answer {
        let request = Request::get(path).header(header::HOST, HOST);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Sends a form as our own pages do.
    pub(super) async fn post(&mut self, path: &str, fields: &[(&str, String)]) -> Answer {
        let request = Request::post(path)
            .header(header::HOST, HOST)
            .header(header::ORIGIN, "null")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(form(fields)).unwrap()).await
    }

    /// Sends a form of the signed-in session.
    pub(super) async fn submit(&mut self, path: &str, fields: &[(&str, String)]) -> Answer {
        let mut fields = fields.to_vec();
        fields.push(("form_token", self.form_token().await));
        self.post(path, &fields).await
    }

    /// The form token of this session, as a page shows it.
    pub(super) async fn form_token(&mut self) -> String {
        let page = self.get("/browsers").await;
        let (_, rest) = page
            .body
            .split_once("name=\"form_token\" value=\"")
            .unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    }

    pub(super) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies
            .iter()
            .find_map(|(key, value)| (key == name).then_some(value.as_str()))
    }

    pub(super) fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.retain(|(key, _)| key != name);
        self.cookies.push((name.to_owned(), value.to_owned()));
    }

    pub(super) async fn send(&mut self, mut request: Request<Body>) -> Answer {
        if !self.cookies.is_empty() {
            let pairs: Vec<String> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let cookies = pairs.join("; ").parse().unwrap();
            request.headers_mut().insert(header::COOKIE, cookies);
        }
        request.extensions_mut().insert(Remote(self.address));
        self.waits();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let text = cookie.to_str().unwrap();
            let (name, rest) = text.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.set_cookie(name, value);
        }
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// The answer's head alone, for answers that do not end.
    pub(super) async fn head(&self, method: Method, path: &str) -> (StatusCode, HeaderMap) {
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, HOST)
            .header(header::COOKIE, pairs.join("; "))
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::empty())
            .unwrap();
        self.waits();
        let response = self.router.clone().oneshot(request).await.unwrap();
        (response.status(), response.headers().clone())
    }
}

fn form(fields: &[(&str, String)]) -> Body {
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", crate::dashboard::guard::encoded(value)))
        .collect();
    Body::from(pairs.join("&"))
}

/// Goes through everything that was reported, as a running collector does by itself.
pub(super) fn gone_through(inventory: &Inventory) {
    let one_pass = || {
        let read = inventory.read_ahead(usize::MAX).unwrap_or(0);
        let looked = inventory.look_again(usize::MAX, Duration::MAX);
        read + looked.unwrap_or(0)
    };
    while one_pass() > 0 {}
    inventory.complete();
}

/// A path with its places filled.
pub(super) fn concrete(path: &str, id: MachineId) -> String {
    // A finding that every computer of these tests can be given.
    let finding = FindingId::new(id, "clock", "");
    path.replace(
        "/findings/{id}/{action}",
        &format!("/findings/{finding}/set-aside"),
    )
    .replace("/findings/{id}", &format!("/findings/{finding}"))
    .replace("{id}", &id.to_string())
    .replace("{section}", "software")
    .replace("{list}", "computers")
    .replace("{action}", "rename")
    .replace("{token}", "x")
    .replace("/assets/{name}", &crate::dashboard::assets::assets().style)
    .replace("/packages/{name}", &format!("/packages/{PACKAGE}"))
}
