//! Microsoft Defender's own status. In passive mode it says of every protection that it is on: what its
//! running mode says counts first.

use freehold_proto::v1::{
    antivirus::{Product, product::RunningMode},
    toggle::State,
};

use crate::{
    probe::{
        section::{self, Diagnostics},
        windows::{Machine, state},
    },
    rows::{Answer, Query, Row, Unread, wmi_time},
};

pub(super) const STATUS: Query = Query {
    namespace: r"root\Microsoft\Windows\Defender",
    class: "MSFT_MpComputerStatus",
    properties: &[
        "AMRunningMode",
        "AMServiceEnabled",
        "AMProductVersion",
        "AMEngineVersion",
        "AntivirusEnabled",
        "AntivirusSignatureVersion",
        "AntivirusSignatureLastUpdated",
        "DefenderSignaturesOutOfDate",
        "RealTimeProtectionEnabled",
        "OnAccessProtectionEnabled",
        "IsTamperProtected",
        "FullScanEndTime",
        "QuickScanEndTime",
    ],
    condition: "",
};

/// Asks Defender.
pub(super) fn status(machine: &dyn Machine) -> Answer<Row> {
    let rows = machine.query(&STATUS)?;
    rows.into_iter().next().ok_or(Unread::Absent)
}

/// Takes over what Defender says of itself.
pub(super) fn take_over(status: &Row, product: &mut Product, diagnostics: &mut Diagnostics) {
    let mode = mode(status, diagnostics);
    let stands_by = matches!(
        mode,
        RunningMode::Passive | RunningMode::EdrBlock | RunningMode::Stopped
    );
    let watches = match (
        status.flag("RealTimeProtectionEnabled"),
        status.flag("OnAccessProtectionEnabled"),
    ) {
        _ if stands_by => Some(false),
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), _) => Some(true),
        (None, _) => None,
    };
    let time = |name| wmi_time(status.text(name)).map(section::seconds);
    product.running_mode = mode.into();
    product.real_time_protection = state(watches).into();
    product.version = fit(status, "AMProductVersion", diagnostics);
    product.engine_version = fit(status, "AMEngineVersion", diagnostics);
    product.signature_version = fit(status, "AntivirusSignatureVersion", diagnostics);
    product.signatures_at = time("AntivirusSignatureLastUpdated");
    product.last_full_scan_at = time("FullScanEndTime");
    product.last_quick_scan_at = time("QuickScanEndTime");
    if let Some(stale) = status.flag("DefenderSignaturesOutOfDate") {
        product.signatures_current = if stale { State::Off } else { State::On }.into();
    }
    product.tamper_protection = state(status.flag("IsTamperProtected")).into();
    product.source = STATUS.to_string();
}

fn fit(status: &Row, name: &str, diagnostics: &mut Diagnostics) -> String {
    let text = status.text(name);
    // What it says while its engine does not run.
    if text == "0.0.0.0" {
        return String::new();
    }
    diagnostics.fit(STATUS, name, text.to_owned())
}

/// How it runs. Versions before 2019 say no mode: then it is what its switches say.
fn mode(status: &Row, diagnostics: &mut Diagnostics) -> RunningMode {
    let text = status.text("AMRunningMode").to_lowercase();
    if text.contains("edr") {
        return RunningMode::EdrBlock;
    }
    if text.contains("passive") {
        return RunningMode::Passive;
    }
    if text.contains("not running") {
        return RunningMode::Stopped;
    }
    let enabled = (
        status.flag("AMServiceEnabled"),
        status.flag("AntivirusEnabled"),
    );
    match (text.as_str(), enabled) {
        ("normal" | "", (Some(false), _) | (_, Some(false))) => RunningMode::Stopped,
        ("normal", _) | ("", (Some(true), Some(true))) => RunningMode::Active,
        ("", _) => RunningMode::Unknown,
        (mode, _) => {
            let reason = format_args!("says \"{mode}\", which is no running mode that is known");
            diagnostics.note(STATUS, "AMRunningMode", reason);
            RunningMode::Unknown
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything on, as it says in every mode.
    fn status(mode: &str) -> Row {
        Row::of([
            ("AMRunningMode", mode),
            ("AMProductVersion", "4.18.24090.11"),
            ("AMEngineVersion", "1.1.24090.11"),
            ("AntivirusSignatureVersion", "1.421.12.0"),
            ("AntivirusSignatureLastUpdated", "20241101060000.000000+000"),
        ])
        .with("AMServiceEnabled", true)
        .with("AntivirusEnabled", true)
        .with("RealTimeProtectionEnabled", true)
        .with("OnAccessProtectionEnabled", true)
        .with("IsTamperProtected", true)
        .with("DefenderSignaturesOutOfDate", false)
    }

    fn told(status: &Row) -> (RunningMode, State, usize) {
        let (mut product, mut diagnostics) = (Product::default(), Diagnostics::new());
        take_over(status, &mut product, &mut diagnostics);
        let notes = diagnostics.finish().len();
        (
            product.running_mode(),
            product.real_time_protection(),
            notes,
        )
    }

    #[test]
    fn a_mode_that_does_not_protect_outweighs_switches_that_say_on() {
        let cases = [
            ("Normal", RunningMode::Active, State::On),
            ("Passive Mode", RunningMode::Passive, State::Off),
            ("SxS Passive Mode", RunningMode::Passive, State::Off),
            ("EDR Block Mode", RunningMode::EdrBlock, State::Off),
            ("Not running", RunningMode::Stopped, State::Off),
        ];
        for (mode, expected, watches) in cases {
            assert_eq!(told(&status(mode)), (expected, watches, 0), "{mode}");
        }
    }

    #[test]
    fn a_mode_that_is_not_known_is_said_and_never_taken_as_active() {
        let (mode, _, notes) = told(&status("Modus normal"));
        assert_eq!((mode, notes), (RunningMode::Unknown, 1));
    }

    #[test]
    fn versions_without_a_mode_are_what_their_switches_say() {
        assert_eq!(told(&status("")).0, RunningMode::Active);
        let off = Row::of([("AntivirusEnabled", false), ("AMServiceEnabled", true)]);
        assert_eq!(told(&off).0, RunningMode::Stopped);
        assert_eq!(
            told(&Row::default()),
            (RunningMode::Unknown, State::Unknown, 0)
        );
    }

    #[test]
    fn watching_that_is_switched_off_is_off_and_unknown_stays_unknown() {
        let off = Row::of([("RealTimeProtectionEnabled", false)]).with("AMRunningMode", "Normal");
        assert_eq!(told(&off).1, State::Off);
        let silent = Row::of([("AMRunningMode", "Normal")]);
        assert_eq!(told(&silent).1, State::Unknown);
    }
}
