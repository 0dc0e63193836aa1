//! What this device keeps of each client, readable by its user alone.
//!
//! | file | what |
//! |---|---|
//! | `accepting` | the key of a code that is being accepted, so that a lost answer does not burn the code |
//! | `clients/NAME/identity` | key, certificate, trust anchors and addresses |
//! | `clients/NAME/client` | the client's own name, its root's pin, the checkpoint of its log that was seen last |

use std::{fs, io, path::Path};

use freehold_agent::{identity::Identity, state::StateDirectory};

use super::{fleet::Failed, trouble::Trouble};
use crate::{audit::Verifier, cli::table::printable, config};

const CLIENTS: &str = "clients";
const CLIENT: &str = "client";
const IDENTITY: &str = "identity";

/// Longest name of a client here, in characters.
const LONGEST_NAME: usize = 40;

/// Where everything is kept.
pub(super) struct Profiles {
    state: StateDirectory,
}

/// One client.
#[derive(Clone)]
pub(super) struct Profile {
    /// What it is called here.
    pub(super) name: String,
    /// What it is kept in.
    pub(super) state: StateDirectory,
    /// Key, certificate, addresses.
    pub(super) identity: Identity,
    /// What else is known of it.
    pub(super) known: Known,
}

/// The clients that a command is about.
pub(super) struct Chosen {
    /// Those that can be asked.
    pub(super) profiles: Vec<Profile>,
    /// Those whose files cannot be used, and why: they stop nobody else.
    pub(super) damaged: Vec<Failed>,
}

/// A client's files, of which some may be damaged.
struct Entry {
    name: String,
    state: StateDirectory,
    known: Result<Known, Trouble>,
    identity: Result<Identity, Trouble>,
}

/// What is known of a client, as it is stored.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Known {
    /// Its own name.
    #[prost(string, tag = "1")]
    pub(super) business: String,
    /// SHA-256 over the public key of its authority's root, 32 bytes.
    #[prost(bytes = "vec", tag = "2")]
    pub(super) pin: Vec<u8>,
    /// The checkpoint of its log that was seen last; empty before the first.
    #[prost(string, tag = "3")]
    pub(super) checkpoint: String,
    /// What its checkpoints are signed with, as C2SP writes it; empty before the first.
    #[prost(string, tag = "4")]
    pub(super) verifier: String,
}

impl Profiles {
    /// In a directory, or the usual one.
    pub(super) fn open(directory: Option<&Path>) -> Result<Self, Trouble> {
        let directory = config::device_directory(directory)?;
        let state = StateDirectory::open(&directory)?;
        Ok(Self { state })
    }

    /// Where what does not belong to one client is kept.
    pub(super) fn state(&self) -> &StateDirectory {
        &self.state
    }

    /// The clients that were named, or all of them; none at all is refused.
    pub(super) fn chosen(&self, names: &[String]) -> Result<Chosen, Trouble> {
        let entries = self.all()?;
        if entries.is_empty() {
            return Err(Trouble::NoClients);
        }
        for name in names {
            if !entries.iter().any(|entry| entry.name == *name) {
                return Err(Trouble::NoClient(name.clone()));
            }
        }
        let mut chosen = Chosen {
            profiles: Vec::new(),
            damaged: Vec::new(),
        };
        for entry in entries {
            if !names.is_empty() && !names.contains(&entry.name) {
                continue;
            }
            let client = entry.name.clone();
            match entry.profile() {
                Ok(profile) => chosen.profiles.push(profile),
                Err(trouble) => chosen.damaged.push(Failed {
                    client,
                    reason: printable(&trouble.sentence()),
                }),
            }
        }
        Ok(chosen)
    }

    /// All clients, by name.
    fn all(&self) -> Result<Vec<Entry>, Trouble> {
        let clients = self.state.subdirectory(CLIENTS)?;
        let failed = |source| Trouble::Write {
            path: clients.path().to_owned(),
            source,
        };
        let mut found = Vec::new();
        for entry in fs::read_dir(clients.path()).map_err(failed)? {
            let Ok(name) = entry.map_err(failed)?.file_name().into_string() else {
                continue;
            };
            if !clients.join(&name).is_dir() {
                continue;
            }
            let state = clients.subdirectory(&name)?;
            let known = state.load(CLIENT).map(Option::unwrap_or_default);
            let identity = match Identity::load(&state) {
                // Without an identity it was never accepted to the end.
                Ok(None) => continue,
                Ok(Some(identity)) => Ok(identity),
                Err(error) => Err(error.into()),
            };
            found.push(Entry {
                name,
                state,
                known: known.map_err(Into::into),
                identity,
            });
        }
        found.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(found)
    }

