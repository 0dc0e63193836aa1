//! The authority, through its public interface and the certificates it makes.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
    time::Duration,
};

use age::secrecy::{ExposeSecret as _, SecretString};
use rcgen::{CertificateParams, KeyPair, SanType};
use rustls::{RootCertStore, pki_types::ServerName};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

use super::*;
use crate::id::MachineId;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

struct World {
    dir: tempfile::TempDir,
    clock: Clock,
}

impl World {
    fn new() -> (Self, Authority) {
        let world = Self {
            dir: tempfile::tempdir().unwrap(),
            clock: Clock::system(),
        };
        let authority = Authority::init(&world.authority(), "Dr. Example", &world.clock).unwrap();
        (world, authority)
    }

    fn authority(&self) -> PathBuf {
        self.dir.path().join("authority")
    }

    fn kit(&self) -> PathBuf {
        self.dir.path().join("owner-kit")
    }

    fn load(&self) -> Result<Authority, AuthorityError> {
        Authority::load(&self.authority(), &self.clock)
    }
}

/// A request that asks for more than it gets.
fn greedy_csr() -> Vec<u8> {
    let mut params = CertificateParams::new(vec!["collector.freehold".to_owned()]).unwrap();
    let other = MachineId::random();
    params.subject_alt_names.push(SanType::URI(
        format!("freehold://machine/{other}").try_into().unwrap(),
    ));
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    params
        .custom_extensions
        .push(rcgen::CustomExtension::from_oid_content(
            &[1, 3, 6, 1, 4, 1, 99999],
            vec![5, 0],
        ));
    let key = KeyPair::generate().unwrap();
    params.serialize_request(&key).unwrap().der().to_vec()
}

fn parse(der: &[u8]) -> X509Certificate<'_> {
    X509Certificate::from_der(der).unwrap().1
}

fn seconds(at: UnixMillis) -> i64 {
    at.0.div_euclid(1000)
}

#[test]
fn a_machine_certificate_takes_nothing_from_the_request_but_its_key() {
    let (world, authority) = World::new();
    let (id, now) = (MachineId::random(), world.clock.now());
    let csr = greedy_csr();
    let issued = authority.issue_machine(id, &csr, now).unwrap();
    assert_eq!(issued.chain.len(), 2);

    let leaf = parse(&issued.chain[0]);
    let names = leaf.subject_alternative_name().unwrap().unwrap();
    let uri = format!("freehold://machine/{id}");
    assert_eq!(names.value.general_names, [GeneralName::URI(&uri)]);
    let constraints = leaf.basic_constraints().unwrap().unwrap();
    assert!(!constraints.value.ca);
    let usage = leaf.extended_key_usage().unwrap().unwrap().value;
    assert!(usage.client_auth && !usage.server_auth && !usage.any && usage.other.is_empty());
    assert!(leaf.key_usage().unwrap().unwrap().value.digital_signature());
    assert_eq!(leaf.extensions().len(), 6, "{:?}", leaf.extensions());
    assert_eq!(Digest::of(leaf.public_key().raw), issued.public_key);
    assert_eq!(leaf.subject().to_string(), format!("CN={id}"));
}

#[test]
fn a_machine_certificate_lasts_30_days_and_begins_yesterday() {
    let (world, authority) = World::new();
    let now = world.clock.now();
    let issued = authority
        .issue_machine(MachineId::random(), &greedy_csr(), now)
        .unwrap();
    let leaf = parse(&issued.chain[0]);
    assert_eq!(
        leaf.validity().not_before.timestamp(),
        seconds(now.minus(DAY))
    );
    assert_eq!(
        leaf.validity().not_after.timestamp(),
        seconds(now.plus(30 * DAY))
    );
    assert_eq!(issued.not_after, authority.machine_expiry(now));
    assert_eq!(
        issued.not_after.0,
        leaf.validity().not_after.timestamp() * 1000
    );
}

#[test]
fn no_two_certificates_share_a_serial_number() {
    let (world, authority) = World::new();
    let csr = greedy_csr();
    let issue = || {
        let id = MachineId::random();
        authority
            .issue_machine(id, &csr, world.clock.now())
            .unwrap()
    };
    let (one, two) = (issue(), issue());
    assert_ne!(
        parse(&one.chain[0]).raw_serial(),
        parse(&two.chain[0]).raw_serial()
    );
}

#[test]
fn root_and_issuing_last_twenty_years_and_no_leaf_outlives_them() {
    let (world, authority) = World::new();
    let now = world.clock.now();
    let status = authority.status();
    let twenty_years = now.plus(365 * 20 * DAY);
    assert!(status.root_expires_at > twenty_years);
    assert!(status.issuing_expires_at > twenty_years);
    let late = status.issuing_expires_at.minus(DAY);
    let issued = authority
        .issue_machine(MachineId::random(), &greedy_csr(), late)
        .unwrap();
    assert_eq!(issued.not_after, status.issuing_expires_at);
}

