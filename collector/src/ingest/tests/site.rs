//! A collector's reporting side on a store of its own, and machines that report to it.

use freehold_proto::v1::{
    ChainLink, CheckInRequest, CheckInResponse, SectionSummary, Software, UploadHeader,
    UploadRequest, UploadResponse,
    reporting_client::ReportingClient,
    section::{Kind, Status as Reading},
    software,
    upload_request::Part,
};
use prost::Message as _;
use tempfile::TempDir;
use tonic::Status;

use crate::{
    authority::Authority,
    clock::Clock,
    events::Events,
    id::{Digest, MachineId},
    ingest::{Ingest, Limits, Presence, Rejection},
    machines::{Connections, Machines},
    peer::{MachinePeer, Peer},
    store::{
        Options, Read as _, Store,
        record::{
            ChangeRecord, MachineRecord, MachineState, NoticeKind, NoticeRecord, VersionRecord,
        },
    },
};

pub(super) struct Site {
    pub(super) dir: TempDir,
    pub(super) store: Store,
    pub(super) machines: Machines,
    pub(super) presence: Presence,
    pub(super) clock: Clock,
    pub(super) events: Events,
    pub(super) ingest: Ingest,
}

pub(super) fn machine_record(id: MachineId, state: MachineState) -> MachineRecord {
    MachineRecord {
        id: id.as_bytes().to_vec(),
        state: state.into(),
        host_name: "front-desk".to_owned(),
        ..MachineRecord::default()
    }
}

impl Site {
    pub(super) async fn new(ids: &[MachineId]) -> Self {
        Self::with(ids, Limits::default()).await
    }

    pub(super) async fn with(ids: &[MachineId], limits: Limits) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::system();
        let store = Store::create(&dir.path().join("store"), &Options::default()).unwrap();
        let records: Vec<_> = ids
            .iter()
            .map(|id| (*id, machine_record(*id, MachineState::Active)))
            .collect();
        let put = store.write(move |txn| {
            for (id, record) in &records {
                txn.put_machine(*id, record);
            }
            Ok::<_, Rejection>(())
        });
        put.await.unwrap();
        Authority::init(&dir.path().join("authority"), "Test", &clock).unwrap();
        Self::open(dir, store, clock, limits)
    }

    fn open(dir: TempDir, store: Store, clock: Clock, limits: Limits) -> Self {
        let authority = Authority::load(&dir.path().join("authority"), &clock).unwrap();
        let events = Events::default();
        let machines = Machines::load(
            store.clone(),
            authority.revocations(),
            Connections::default(),
            authority.log(),
            events.clone(),
        )
        .unwrap();
        let presence = Presence::load(store.clone()).unwrap();
        let ingest = Ingest::new(
            store.clone(),
            machines.clone(),
            authority,
            presence.clone(),
            clock.clone(),
            events.clone(),
            limits,
        )
        .unwrap();
        Self {
            dir,
            store,
            machines,
            presence,
            clock,
            events,
            ingest,
        }
    }

    /// Stops without writing behind, and starts again.
    pub(super) async fn crash_and_restart(self) -> Self {
        let limits = self.ingest.shared.limits.clone();
        let Self {
            dir,
            store,
            machines,
            presence,
            clock,
            ingest,
            ..
        } = self;
        drop((machines, presence, ingest));
        store.close().await;
        let store = Store::open(&dir.path().join("store"), &Options::default()).unwrap();
        Self::open(dir, store, clock, limits)
    }

    /// A client whose requests arrive as those of a machine.
    pub(super) fn client(&self, peer: Option<MachinePeer>) -> ReportingClient<axum::Router> {
        let peer = peer.map_or(Peer::Nobody, Peer::Machine);
        ReportingClient::new(self.ingest.clone().router().layer(axum::Extension(peer)))
    }

    pub(super) async fn check_in(
        &self,
        id: MachineId,
        request: CheckInRequest,
    ) -> Result<CheckInResponse, Status> {
        let answer = self.client(Some(peer(id))).check_in(request).await;
        answer.map(tonic::Response::into_inner)
    }

    pub(super) async fn upload(
        &self,
        id: MachineId,
        messages: Vec<UploadRequest>,
    ) -> Result<UploadResponse, Status> {
        let answer = self
            .client(Some(peer(id)))
            .upload(tokio_stream::iter(messages))
            .await;
        answer.map(tonic::Response::into_inner)
    }

    pub(super) fn current(&self, id: MachineId) -> Option<VersionRecord> {
        self.store.current(id, Kind::Software).unwrap()
    }

    pub(super) fn versions(&self, id: MachineId) -> Vec<VersionRecord> {
        self.store.versions(id, Kind::Software, 100).unwrap()
    }

    /// The change log, newest first.
    pub(super) fn changes(&self, id: MachineId) -> Vec<ChangeRecord> {
        let changes = self.store.changes(id, None, 1000).unwrap();
        changes.into_iter().map(|(_, change)| change).collect()
    }

    pub(super) fn summaries(&self, id: MachineId) -> Vec<String> {
        self.changes(id)
            .into_iter()
            .map(|change| change.summary)
            .collect()
    }

    pub(super) fn notices(&self, id: MachineId) -> Vec<NoticeKind> {
        let machine = self.store.machine(id).unwrap().unwrap();
        machine.notices.iter().map(NoticeRecord::kind).collect()
    }
}

