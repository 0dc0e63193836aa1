//! Every call of the schema, on every name, crossed with everybody who might make it.
//!
//! A new call makes this test fail until somebody has said here on which border it is served.

use freehold_agent::{
    identity::{Identity, Key},
    report::{call, call_pinned},
};
use freehold_proto::v1::CredentialBundle;
use http_body_util::{BodyExt as _, Full};
use prost_reflect::DescriptorPool;
use tonic::{Code, Status, transport::Channel};
use tower::{Service as _, ServiceExt as _};

use super::world::{DAY, World, accounts, identity, software};
use crate::{
    audit::Actor,
    authority::{ACCESS_NAME, ENROLMENT_NAME, REPORTING_NAME},
    id::MachineId,
    store::{
        StoreError,
        record::{MachineRecord, MachineState},
    },
};

/// Where a call is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Border {
    /// To anybody, on the name of enrolment: what is in the request decides.
    Token,
    /// To machines, on their name.
    Machine,
    /// To devices of people, on the name of access.
    Reader,
    /// The same, also with a certificate that has expired.
    Renewal,
    /// On the collector's own computer, and never on this port.
    Console,
}

/// Every call there is.
const CALLS: [(&str, Border); 39] = [
    ("Enrolment/Enrol", Border::Token),
    ("Devices/AcceptDevice", Border::Token),
    ("Reporting/CheckIn", Border::Machine),
    ("Reporting/Upload", Border::Machine),
    ("Reporting/Renew", Border::Machine),
    ("Access/WhoAmI", Border::Reader),
    ("Access/RenewDevice", Border::Renewal),
    ("Access/ListComputers", Border::Reader),
    ("Access/ReadComputer", Border::Reader),
    ("Access/ListSoftware", Border::Reader),
    ("Access/ListAdministrators", Border::Reader),
    ("Access/ListFindings", Border::Reader),
    ("Access/ListChanges", Border::Reader),
    ("Access/ReadDifference", Border::Reader),
    ("Access/Search", Border::Reader),
    ("Access/Query", Border::Reader),
    ("Access/Export", Border::Reader),
    ("Access/ReadLog", Border::Reader),
    ("Access/Prove", Border::Reader),
    ("Access/ReadCommitments", Border::Reader),
    ("Access/Suggest", Border::Reader),
    ("Control/Status", Border::Console),
    ("Control/CreateToken", Border::Console),
    ("Control/ListMachines", Border::Console),
    ("Control/ShowMachine", Border::Console),
    ("Control/ApproveMachine", Border::Console),
    ("Control/RevokeMachine", Border::Console),
    ("Control/LinkMachine", Border::Console),
    ("Control/ResetOwner", Border::Console),
    ("Control/AuthorityStatus", Border::Console),
    ("Control/Backup", Border::Console),
    ("Control/LabelMachine", Border::Console),
    ("Control/CreateGrant", Border::Console),
    ("Control/ListGrants", Border::Console),
    ("Control/ShowGrant", Border::Console),
    ("Control/ChangeGrant", Border::Console),
    ("Control/InviteTechnician", Border::Console),
    ("Control/ListLog", Border::Console),
    ("Control/VerifyLog", Border::Console),
];

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Nobody,
    Machine,
    /// A device of an owner.
    Owner,
    /// A device of a technician to whom everything is shared, to take along.
    Within,
    /// One to whom nothing that there is is shared.
    Outside,
    /// One whose certificate has expired, but whose grant holds.
    OutOfDate,
    Expired,
    Suspended,
    Revoked,
    /// A device that its person has ended.
    Ended,
}

const EVERYBODY: [Who; 10] = [
    Who::Nobody,
    Who::Machine,
    Who::Owner,
    Who::Within,
    Who::Outside,
    Who::OutOfDate,
    Who::Expired,
    Who::Suspended,
    Who::Revoked,
    Who::Ended,
];

/// What comes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gets {
    /// It is taken up: whether it makes sense is another matter.
    Taken,
    /// There is nothing of this kind here.
    Nothing,
    /// Refused for who calls.
    Refused,
    /// There is no connection.
    Cut,
}

fn expected(who: Who, name: &str, border: Border) -> Gets {
    let is_device = !matches!(who, Who::Nobody | Who::Machine);
    let serves = match name {
        // Who is called a machine or a device elsewhere is nobody here.
        ENROLMENT_NAME => border == Border::Token,
        REPORTING_NAME if who == Who::Machine => border == Border::Machine,
        ACCESS_NAME if is_device => {
            match who {
                Who::OutOfDate if border != Border::Renewal => return Gets::Refused,
                Who::Expired | Who::Suspended | Who::Revoked | Who::Ended => return Gets::Refused,
                _ => {}
            }
            matches!(border, Border::Reader | Border::Renewal)
        }
        _ => return Gets::Cut,
    };
    if serves { Gets::Taken } else { Gets::Nothing }
}

