//! How a device comes and goes.

use freehold_agent::{
    identity::{Identity, Key, Token},
    report::call_pinned,
};
use freehold_proto::v1::{
    AcceptDeviceRequest, CredentialBundle, RenewDeviceRequest, WhoAmIRequest,
    devices_client::DevicesClient,
};
use rcgen::{CertificateParams, KeyPair, SanType};
use secrecy::SecretString;
use tonic::{Code, Status};
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

use super::world::{DAY, Guest, PASSWORD, World, client, identity, origin};
use crate::{
    access::{DEVICE_CODE_LASTS, DeviceError, Session},
    audit::Actor,
    authority::ENROLMENT_NAME,
    id::Digest,
    peer::{DeviceName, DevicePeer},
    store::{Read as _, StoreError},
};

async fn who_am_i(identity: &Identity) -> Result<String, Status> {
    let mut client = client(identity).await.unwrap();
    let answer = client.who_am_i(WhoAmIRequest {}).await?;
    Ok(answer.into_inner().person)
}

async fn renewed(guest: &Guest, key: &Key) -> Result<Identity, Status> {
    let csr = key.signing_request().unwrap();
    let answer = guest
        .client()
        .await
        .renew_device(RenewDeviceRequest { csr })
        .await?;
    Ok(identity(key, answer.into_inner().credentials.unwrap()))
}

#[tokio::test]
async fn a_code_adds_one_device_and_a_lost_answer_does_not_burn_it() {
    let world = World::new().await;
    let grant = world.granted(&["all"], false).await;
    let session = world.technician(&grant, "tech@acme.example").await;
    let code = world.code(&session).await;
    let key = Key::generate().unwrap();
    let first = world.accept(&code, &key).await.unwrap();
    let again = world.accept(&code, &key).await.unwrap();
    assert_eq!(world.people.devices(&session).unwrap().len(), 1);
    for identity in [&first, &again] {
        assert_eq!(who_am_i(identity).await.unwrap(), "A. Technician");
    }
    let other = world.accept(&code, &Key::generate().unwrap()).await;
    let refused = other.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
    assert!(refused.message().contains("used already"), "{refused:?}");
    let deeds = world.deeds();
    for deed in [
        "made a code for the command line",
        "added the command line on laptop",
        "looked at what is shared with them, from the command line on laptop",
    ] {
        assert!(
            deeds.iter().any(|found| found == deed),
            "{deed}: {deeds:#?}"
        );
    }
}

#[tokio::test]
async fn a_code_that_is_old_replaced_or_unknown_adds_nothing() {
    let world = World::new().await;
    let grant = world.granted(&["all"], false).await;
    let session = world.technician(&grant, "tech@acme.example").await;
    let key = Key::generate().unwrap();
    let replaced = world.code(&session).await;
    let current = world.code(&session).await;
    let refused = world.accept(&replaced, &key).await.unwrap_err();
    assert!(refused.message().contains("not known"), "{refused:?}");
    world.clock.advance(DEVICE_CODE_LASTS);
    let refused = world.accept(&current, &key).await.unwrap_err();
    assert!(refused.message().contains("expired"), "{refused:?}");
    let unknown = Token::generate();
    let refused = world.accept(&unknown, &key).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
    let late = world.code(&session).await;
    let by = Actor::console();
    world.grants.revoke(grant.id, &by).await.unwrap();
    let refused = world.accept(&late, &key).await.unwrap_err();
    assert!(refused.message().contains("does not hold"), "{refused:?}");
    assert!(world.people.devices(&session).unwrap().is_empty());
}

#[tokio::test]
async fn an_open_browser_alone_makes_no_device() {
    let world = World::new().await;
    let grant = world.granted(&["all"], false).await;
    let session = world.technician(&grant, "tech@acme.example").await;
    let wrong = SecretString::from("not the password");
    let made = world
        .people
        .make_device_code(&session, wrong, &origin())
        .await;
    assert!(matches!(made, Err(DeviceError::WrongPassword)));
}