#[test]
fn the_pin_is_the_root_key_s_and_survives_a_restart() {
    let (world, authority) = World::new();
    let root = authority.trust_anchors().remove(0);
    let digest = ring::digest::digest(&ring::digest::SHA256, parse(&root).public_key().raw);
    assert_eq!(authority.root_pin().as_slice(), digest.as_ref());
    let again = world.load().unwrap();
    assert_eq!(again.root_pin(), authority.root_pin());
    assert_eq!(again.trust_anchors(), authority.trust_anchors());
    assert_eq!(authority.status().root_fingerprint.len(), 64, "hexadecimal");
}

#[test]
fn the_server_certificate_renews_itself_with_a_new_key() {
    let (world, authority) = World::new();
    let first = authority.state.server.current();
    world.clock.advance(59 * DAY);
    assert!(Arc::ptr_eq(
        &authority.state.server.current().key,
        &first.key
    ));
    world.clock.advance(2 * DAY);
    let second = authority.state.server.current();
    assert!(second.not_after > first.not_after);
    let key = |leaf: &Leaf| parse(&leaf.key.cert[0]).public_key().raw.to_vec();
    assert_ne!(key(&first), key(&second));
    assert_eq!(authority.status().server_expires_at, second.not_after);
}

#[test]
fn the_server_certificate_is_for_servers_only() {
    let (_world, authority) = World::new();
    let leaf = authority.state.server.current();
    let certificate = parse(&leaf.key.cert[0]);
    let usage = certificate.extended_key_usage().unwrap().unwrap().value;
    assert!(usage.server_auth && !usage.client_auth);
    let names = certificate.subject_alternative_name().unwrap().unwrap();
    assert_eq!(
        names.value.general_names,
        [
            GeneralName::DNSName("collector.freehold"),
            GeneralName::DNSName("enrol.freehold"),
            GeneralName::DNSName("access.freehold"),
            GeneralName::URI("freehold://collector"),
        ]
    );
}

#[test]
fn nobody_else_can_read_the_authority() {
    let (world, authority) = World::new();
    authority.dashboard_tls(&["office-pc".to_owned()]).unwrap();
    assert_eq!(
        fs::metadata(world.authority()).unwrap().mode() & 0o777,
        0o700
    );
    for file in fs::read_dir(world.authority()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600, "{file:?}");
    }
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let (world, _) = World::new();
    let key = world.authority().join("issuing.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    let error = world.load().unwrap_err();
    assert!(matches!(error, AuthorityError::Exposed { .. }), "{error}");
    assert!(error.to_string().contains("chmod 600"), "{error}");
}

#[test]
fn an_authority_is_never_made_over_another() {
    let (world, authority) = World::new();
    let error = Authority::init(&world.authority(), "Other", &world.clock).unwrap_err();
    assert!(matches!(error, AuthorityError::Exists { .. }), "{error}");
    assert_eq!(world.load().unwrap().root_pin(), authority.root_pin());
    assert_eq!(fs::read_dir(world.dir.path()).unwrap().count(), 1);
}