fn seen(code: Option<Code>) -> Gets {
    match code {
        None => Gets::Cut,
        Some(Code::Unimplemented) => Gets::Nothing,
        Some(Code::PermissionDenied | Code::Unauthenticated) => Gets::Refused,
        Some(_) => Gets::Taken,
    }
}

#[tokio::test]
async fn every_call_on_every_name_gives_everybody_what_is_declared_and_nothing_else() {
    let mut asked = 0;
    for who in EVERYBODY {
        let world = World::new().await;
        world
            .computer("pc", &["office"], vec![software(3), accounts("root")])
            .await;
        let caller = prepared(&world, who).await;
        for name in [ENROLMENT_NAME, REPORTING_NAME, ACCESS_NAME] {
            for (path, border) in CALLS {
                let mut channel = dial(&world, caller.as_ref(), name).await;
                let code = match channel.as_mut() {
                    Some(channel) => ask(channel, path).await,
                    None => None,
                };
                let wanted = expected(who, name, border);
                assert_eq!(seen(code), wanted, "{who:?} {path} on {name}: {code:?}");
                asked += 1;
            }
        }
    }
    assert_eq!(asked, EVERYBODY.len() * 3 * CALLS.len());
}

#[test]
fn every_call_is_declared() {
    let pool = DescriptorPool::decode(freehold_proto::DESCRIPTOR_SET).unwrap();
    let mut found = 0;
    for service in pool.services() {
        for method in service.methods() {
            let name = format!("{}/{}", service.name(), method.name());
            assert!(
                CALLS.iter().any(|(call, _)| *call == name),
                "say here who may call {name}"
            );
            found += 1;
        }
    }
    assert_eq!(found, CALLS.len(), "a call went away");
}

/// What somebody identifies with.
async fn prepared(world: &World, who: Who) -> Option<Identity> {
    let by = Actor::console();
    match who {
        Who::Nobody => return None,
        Who::Machine => return Some(machine(world).await),
        Who::Owner => return Some(world.owner_guest().await.identity),
        _ => {}
    }
    let rules: &[&str] = if who == Who::Outside {
        &["all@nowhere"]
    } else {
        &["all"]
    };
    let guest = world.guest(rules, true).await;
    let grant = guest.grant.as_ref().unwrap().id;
    match who {
        Who::OutOfDate => world.clock.advance(DAY * 2),
        Who::Expired => {
            world.grants.extend(grant, 1, &by).await.unwrap();
            world.clock.advance(DAY);
        }
        Who::Suspended => drop(world.grants.suspend(grant, &by).await.unwrap()),
        Who::Revoked => drop(world.grants.revoke(grant, &by).await.unwrap()),
        Who::Ended => {
            let device = world.people.devices(&guest.session).unwrap().remove(0);
            let ended = world.people.end_device(device.id, &guest.session, &by);
            ended.await.unwrap();
        }
        _ => {}
    }
    Some(guest.identity)
}

async fn machine(world: &World) -> Identity {
    let (id, key) = (MachineId::random(), Key::generate().unwrap());
    let csr = key.signing_request().unwrap();
    let now = world.clock.now();
    let issued = world.authority.issue_machine(id, &csr, now).unwrap();
    let record = MachineRecord {
        id: id.as_bytes().to_vec(),
        state: MachineState::Active.into(),
        public_key: issued.public_key.as_bytes().to_vec(),
        ..MachineRecord::default()
    };
    let written = world.machines.write(move |txn| {
        txn.put_machine(id, &record);
        Ok::<_, StoreError>(((), vec![record]))
    });
    written.await.unwrap();
    let credentials = CredentialBundle {
        certificate_chain: issued.chain,
        trust_anchors: world.authority.trust_anchors(),
        collector_addresses: world.addresses(),
    };
    identity(&key, credentials)
}

async fn dial(world: &World, identity: Option<&Identity>, name: &'static str) -> Option<Channel> {
    let pin = world.authority.root_pin();
    let call = match identity {
        Some(identity) => call(identity, name).await,
        None => call_pinned(&world.addresses(), pin, name).await,
    };
    call.ok().map(|call| call.channel)
}

/// An empty message to a call; `None` when the connection breaks.
async fn ask(channel: &mut Channel, path: &str) -> Option<Code> {
    let message = Full::new(axum::body::Bytes::from_static(&[0; 5]));
    let request = http::Request::post(format!("/freehold.v1.{path}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(tonic::body::Body::new(message))
        .unwrap();
    let answered = channel.ready().await.ok()?.call(request).await.ok()?;
    let head = Status::from_header_map(answered.headers());
    let body = answered.into_body().collect().await.ok()?;
    let status = head.or_else(|| body.trailers().and_then(Status::from_header_map));
    status.map(|status| status.code())
}