pub(super) fn peer(id: MachineId) -> MachinePeer {
    MachinePeer {
        id,
        public_key: Digest::of(b"key"),
        expired: false,
    }
}

/// A software section with these packages, each "name version".
pub(super) fn software(packages: &[&str]) -> Vec<u8> {
    let packages = packages.iter().map(|text| {
        let (name, version) = text.split_once(' ').unwrap();
        software::Package {
            name: name.to_owned(),
            version: version.to_owned(),
            source: software::package::Source::Dpkg.into(),
            ..software::Package::default()
        }
    });
    Software {
        status: Reading::Complete.into(),
        packages: packages.collect(),
        ..Software::default()
    }
    .encode_to_vec()
}

pub(super) fn header(body: &[u8], sequence: u64) -> (UploadHeader, Vec<u8>) {
    let frame = zstd::bulk::compress(body, 3).unwrap();
    let header = UploadHeader {
        kind: Kind::Software.into(),
        digest: Digest::of(body).as_bytes().to_vec(),
        age_ms: 0,
        size: body.len() as u64,
        compressed_size: frame.len() as u64,
        sequence,
    };
    (header, frame)
}

pub(super) fn chunk(bytes: &[u8]) -> UploadRequest {
    UploadRequest {
        part: Some(Part::Chunk(bytes.to_vec().into())),
    }
}

pub(super) fn begin(header: UploadHeader) -> UploadRequest {
    UploadRequest {
        part: Some(Part::Header(header)),
    }
}

/// The messages that deliver a version.
pub(super) fn version(body: &[u8], sequence: u64, age_ms: u64) -> Vec<UploadRequest> {
    let (mut header, frame) = header(body, sequence);
    header.age_ms = age_ms;
    vec![begin(header), chunk(&frame)]
}

/// A check-in with one section.
pub(super) fn check_in(body: &[u8], counter: u64) -> CheckInRequest {
    let value = |counter: u64| {
        if counter == 0 {
            vec![]
        } else {
            vec![u8::try_from(counter).unwrap(); 16]
        }
    };
    CheckInRequest {
        sections: vec![SectionSummary {
            kind: Kind::Software.into(),
            digest: Digest::of(body).as_bytes()[..16].to_vec(),
            age_ms: 0,
        }],
        chain: Some(ChainLink {
            counter,
            previous: value(counter - 1),
            next: value(counter),
        }),
        clock_unix_ms: Clock::system().now().0,
        agent_version: "0.1.0".to_owned(),
        ..CheckInRequest::default()
    }
}