#[test]
fn missing_exchanged_and_damaged_files_are_named() {
    let (world, _) = World::new();
    let (other, _) = World::new();
    for name in ["root.crt", "issuing.crt", "issuing.key", "revoked"] {
        let path = world.authority().join(name);
        let good = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let error = world.load().unwrap_err();
        assert!(matches!(error, AuthorityError::Missing { .. }), "{error}");
        assert!(error.to_string().contains(name), "{error}");
        fs::write(&path, b"rubbish\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let error = world.load().unwrap_err();
        assert!(error.to_string().contains("damaged"), "{error}");
        fs::write(&path, good).unwrap();
    }
    let stray = fs::read(other.authority().join("issuing.key")).unwrap();
    fs::write(world.authority().join("issuing.key"), stray).unwrap();
    let error = world.load().unwrap_err();
    assert!(error.to_string().contains("another key"), "{error}");
}

#[test]
fn a_foreign_root_beside_our_issuing_certificate_is_refused() {
    let (world, _) = World::new();
    let (other, _) = World::new();
    let stray = fs::read(other.authority().join("root.crt")).unwrap();
    fs::write(world.authority().join("root.crt"), stray).unwrap();
    let error = world.load().unwrap_err();
    assert!(error.to_string().contains("issuing.crt"), "{error}");
}

#[test]
fn the_collector_runs_on_without_the_root_key() {
    let (world, authority) = World::new();
    assert!(authority.status().root_key_present);
    let passphrase = generate_passphrase();
    authority
        .write_owner_kit(&world.kit(), &passphrase)
        .unwrap();
    let again = world.load().unwrap();
    let status = again.status();
    assert!(!status.root_key_present);
    assert_eq!(status.owner_kit, Some(world.kit()));
    assert!(
        again
            .issue_machine(MachineId::random(), &greedy_csr(), world.clock.now())
            .is_ok()
    );
    let error = again
        .write_owner_kit(&world.dir.path().join("second"), &passphrase)
        .unwrap_err();
    assert!(
        matches!(error, AuthorityError::RootKeyAway { .. }),
        "{error}"
    );
    fs::remove_dir_all(world.kit()).unwrap();
    assert_eq!(again.status().owner_kit, None);
}

#[test]
fn the_owner_kit_explains_itself() {
    let (world, authority) = World::new();
    authority
        .write_owner_kit(&world.kit(), &generate_passphrase())
        .unwrap();
    let text = fs::read_to_string(world.kit().join("READ-ME-FIRST.txt")).unwrap();
    for expected in [
        "Dr. Example",
        "freehold-collector restore --from BACKUP --owner-kit FOLDER",
        &authority.status().root_fingerprint,
    ] {
        assert!(text.contains(expected), "{expected}");
    }
    assert!(text.lines().all(|line| line.len() <= 110));
}

#[test]
fn an_authority_recovered_from_its_kit_is_the_same_to_every_machine() {
    let (world, authority) = World::new();
    let revoked = MachineId::random();
    authority
        .revocations()
        .add(revoked, world.clock.now())
        .unwrap();
    let passphrase = generate_passphrase();
    authority
        .write_owner_kit(&world.kit(), &passphrase)
        .unwrap();

    let elsewhere = world.dir.path().join("elsewhere");
    let wrong = SecretString::from("not the passphrase");
    let error = Authority::recover(&elsewhere, &world.kit(), &wrong, &world.clock).unwrap_err();
    assert!(matches!(error, AuthorityError::Sealed { .. }), "{error}");
    assert!(!elsewhere.exists());

    let new = Authority::recover(&elsewhere, &world.kit(), &passphrase, &world.clock).unwrap();
    assert_eq!(new.root_pin(), authority.root_pin());
    assert_eq!(new.trust_anchors(), authority.trust_anchors());
    assert!(new.revocations().contains(revoked));
    assert!(!new.status().root_key_present);
    assert!(new.backup_recipient().is_some());
    assert_eq!(new.backup_recipient(), authority.backup_recipient());
    let csr = greedy_csr();
    let issued = new
        .issue_machine(MachineId::random(), &csr, world.clock.now())
        .unwrap();
    // A collector that was restored and the one before it trust each other's machines.
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from(authority.trust_anchors().remove(0)))
        .unwrap();
    let verifier = verifier::PeerVerifier::new(
        verifier::Holder::Machine,
        roots,
        Vec::new(),
        tls::provider(),
    )
    .unwrap();
    let chain: Vec<_> = issued.chain.into_iter().map(CertificateDer::from).collect();
    let outcome = rustls::server::danger::ClientCertVerifier::verify_client_cert(
        &verifier,
        &chain[0],
        &chain[1..],
        rustls::pki_types::UnixTime::now(),
    );
    assert!(outcome.is_ok());
}

#[test]
fn what_is_encrypted_to_the_backup_recipient_opens_with_the_kit() {
    let (world, authority) = World::new();
    assert_eq!(authority.backup_recipient(), None);
    let passphrase = generate_passphrase();
    authority
        .write_owner_kit(&world.kit(), &passphrase)
        .unwrap();
    let recipient = authority.backup_recipient().unwrap();
    let recipient: age::x25519::Recipient = recipient.parse().unwrap();
    let sealed = age::encrypt(&recipient, b"a backup").unwrap();
    let key = Authority::backup_key(&world.kit(), &passphrase).unwrap();
    let key: age::x25519::Identity = key.expose_secret().parse().unwrap();
    assert_eq!(age::decrypt(&key, &sealed).unwrap(), b"a backup");
    let wrong = SecretString::from("not the passphrase");
    assert!(Authority::backup_key(&world.kit(), &wrong).is_err());
}

#[test]
fn keys_never_show_in_debug_output() {
    let (_world, authority) = World::new();
    let shown = format!(
        "{authority:?} {:?}",
        authority.agent_tls().unwrap().reporting
    );
    assert!(!shown.to_lowercase().contains("pkcs8"), "{shown}");
    assert!(!shown.contains("PRIVATE"), "{shown}");
}

