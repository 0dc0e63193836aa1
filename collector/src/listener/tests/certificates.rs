//! Which certificates are let in.

use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};

use super::world::{CHECK_IN, Identity, RENEW, World, leaf_of, leaf_params};
use crate::{authority::MACHINE_LIFE, peer::COLLECTOR_URI, store::record::MachineState};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test]
async fn a_self_signed_certificate_is_refused() {
    let world = World::new().await;
    let machine = world.machine(MachineState::Active).await;
    let key = KeyPair::generate().unwrap();
    let uri = format!("freehold://machine/{}", machine.id);
    let certificate = leaf_params(&uri, ExtendedKeyUsagePurpose::ClientAuth)
        .self_signed(&key)
        .unwrap();
    let identity = Identity {
        chain: vec![certificate.der().clone()],
        key: key.serialize_der(),
    };
    assert!(
        world
            .caller()
            .showing(identity)
            .call(CHECK_IN)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_certificate_of_another_collector_is_refused() {
    let world = World::new().await;
    let other = World::new().await;
    let machine = other.machine(MachineState::Active).await;
    assert!(other.calling(&machine).call(CHECK_IN).await.is_ok());
    let stray = world.caller().showing(machine.identity);
    assert!(stray.call(CHECK_IN).await.is_err());
}

#[tokio::test]
async fn only_a_machine_s_name_and_use_are_let_in() {
    let world = World::new().await;
    let machine = world.machine(MachineState::Active).await;
    let uri = format!("freehold://machine/{}", machine.id);
    let client = ExtendedKeyUsagePurpose::ClientAuth;
    // The test's own certificates are good but for what is tested.
    let own = KeyPair::try_from(machine.identity.key.clone()).unwrap();
    let good = world.misissued(&uri, client.clone(), &own);
    let answer = world.caller().showing(good).call(CHECK_IN).await.unwrap();
    assert!(answer.text.contains("reporting"), "{answer:?}");
    for (uri, usage) in [
        (uri.as_str(), ExtendedKeyUsagePurpose::ServerAuth),
        ("freehold://delegate/1/2/3", client.clone()),
        ("freehold://owner/1", client.clone()),
        (COLLECTOR_URI, client.clone()),
        (COLLECTOR_URI, ExtendedKeyUsagePurpose::ServerAuth),
    ] {
        let caller = world.caller().showing(world.misissued(uri, usage, &own));
        assert!(caller.call(CHECK_IN).await.is_err(), "{uri}");
    }
}

#[tokio::test]
async fn a_machine_s_name_is_good_with_its_own_key_only() {
    let world = World::new().await;
    let machine = world.machine(MachineState::Active).await;
    let uri = format!("freehold://machine/{}", machine.id);
    let stolen = KeyPair::generate().unwrap();
    let forged = world.misissued(&uri, ExtendedKeyUsagePurpose::ClientAuth, &stolen);
    for path in [CHECK_IN, RENEW] {
        let caller = world.caller().showing(forged.clone());
        let answer = caller.call(path).await.unwrap();
        assert!(answer.is(tonic::Code::PermissionDenied), "{answer:?}");
    }
}

#[tokio::test]
async fn a_machine_cannot_issue_certificates_for_others() {
    let world = World::new().await;
    let thief = world.machine(MachineState::Active).await;
    let victim = world.machine(MachineState::Active).await;
    let key = KeyPair::try_from(thief.identity.key.clone()).unwrap();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, thief.id.to_string());
    let issuer = Issuer::new(params, key);
    let uri = format!("freehold://machine/{}", victim.id);
    let own = KeyPair::try_from(victim.identity.key).unwrap();
    let mut forged = leaf_of(&issuer, &uri, ExtendedKeyUsagePurpose::ClientAuth, &own);
    forged.chain.extend(thief.identity.chain);
    assert!(world.caller().showing(forged).call(CHECK_IN).await.is_err());
}

#[tokio::test]
async fn a_machine_may_send_its_certificate_without_issuers() {
    let world = World::new().await;
    let mut machine = world.machine(MachineState::Active).await;
    machine.identity.chain.truncate(1);
    assert!(world.calling(&machine).call(CHECK_IN).await.is_ok());
}

#[tokio::test]
async fn an_expired_certificate_is_good_for_renewal_for_400_days() {
    let world = World::new().await;
    let machine = world.machine(MachineState::Active).await;
    world.clock.advance(MACHINE_LIFE + DAY);
    for expired_for in [1, 399] {
        let answer = world.calling(&machine).call(CHECK_IN).await.unwrap();
        assert!(answer.is(tonic::Code::Unauthenticated), "{answer:?}");
        assert!(answer.message.contains("expired"), "{answer:?}");
        let renewal = world.calling(&machine).call(RENEW).await.unwrap();
        assert!(renewal.text.contains("expired: true"), "{renewal:?}");
        if expired_for == 1 {
            world.clock.advance(398 * DAY);
        }
    }
    world.clock.advance(DAY);
    assert!(world.calling(&machine).call(RENEW).await.is_err());
}

#[tokio::test]
async fn a_certificate_that_expires_on_an_open_connection_is_noticed() {
    let world = World::new().await;
    let machine = world.machine(MachineState::Active).await;
    let mut line = world.calling(&machine).connect().await.unwrap();
    assert!(
        line.call(CHECK_IN)
            .await
            .unwrap()
            .text
            .contains("expired: false")
    );
    world.clock.advance(MACHINE_LIFE + DAY);
    let answer = line.call(CHECK_IN).await.unwrap();
    assert!(answer.is(tonic::Code::Unauthenticated), "{answer:?}");
}

#[tokio::test]
async fn only_a_device_s_name_and_use_are_let_in_on_the_name_of_access() {
    let world = World::new().await;
    let machine = world.machine(MachineState::Active).await;
    let client = ExtendedKeyUsagePurpose::ClientAuth;
    let key = KeyPair::generate().unwrap();
    let id = uuid::Uuid::new_v4();
    let device = format!("freehold://delegate/{id}/{id}/{id}");
    let owners = format!("freehold://owner/{id}/{id}");
    let access = |identity| {
        world
            .caller()
            .named(Some(crate::authority::ACCESS_NAME))
            .showing(identity)
    };
    // The certificate alone is not enough: the collector must know the device and its key.
    for uri in [&device, &owners] {
        let forged = world.misissued(uri, client.clone(), &key);
        let answer = access(forged.clone()).call("/").await.unwrap();
        assert!(answer.is(tonic::Code::PermissionDenied), "{answer:?}");
        let reporting = world.caller().showing(forged);
        assert!(reporting.call(CHECK_IN).await.is_err(), "{uri} reports");
    }
    let uri = format!("freehold://machine/{}", machine.id);
    for (uri, usage) in [
        (device.as_str(), ExtendedKeyUsagePurpose::ServerAuth),
        (uri.as_str(), client.clone()),
        ("freehold://delegate/1/2/3", client.clone()),
        (COLLECTOR_URI, client.clone()),
    ] {
        let caller = access(world.misissued(uri, usage, &key));
        assert!(caller.call("/").await.is_err(), "{uri}");
    }
    assert!(access(machine.identity).call("/").await.is_err());
    let other = World::new().await;
    let foreign = other.misissued(&device, client, &key);
    assert!(access(foreign).call("/").await.is_err(), "a foreign issuer");
}

#[tokio::test]
async fn a_device_s_name_is_good_with_its_own_key_person_and_grant_only() {
    let world = World::new().await;
    let reader = world.reader().await;
    let client = ExtendedKeyUsagePurpose::ClientAuth;
    let own = KeyPair::try_from(reader.identity.key.clone()).unwrap();
    let answer = async |uri: &str, key: &KeyPair| {
        let identity = world.misissued(uri, client.clone(), key);
        let name = Some(crate::authority::ACCESS_NAME);
        let caller = world.caller().named(name).showing(identity);
        caller.call("/").await.unwrap()
    };
    let (person, device) = (uuid::Uuid::from_bytes([7; 16]), reader.device);
    let uri = format!("freehold://owner/{person}/{device}");
    let good = answer(&uri, &own).await;
    assert!(good.text.starts_with("access Device"), "{good:?}");
    let stolen = answer(&uri, &KeyPair::generate().unwrap()).await;
    assert!(stolen.is(tonic::Code::PermissionDenied), "{stolen:?}");
    let raised = format!("freehold://delegate/{person}/{person}/{device}");
    let raised = answer(&raised, &own).await;
    assert!(raised.is(tonic::Code::PermissionDenied), "{raised:?}");
}