#[tokio::test]
async fn a_certificate_is_good_for_a_day_and_renewed_after_two_weeks_but_not_later() {
    let world = World::new().await;
    let mut guest = world.guest(&["all"], false).await;
    let key = Key::generate().unwrap();
    let code = world.code(&guest.session).await;
    guest.identity = world.accept(&code, &key).await.unwrap();
    world.clock.advance(DAY * 14);
    let expired = who_am_i(&guest.identity).await.unwrap_err();
    assert_eq!(expired.code(), Code::Unauthenticated, "{expired:?}");
    let other = Key::generate().unwrap();
    let refused = renewed(&guest, &other).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}");
    guest.identity = renewed(&guest, &key).await.unwrap();
    assert!(who_am_i(&guest.identity).await.is_ok());
    world.clock.advance(DAY * 16);
    let away = renewed(&guest, &key).await.unwrap_err();
    assert_eq!(away.code(), Code::PermissionDenied);
    assert!(away.message().contains("14 days"), "{away:?}");
}

#[tokio::test]
async fn a_device_ends_with_its_person_its_invitation_and_by_hand() {
    let world = World::new().await;
    let owner = world.owner().await;
    let guest = world.guest(&["all"], false).await;
    let grant = guest.grant.clone().unwrap();
    let by = Actor::console();
    assert!(who_am_i(&guest.identity).await.is_ok());
    // Somebody else's technician cannot end it, the owner can.
    let other = world.technician(&grant, "other@acme.example").await;
    let device = world.people.devices(&guest.session).unwrap().remove(0);
    assert!(world.people.devices(&other).unwrap().is_empty());
    let refused = world.people.end_device(device.id, &other, &by).await;
    assert!(matches!(refused, Err(DeviceError::Unknown)));
    assert_eq!(world.people.devices(&owner).unwrap().len(), 1);
    world
        .people
        .end_device(device.id, &owner, &by)
        .await
        .unwrap();
    let ended = who_am_i(&guest.identity).await.unwrap_err();
    assert!(ended.message().contains("was ended"), "{ended:?}");

    // A new invitation gives a new password: what was added before it is worthless.
    let code = world.code(&guest.session).await;
    let key = Key::generate().unwrap();
    let second = world.accept(&code, &key).await.unwrap();
    world.clock.advance(std::time::Duration::from_secs(60));
    let unused = world.code(&guest.session).await;
    world.clock.advance(std::time::Duration::from_secs(60));
    let session = world.technician(&grant, "tech@acme.example").await;
    let ended = who_am_i(&second).await.unwrap_err();
    assert!(ended.message().contains("was ended"), "{ended:?}");
    assert!(world.people.devices(&owner).unwrap().is_empty());
    assert!(world.accept(&unused, &key).await.is_err());

    let code = world.code(&session).await;
    let third = world.accept(&code, &key).await.unwrap();
    let person = session.person;
    world.people.end_technician(person, &by).await.unwrap();
    let ended = who_am_i(&third).await.unwrap_err();
    assert!(
        ended.message().contains("your access was ended"),
        "{ended:?}"
    );
}

#[tokio::test]
async fn a_device_that_is_ended_while_it_is_used_stays_ended() {
    let world = World::new().await;
    let guest = world.guest(&["all"], false).await;
    let device = world.people.devices(&guest.session).unwrap().remove(0);
    let peer = DevicePeer {
        name: DeviceName {
            device: device.id,
            person: device.person,
            grant: device.grant,
        },
        public_key: Digest::of(&guest.identity.certificate().public_key),
        not_after: world.clock.now().plus(DAY),
    };
    let reader = world.people.reader(&peer).unwrap();
    // Long enough for the use to be noted again.
    world.clock.advance(DAY / 24);
    let by = Actor::console();
    let ended = world.people.end_device(device.id, &guest.session, &by);
    ended.await.unwrap();
    world.people.note_use(&reader, [127, 0, 0, 1].into()).await;
    let stored = world.machines.write(move |txn| {
        let device = txn.device(&device.id.0)?;
        Ok::<_, StoreError>((device, Vec::new()))
    });
    assert_eq!(stored.await.unwrap(), None);
    assert!(world.people.reader(&peer).is_err());
}

#[tokio::test]
async fn an_owner_s_new_password_ends_the_owner_s_devices() {
    let world = World::new().await;
    let owner = world.owner_guest().await;
    assert_eq!(who_am_i(&owner.identity).await.unwrap(), "Dr. Anna Weber");
    world.clock.advance(std::time::Duration::from_secs(60));
    let password = |text: &str| SecretString::from(text);
    let new = password("another violin market");
    let (present, from) = (password(PASSWORD), origin());
    let changed = world
        .people
        .change_password(&owner.session, present, new.clone(), &new, &from)
        .await;
    changed.unwrap();
    assert!(who_am_i(&owner.identity).await.is_err());
}