/// Whether a browser that installed a certificate trusts the dashboard under a name.
fn browser_trusts(installed: &[u8], tls: &Arc<ServerConfig>, host: &str) -> bool {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(installed.to_vec())).unwrap();
    let client = rustls::ClientConfig::builder_with_provider(tls::provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).unwrap();
    let mut client = rustls::ClientConnection::new(Arc::new(client), name).unwrap();
    let mut server = rustls::ServerConnection::new(tls.clone()).unwrap();
    let mut carry = || -> Result<(), rustls::Error> {
        let mut wire = Vec::new();
        client.write_tls(&mut wire).unwrap();
        server.read_tls(&mut wire.as_slice()).unwrap();
        server.process_new_packets()?;
        let mut wire = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut wire).unwrap();
        }
        let mut wire = wire.as_slice();
        while !wire.is_empty() {
            client.read_tls(&mut wire).unwrap();
            client.process_new_packets()?;
        }
        Ok(())
    };
    carry().is_ok()
}

fn hosts(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn the_dashboard_s_authority_is_good_for_local_and_named_hosts_only() {
    let (_world, authority) = World::new();
    assert_eq!(authority.dashboard_certificate().unwrap(), None);
    let named = [
        "localhost",
        "192.168.1.5",
        "fd00::5",
        "pc.lan",
        "office.example.com",
    ];
    let tls = authority.dashboard_tls(&hosts(&named)).unwrap();
    let installed = authority.dashboard_certificate().unwrap().unwrap();
    for host in named {
        assert!(browser_trusts(&installed, &tls, host), "{host}");
    }
    assert!(
        !browser_trusts(&installed, &tls, "192.168.1.6"),
        "not named"
    );

    // Even with its key a thief cannot pose as a bank.
    let dir = &authority.state.dir;
    let key = keys::load(&dir.join("dashboard.key")).unwrap();
    let certificate = CertificateDer::from(installed.clone());
    let issuer = Issuer::from_ca_cert_der(&certificate, key).unwrap();
    for host in ["bank.example", "203.0.113.7", "example.com", "lan.example"] {
        let params = CertificateParams::new(hosts(&[host])).unwrap();
        let key = KeyPair::generate().unwrap();
        let leaf = params.signed_by(&key, &issuer).unwrap();
        let chain = vec![leaf.der().clone(), certificate.clone()];
        let forged = Leaf {
            key: Arc::new(keys::certified(chain, &key).unwrap()),
            issued_at: UnixMillis(0),
            not_after: UnixMillis(i64::MAX),
        };
        let clock = Clock::system();
        let forged = RenewingLeaf::new(clock.clone(), move |_| Ok(forged.clone())).unwrap();
        let tls = tls::configuration(&clock, Arc::new(forged), None, &[]).unwrap();
        assert!(!browser_trusts(&installed, &Arc::new(tls), host), "{host}");
    }
}

#[test]
fn the_dashboard_s_authority_can_be_widened_without_installing_it_again() {
    let (_world, authority) = World::new();
    authority.dashboard_tls(&hosts(&["pc.lan"])).unwrap();
    let installed = authority.dashboard_certificate().unwrap().unwrap();
    let same = authority.dashboard_tls(&hosts(&["10.0.0.1"])).unwrap();
    assert_eq!(
        authority.dashboard_certificate().unwrap().unwrap(),
        installed
    );
    assert!(browser_trusts(&installed, &same, "10.0.0.1"));

    let both = hosts(&["pc.lan", "office.example.com", "203.0.113.7"]);
    let wider = authority.dashboard_tls(&both).unwrap();
    assert!(browser_trusts(&installed, &wider, "pc.lan"));
    let reinstalled = authority.dashboard_certificate().unwrap().unwrap();
    assert_ne!(reinstalled, installed);
    for host in &both {
        assert!(browser_trusts(&reinstalled, &wider, host), "{host}");
    }
    authority.dashboard_tls(&both).unwrap();
    assert_eq!(
        authority.dashboard_certificate().unwrap().unwrap(),
        reinstalled
    );
}

#[test]
fn names_that_no_certificate_can_carry_are_refused() {
    let (_world, authority) = World::new();
    for name in [
        "",
        "office pc",
        "büro",
        "a..b",
        "-",
        &"x".repeat(64),
        "a\0b",
    ] {
        let refused = authority.dashboard_tls(&hosts(&[name]));
        let expected = matches!(refused, Err(AuthorityError::HostName { .. }));
        assert!(expected || name == "-", "{name:?}");
    }
}

#[test]
fn agents_and_browsers_have_nothing_in_common() {
    let (world, authority) = World::new();
    let tls = authority.dashboard_tls(&hosts(&["pc.lan"])).unwrap();
    let root = authority.trust_anchors().remove(0);
    assert!(!browser_trusts(&root, &tls, "pc.lan"));
    assert!(Path::new(&world.authority().join("dashboard.key")).exists());
}
