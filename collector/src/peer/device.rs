//! Devices of people who read from the command line, as proven by TLS.

use std::{fmt, str::FromStr};

use thiserror::Error;
use uuid::Uuid;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::{
    access::{GrantId, PersonId},
    clock::UnixMillis,
    id::Digest,
};

/// What the name of a technician's device begins with; grant, person and device follow.
const DELEGATE_URI: &str = "freehold://delegate/";

/// What the name of an owner's device begins with; person and device follow.
const OWNER_URI: &str = "freehold://owner/";

/// A device.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceId(pub [u8; 16]);

impl DeviceId {
    /// A new one.
    pub fn random() -> Self {
        Self(Uuid::new_v4().into_bytes())
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Uuid::from_bytes(self.0).hyphenated().fmt(f)
    }
}

impl fmt::Debug for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for DeviceId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::try_parse(text).map(|id| Self(id.into_bytes()))
    }
}

/// Whose device it is, and under what it reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceName {
    /// The device.
    pub device: DeviceId,
    /// Whose it is.
    pub person: PersonId,
    /// The grant it reads under; `None` for an owner's.
    pub grant: Option<GrantId>,
}

/// A device, by its certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DevicePeer {
    /// What the certificate names.
    pub name: DeviceName,
    /// BLAKE3-256 over the certificate's `SubjectPublicKeyInfo`.
    pub public_key: Digest,
    /// When the certificate expires, or did.
    pub not_after: UnixMillis,
}

/// Why a certificate does not name a device.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum NotADevice {
    /// It is not a certificate.
    #[error("the client certificate cannot be read")]
    Unreadable,
    /// It names something else, several things, or nothing.
    #[error("the client certificate does not name one device of a person")]
    OtherName,
}

impl DevicePeer {
    /// Reads a certificate whose chain was verified. It must carry exactly one name: a device's.
    pub(crate) fn from_der(der: &[u8]) -> Result<Self, NotADevice> {
        let (_, certificate) =
            X509Certificate::from_der(der).map_err(|_| NotADevice::Unreadable)?;
        let uri = super::only_uri(&certificate).ok_or(NotADevice::OtherName)?;
        Ok(Self {
            name: DeviceName::from_uri(uri).ok_or(NotADevice::OtherName)?,
            public_key: Digest::of(certificate.public_key().raw),
            not_after: super::not_after(&certificate),
        })
    }
}

impl DeviceName {
    /// The name in the certificate.
    pub(crate) fn uri(&self) -> String {
        let (person, device) = (Uuid::from_bytes(self.person.0), self.device);
        match self.grant {
            Some(grant) => format!("{DELEGATE_URI}{grant}/{person}/{device}"),
            None => format!("{OWNER_URI}{person}/{device}"),
        }
    }

    /// The device a name stands for. One device has one spelling.
    fn from_uri(uri: &str) -> Option<Self> {
        let parts = |rest: &str| -> Option<Vec<[u8; 16]>> {
            rest.split('/')
                .map(|part| Uuid::try_parse(part).ok().map(Uuid::into_bytes))
                .collect()
        };
        let name = if let Some(rest) = uri.strip_prefix(DELEGATE_URI) {
            let [grant, person, device] = parts(rest)?.try_into().ok()?;
            Self {
                device: DeviceId(device),
                person: PersonId(person),
                grant: Some(GrantId(grant)),
            }
        } else {
            let [person, device] = parts(uri.strip_prefix(OWNER_URI)?)?.try_into().ok()?;
            Self {
                device: DeviceId(device),
                person: PersonId(person),
                grant: None,
            }
        };
        (name.uri() == uri).then_some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(grant: Option<GrantId>) -> DeviceName {
        DeviceName {
            device: DeviceId::random(),
            person: PersonId([7; 16]),
            grant,
        }
    }

    #[test]
    fn a_device_has_one_spelling() {
        for name in [name(None), name(Some(GrantId([9; 16])))] {
            let uri = name.uri();
            assert_eq!(DeviceName::from_uri(&uri), Some(name), "{uri}");
            for other in [
                uri.to_uppercase(),
                format!("{uri}/"),
                format!("{uri}/{}", name.device),
                uri.replace("//delegate/", "//owner/"),
                uri.replace("//owner/", "//delegate/"),
                uri.replace("//", "//machine/"),
                uri.replace('-', ""),
            ] {
                assert!(
                    other == uri || DeviceName::from_uri(&other).is_none(),
                    "{other}"
                );
            }
        }
        let id = DeviceId::random();
        for other in [
            format!("freehold://machine/{id}"),
            "freehold://collector".to_owned(),
            format!("freehold://owner/{id}"),
            String::new(),
        ] {
            assert_eq!(DeviceName::from_uri(&other), None, "{other}");
        }
    }
}