/// The name of somebody's only device in its certificate.
fn name(world: &World, session: &Session) -> String {
    let device = world.people.devices(session).unwrap().remove(0);
    let name = DeviceName {
        device: device.id,
        person: device.person,
        grant: device.grant,
    };
    name.uri()
}

/// A request that asks for other names, to sign for others, and to be a server.
fn greedy(key: &Key, names: &[String]) -> Vec<u8> {
    let mut params = CertificateParams::new(vec!["collector.freehold".to_owned()]).unwrap();
    let uri = |name: &String| SanType::URI(name.as_str().try_into().unwrap());
    params.subject_alt_names.extend(names.iter().map(uri));
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, names[0].as_str());
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::Any];
    params.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign];
    let extension = rcgen::CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 9], vec![5, 0]);
    params.custom_extensions.push(extension);
    let pair = KeyPair::try_from(key.expose_pkcs8()).unwrap();
    params.serialize_request(&pair).unwrap().der().to_vec()
}

async fn accepted(world: &World, code: &Token, csr: Vec<u8>) -> Result<CredentialBundle, Status> {
    let (addresses, pin) = (world.addresses(), world.authority.root_pin());
    let call = call_pinned(&addresses, pin, ENROLMENT_NAME);
    let request = AcceptDeviceRequest {
        code: code.expose().to_vec(),
        csr,
        device_name: "laptop".to_owned(),
    };
    let mut client = DevicesClient::new(call.await.unwrap().channel);
    let answer = client.accept_device(request).await?.into_inner();
    Ok(answer.credentials.unwrap())
}

/// That a certificate names one device and is good for nothing but to show who calls.
fn names_only(credentials: &CredentialBundle, name: &str) {
    let (_, leaf) = X509Certificate::from_der(&credentials.certificate_chain[0]).unwrap();
    let names = leaf.subject_alternative_name().unwrap().unwrap().value;
    assert_eq!(names.general_names, [GeneralName::URI(name)]);
    assert!(!leaf.basic_constraints().unwrap().unwrap().value.ca);
    let usage = leaf.extended_key_usage().unwrap().unwrap().value;
    assert!(usage.client_auth && !usage.server_auth && !usage.any && usage.other.is_empty());
    let usage = leaf.key_usage().unwrap().unwrap().value;
    assert!(usage.digital_signature() && !usage.key_cert_sign());
    assert_eq!(leaf.extensions().len(), 6, "{:?}", leaf.extensions());
}

#[tokio::test]
async fn a_request_that_names_somebody_else_gets_ones_own_name_and_nothing_more() {
    let world = World::new().await;
    let owner = world.owner_guest().await;
    let victim = world.guest(&["all"], true).await;
    let grant = world.granted(&["system"], false).await;
    let session = world.technician(&grant, "other@acme.example").await;
    let mut names = vec![
        name(&world, &owner.session),
        name(&world, &victim.session),
        format!("freehold://machine/{}", crate::id::MachineId::random()),
        "freehold://collector".to_owned(),
    ];
    let (key, code) = (Key::generate().unwrap(), world.code(&session).await);
    let csr = greedy(&key, &names);
    let mut unsigned = csr.clone();
    *unsigned.last_mut().unwrap() ^= 1;
    let refused = accepted(&world, &code, unsigned).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}");
    let credentials = accepted(&world, &code, csr).await.unwrap();
    let own = name(&world, &session);
    names_only(&credentials, &own);
    let guest = Guest {
        identity: identity(&key, credentials),
        session,
        grant: Some(grant),
    };

    // The other way to a certificate, and each name alone.
    names.rotate_left(1);
    for asked in [&names[..], &names[..1], &names[1..2], &names[3..]] {
        let csr = greedy(&key, asked);
        let mut line = guest.client().await;
        let renewed = line.renew_device(RenewDeviceRequest { csr }).await;
        let credentials = renewed.unwrap().into_inner().credentials.unwrap();
        names_only(&credentials, &own);
        let mut client = client(&identity(&key, credentials)).await.unwrap();
        let who = client
            .who_am_i(WhoAmIRequest {})
            .await
            .unwrap()
            .into_inner();
        assert_eq!(who.scope, "system of every computer");
        assert!(!who.may_export);
    }
}