    /// What checks the checkpoints of the clients whose log was seen.
    pub(super) fn verifiers(&self) -> Result<Vec<Verifier>, Trouble> {
        let known = self.all()?.into_iter().filter_map(|entry| entry.known.ok());
        Ok(known
            .filter_map(|known| Verifier::parse(&known.verifier))
            .collect())
    }

    /// Keeps a client that was accepted: in the place of the same collector's earlier profile, else under a name of
    /// its own.
    pub(super) fn keep(
        &self,
        wanted: Option<&str>,
        identity: Identity,
        known: Known,
    ) -> Result<Profile, Trouble> {
        let others = self.all()?;
        let is_same = |other: &&Entry| {
            let pin = other.known.as_ref().map(|other| &other.pin);
            pin.is_ok_and(|pin| *pin == known.pin)
        };
        let same = others.iter().find(is_same);
        let name = match (wanted, same) {
            (Some(wanted), same) => {
                let name = checked(wanted)?;
                let taken = others.iter().any(|other| other.name == name);
                if taken && same.is_none_or(|same| same.name != name) {
                    return Err(Trouble::Taken(name));
                }
                name
            }
            (None, Some(same)) => same.name.clone(),
            (None, None) => free(&slug(&known.business), &others),
        };
        // What the log was is remembered, also when the device is added anew.
        let known = match same.map(|same| &same.known) {
            Some(Ok(earlier)) => Known {
                business: known.business,
                ..earlier.clone()
            },
            _ => known,
        };
        let state = self.state.subdirectory(CLIENTS)?.subdirectory(&name)?;
        state.save(CLIENT, &known)?;
        identity.save(&state)?;
        if let Some(same) = same.filter(|same| same.name != name) {
            self.forget(&same.name)?;
        }
        Ok(Profile {
            name,
            state,
            identity,
            known,
        })
    }

    /// `forget`
    pub(super) fn forget(&self, name: &str) -> Result<(), Trouble> {
        let state = self.entry(name)?.state;
        state.remove(IDENTITY)?;
        state.remove(CLIENT)?;
        match fs::remove_dir(state.path()) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(Trouble::Write {
                path: state.path().to_owned(),
                source,
            }),
            _ => Ok(()),
        }
    }

    /// One client by its name here.
    pub(super) fn one(&self, name: &str) -> Result<Profile, Trouble> {
        self.entry(name)?.profile()
    }

    fn entry(&self, name: &str) -> Result<Entry, Trouble> {
        let found = self.all()?.into_iter().find(|entry| entry.name == name);
        found.ok_or_else(|| Trouble::NoClient(name.to_owned()))
    }
}

impl Entry {
    /// The client, if its files can be used.
    fn profile(self) -> Result<Profile, Trouble> {
        let damaged = |cause: Trouble| Trouble::Damaged {
            client: self.name.clone(),
            cause: Box::new(cause),
        };
        Ok(Profile {
            identity: self.identity.map_err(damaged)?,
            known: self.known.map_err(damaged)?,
            name: self.name,
            state: self.state,
        })
    }
}

impl Profile {
    /// Writes down what is known now.
    pub(super) fn save(&self) -> Result<(), Trouble> {
        Ok(self.state.save(CLIENT, &self.known)?)
    }

    /// The file that holds the checkpoint.
    pub(super) fn evidence(&self) -> std::path::PathBuf {
        self.state.join(CLIENT)
    }
}

fn checked(name: &str) -> Result<String, Trouble> {
    let fits = (1..=LONGEST_NAME).contains(&name.len())
        && !name.starts_with('-')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if fits {
        Ok(name.to_owned())
    } else {
        Err(Trouble::Name(name.to_owned()))
    }
}

/// A business's name as a client is called here: "Riverside Dental" becomes "riverside-dental".
fn slug(business: &str) -> String {
    let mut slug = String::new();
    for letter in business.chars() {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        // Room for a number behind it.
        if slug.len() >= LONGEST_NAME - 4 {
            break;
        }
    }
    match slug.trim_end_matches('-') {
        "" => "client".to_owned(),
        slug => slug.to_owned(),
    }
}

fn free(slug: &str, others: &[Entry]) -> String {
    let taken = |name: &str| others.iter().any(|other| other.name == name);
    let numbered = (2..).map(|number| format!("{slug}-{number}"));
    std::iter::once(slug.to_owned())
        .chain(numbered)
        .find(|name| !taken(name))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_s_name_is_never_a_path() {
        for (business, name) in [
            ("Riverside Dental", "riverside-dental"),
            ("../../etc", "etc"),
            ("  -- ", "client"),
            ("\u{202e}Zahnärzte", "zahn-rzte"),
        ] {
            assert_eq!(slug(business), name);
            assert!(checked(name).is_ok());
        }
        assert!(checked(&slug(&"x".repeat(500))).is_ok());
        for wrong in ["", "..", "a/b", "-x", "a b"] {
            assert!(checked(wrong).is_err(), "{wrong}");
        }
    }
}
