//! The shapes of the certificates the authority makes.

use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyUsagePurpose, NameConstraints, SanType, SerialNumber,
};
use time::OffsetDateTime;

use crate::{
    clock::UnixMillis,
    id::MachineId,
    peer::{COLLECTOR_URI, DeviceName, machine_uri},
};

/// The name agents dial to report.
pub const REPORTING_NAME: &str = "collector.freehold";

/// The name agents dial to join.
pub const ENROLMENT_NAME: &str = "enrol.freehold";

/// The name devices of people dial to read.
pub const ACCESS_NAME: &str = "access.freehold";

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long root, issuing and dashboard authority certificates are valid: twenty years, of which five
/// have a leap day.
pub const AUTHORITY_LIFE: Duration = Duration::from_secs((20 * 365 + 5) * 24 * 60 * 60);

/// How long a machine certificate is valid.
pub const MACHINE_LIFE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How long the certificate of a person's device is valid.
pub const DEVICE_LIFE: Duration = DAY;

/// How long a server certificate is valid, the dashboard's included.
pub const SERVER_LIFE: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// How far the start of a certificate lies in the past, for clocks that are slow.
pub const BACKDATED: Duration = DAY;

/// Longest organisation name that X.520 allows.
const ORGANISATION_CHARACTERS: usize = 64;

/// The root: kept offline.
pub(super) fn root(business: &str, now: UnixMillis) -> CertificateParams {
    authority(business, "Freehold root", now)
}

/// The online issuing authority. It may sign one more authority and a successor's issuing authority
/// below that, so that a lost root can be replaced without visiting the machines.
pub(super) fn issuing(business: &str, now: UnixMillis) -> CertificateParams {
    let mut params = authority(business, "Freehold issuing", now);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(2));
    params.use_authority_key_identifier_extension = true;
    params
}

/// A new root's key as the issuing authority before it vouches for it: room for one issuing authority below.
pub(super) fn successor(
    business: &str,
    now: UnixMillis,
    not_after: UnixMillis,
) -> CertificateParams {
    let mut params = root(business, now);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(1));
    params.not_after = date(not_after);
    params.use_authority_key_identifier_extension = true;
    params
}

/// The dashboard's authority, good for the named places only.
pub(super) fn dashboard_authority(
    constraints: NameConstraints,
    now: UnixMillis,
) -> CertificateParams {
    let mut params = authority("", "Freehold dashboard", now);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.name_constraints = Some(constraints);
    params
}

/// A machine's certificate.
pub(super) fn machine(
    id: MachineId,
    now: UnixMillis,
    not_after: UnixMillis,
) -> Result<CertificateParams, rcgen::Error> {
    let uri = SanType::URI(machine_uri(id).try_into()?);
    let usage = ExtendedKeyUsagePurpose::ClientAuth;
    Ok(leaf(&id.to_string(), vec![uri], usage, now, not_after))
}

/// The certificate of a person's device.
pub(super) fn device(
    name: &DeviceName,
    now: UnixMillis,
    not_after: UnixMillis,
) -> Result<CertificateParams, rcgen::Error> {
    let uri = SanType::URI(name.uri().try_into()?);
    let usage = ExtendedKeyUsagePurpose::ClientAuth;
    Ok(leaf(
        &name.device.to_string(),
        vec![uri],
        usage,
        now,
        not_after,
    ))
}

/// The collector's certificate, for all of its names.
pub(super) fn collector(
    now: UnixMillis,
    not_after: UnixMillis,
) -> Result<CertificateParams, rcgen::Error> {
    let names = vec![
        SanType::DnsName(REPORTING_NAME.try_into()?),
        SanType::DnsName(ENROLMENT_NAME.try_into()?),
        SanType::DnsName(ACCESS_NAME.try_into()?),
        SanType::URI(COLLECTOR_URI.try_into()?),
    ];
    let usage = ExtendedKeyUsagePurpose::ServerAuth;
    Ok(leaf(REPORTING_NAME, names, usage, now, not_after))
}

/// The dashboard's certificate.
pub(super) fn dashboard(
    names: Vec<SanType>,
    now: UnixMillis,
    not_after: UnixMillis,
) -> CertificateParams {
    let usage = ExtendedKeyUsagePurpose::ServerAuth;
    leaf("Freehold dashboard", names, usage, now, not_after)
}

fn authority(business: &str, role: &str, now: UnixMillis) -> CertificateParams {
    let mut params = CertificateParams::default();
    let mut name = DistinguishedName::new();
    let organisation: String = business
        .chars()
        .filter(|letter| !letter.is_control())
        .take(ORGANISATION_CHARACTERS)
        .collect();
    if !organisation.is_empty() {
        name.push(DnType::OrganizationName, organisation);
    }
    name.push(DnType::CommonName, role);
    params.distinguished_name = name;
    params.serial_number = Some(serial());
    params.not_before = date(now.minus(BACKDATED));
    params.not_after = date(now.plus(AUTHORITY_LIFE));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn leaf(
    common_name: &str,
    names: Vec<SanType>,
    usage: ExtendedKeyUsagePurpose,
    now: UnixMillis,
    not_after: UnixMillis,
) -> CertificateParams {
    let mut params = CertificateParams::default();
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    params.distinguished_name = name;
    params.serial_number = Some(serial());
    params.not_before = date(now.minus(BACKDATED));
    params.not_after = date(not_after);
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![usage];
    params.subject_alt_names = names;
    params.use_authority_key_identifier_extension = true;
    params
}

/// 127 random bits: positive, and never zero in practice.
fn serial() -> SerialNumber {
    let mut bytes: [u8; 16] = rand::random();
    bytes[0] &= 0x7f;
    SerialNumber::from_slice(&bytes)
}

/// The second a time lies in; dates beyond what can be written end at the last that can.
fn date(at: UnixMillis) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at.0.div_euclid(1000)).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
