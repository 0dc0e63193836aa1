//! What is registered with Security Center: through its own interface, or, where that is missing, WMI.

use super::{Edition, Machine, Provider, Source, edition, unread};
use crate::{
    probe::section::Diagnostics,
    rows::{Query, Row, Unread},
};

const NAMESPACE: &str = r"root\SecurityCenter2";
const PROPERTIES: &[&str] = &["displayName", "productState", "pathToSignedProductExe"];
const ANTIVIRUS: Query = Query {
    namespace: NAMESPACE,
    class: "AntiVirusProduct",
    properties: PROPERTIES,
    condition: "",
};
const FIREWALL: Query = Query {
    namespace: NAMESPACE,
    class: "FirewallProduct",
    properties: PROPERTIES,
    condition: "",
};

/// A product as it is registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Registered {
    pub(crate) name: String,
    /// What it says of itself; `None` when that is no state that is known.
    pub(crate) activity: Option<Activity>,
    /// Its signatures are current; `None` when it does not say.
    pub(crate) signatures_current: Option<bool>,
    /// Its program, or an address of Windows' own settings.
    pub(crate) path: String,
    pub(crate) source: String,
}

/// What a registered product says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Activity {
    /// It protects.
    On,
    /// It does not.
    Off,
    /// It was told not to for a while.
    Snoozed,
    /// Its licence has ended.
    Expired,
}

impl Activity {
    fn of(number: u32) -> Option<Self> {
        match number {
            0 => Some(Self::Off),
            1 => Some(Self::On),
            2 => Some(Self::Snoozed),
            3 => Some(Self::Expired),
            _ => None,
        }
    }
}

/// The products registered as this; `None`, with a note, when that could not be read. A server has no
/// Security Center: there nothing is missing.
pub(crate) fn products(
    machine: &dyn Machine,
    provider: Provider,
    missing: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Registered>> {
    let source = Source::Center(provider);
    let first = match machine.list(&source) {
        Ok(rows) => {
            return Some(
                rows.iter()
                    .filter_map(|row| by_interface(row, &source))
                    .collect(),
            );
        }
        Err(why) => why,
    };
    let query = match provider {
        Provider::Antivirus => ANTIVIRUS,
        Provider::Firewall => FIREWALL,
    };
    let second = match machine.query(&query) {
        Ok(rows) => return Some(rows.iter().filter_map(|row| by_wmi(row, &query)).collect()),
        Err(why) => why,
    };
    let absent = first == Unread::Absent && second == Unread::Absent;
    match edition(machine) {
        Some(Edition::Server | Edition::DomainController) if absent => {
            let reason = "does not exist on servers; products are recognised by their services";
            diagnostics.remark(&source, "", reason);
        }
        _ => {
            unread(&source, &first, missing, diagnostics);
            if first != second {
                unread(query, &second, missing, diagnostics);
            }
        }
    }
    None
}

/// The interface counts from "on", and signatures from "out of date".
fn by_interface(row: &Row, source: &Source) -> Option<Registered> {
    let activity = match row.number("State") {
        Some(0) => Some(Activity::On),
        Some(1) => Some(Activity::Off),
        Some(2) => Some(Activity::Snoozed),
        Some(3) => Some(Activity::Expired),
        Some(4_u32..) | None => None,
    };
    let signatures_current = match row.number::<u32>("Signatures") {
        Some(0) => Some(false),
        Some(1) => Some(true),
        _ => None,
    };
    let registered = Registered {
        name: row.text("Name").to_owned(),
        activity,
        signatures_current,
        path: row.text("Path").to_owned(),
        source: source.to_string(),
    };
    (!registered.name.is_empty()).then_some(registered)
}

/// The state's bits 12 to 15 tell what it does, and bits 4 to 7 whether its signatures are out of date.
fn by_wmi(row: &Row, query: &Query) -> Option<Registered> {
    let state: Option<u32> = row.number("productState");
    let signatures_current = state.and_then(|state| match state >> 4 & 0xf {
        0 => Some(true),
        1 => Some(false),
        _ => None,
    });
    let registered = Registered {
        name: row.text("displayName").to_owned(),
        activity: state.and_then(|state| Activity::of(state >> 12 & 0xf)),
        signatures_current,
        path: row.text("pathToSignedProductExe").to_owned(),
        source: query.to_string(),
    };
    (!registered.name.is_empty()).then_some(registered)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::windows::fake::Fake;

    fn by_state(state: u32) -> Registered {
        let row = Row::of([("displayName", "X")]).with("productState", state);
        by_wmi(&row, &ANTIVIRUS).unwrap()
    }

    /// States as administrators know them from their consoles.
    #[test]
    fn the_bits_of_a_state_tell_activity_and_signatures() {
        let cases = [
            (397_568, Some(Activity::On), Some(true)),
            (397_584, Some(Activity::On), Some(false)),
            (393_472, Some(Activity::Off), Some(true)),
            (393_488, Some(Activity::Off), Some(false)),
            (266_240, Some(Activity::On), Some(true)),
            (262_144, Some(Activity::Off), Some(true)),
            (0x0006_2000, Some(Activity::Snoozed), Some(true)),
            (0x0006_3010, Some(Activity::Expired), Some(false)),
            (0x0006_f020, None, None),
        ];
        for (state, activity, current) in cases {
            let registered = by_state(state);
            assert_eq!(registered.activity, activity, "{state:#x}");
            assert_eq!(registered.signatures_current, current, "{state:#x}");
        }
    }

    #[test]
    fn a_state_that_is_missing_is_not_known_instead_of_off() {
        let row = Row::of([("displayName", "X")]);
        let registered = by_wmi(&row, &ANTIVIRUS).unwrap();
        assert_eq!(registered.activity, None);
        assert_eq!(registered.signatures_current, None);
        let row = Row::of([("Name", "X")])
            .with("State", 9_u32)
            .with("Signatures", 7_u32);
        let registered = by_interface(&row, &Source::Center(Provider::Antivirus)).unwrap();
        assert_eq!(
            (registered.activity, registered.signatures_current),
            (None, None)
        );
    }

    #[test]
    fn where_the_interface_is_missing_wmi_is_asked() {
        let row = Row::of([("displayName", "ESET Security")]).with("productState", 266_240_u32);
        let machine = Fake::new().class("AntiVirusProduct", Ok(vec![row]));
        let mut diagnostics = Diagnostics::new();
        let found = products(&machine, Provider::Antivirus, "it is", &mut diagnostics).unwrap();
        assert_eq!(found[0].name, "ESET Security");
        assert_eq!(found[0].source, r"root\SecurityCenter2:AntiVirusProduct");
        assert!(diagnostics.finish().is_empty());
    }

    /// On a server, what is closed is not taken for what is not there.
    #[test]
    fn a_server_is_believed_to_have_no_security_center_only_where_there_is_none() {
        let notes = |why: Unread| {
            let machine = Fake::new()
                .key(
                    r"HKLM\SYSTEM\CurrentControlSet\Control\ProductOptions",
                    [("ProductType", "ServerNT")],
                )
                .list(Source::Center(Provider::Antivirus), Err(why.clone()))
                .class("AntiVirusProduct", Err(why));
            let mut diagnostics = Diagnostics::new();
            let found = products(&machine, Provider::Antivirus, "it is", &mut diagnostics);
            assert_eq!(found, None);
            diagnostics.finish()[0].reason.clone()
        };
        assert!(notes(Unread::Absent).contains("does not exist on servers"));
        assert!(notes(Unread::Denied).contains("not allowed"));
    }
}
