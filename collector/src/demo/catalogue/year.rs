//! What became of the computers in the year, the earliest first.

use freehold_proto::v1::section::Kind;

use super::{
    Ago, Backup, Decision, Event, Fault, Guard, Program, Trait, Updates,
    What::{self, Becomes, Joins, JoinsAgain, JoinsSilently, Owner, Power, Reports, Waits},
};

const DEFENDER: &str = "Microsoft Defender Antivirus";
const ESET: &str = "ESET Endpoint Security";
const ESET_LINUX: &str = "ESET Endpoint Antivirus for Linux";

const ANYDESK: Program = Program {
    name: "AnyDesk",
    version: "9.0.4",
    publisher: "AnyDesk Software GmbH",
};

const SCREENCONNECT: Program = Program {
    name: "ScreenConnect Client (b7f1c2)",
    version: "24.2.10",
    publisher: "ScreenConnect Software",
};

const fn on(ago: Ago, host: &'static str, what: What) -> Event {
    Event { ago, host, what }
}

const fn guard(guard: Guard) -> What {
    Becomes(Trait::Guard(guard))
}

/// All of it.
#[rustfmt::skip]
pub(in crate::demo) static YEAR: &[Event] = &[
    // The practice begins with the first supplier.
    on(364, "SERVER", Joins),
    on(364, "SERVER", Becomes(Trait::Backup(Backup::Nightly("Veeam Agent")))),
    on(363, "FRONTDESK-1", Joins),
    on(363, "FRONTDESK-2", Joins),
    on(363, "SURGERY-1", Joins),
    on(362, "SURGERY-2", Joins),
    on(362, "XRAY", Joins),
    on(362, "OFFICE", Joins),
    on(361, "MANAGER", Joins),
    on(361, "DENTIST", Joins),
    on(360, "imaging", Joins),
    on(358, "lab", Joins),
    on(358, "SERVER", Becomes(Trait::Installs(SCREENCONNECT))),
    // Somebody helped out for two months; the account stayed.
    on(355, "OFFICE", Becomes(Trait::Administrator("tamarisk"))),
    on(354, "OFFICE", Owner(Decision::Claims("tamarisk", "Tamarisk Networks"))),
    on(352, "lab", Reports(Fault::Garbage)),
    on(350, "lab", Owner(Decision::SetAside("invalid-report", "A test by the supplier, repaired the same day.", 365))),

    on(340, "lab", guard(Guard::PerhapsBlind(ESET_LINUX))),
    on(331, "lab", guard(Guard::StateUnknown(ESET_LINUX))),
    on(325, "lab", guard(Guard::Works(ESET_LINUX))),
    on(318, "FRONTDESK-1", Becomes(Trait::Updates(Updates::Failing(50)))),
    on(309, "FRONTDESK-1", Becomes(Trait::Updates(Updates::Automatic))),

    // A third surgery opens; its computer stands there for a week before it is switched on.
    on(300, "SURGERY-3", JoinsSilently),
    on(293, "SURGERY-3", Power(true)),
    on(281, "FRONTDESK-2", guard(Guard::Unreadable)),
    on(275, "FRONTDESK-2", guard(Guard::Works(DEFENDER))),
    on(262, "MANAGER", guard(Guard::Two("Bitdefender Endpoint Security Tools", DEFENDER))),
    on(255, "MANAGER", guard(Guard::Licensed("Bitdefender Endpoint Security Tools", 12))),
    on(240, "SURGERY-3", Becomes(Trait::Unreadable(Kind::Software, true))),
    on(236, "SURGERY-3", Becomes(Trait::Free(44))),
    on(231, "SURGERY-3", Becomes(Trait::Unreadable(Kind::Software, false))),
    on(217, "SURGERY-3", Reports(Fault::Clone)),
    on(208, "imaging", Reports(Fault::Restless)),
    on(207, "imaging", Owner(Decision::SetAside("quota", "The import of pictures hung; it was repaired the same day.", 365))),
    on(203, "SURGERY-3", guard(Guard::Off(DEFENDER))),
    on(201, "SURGERY-3", guard(Guard::Works(DEFENDER))),

    on(186, "DENTIST", Becomes(Trait::AccountsPartial(true))),
    on(182, "DENTIST", Becomes(Trait::AccountsPartial(false))),
    on(171, "SURGERY-2", Becomes(Trait::DiskWarns(true))),
    on(163, "SURGERY-2", Becomes(Trait::DiskWarns(false))),
    on(158, "OFFICE", guard(Guard::Passive(DEFENDER))),
    on(149, "OFFICE", guard(Guard::Works(DEFENDER))),
    on(145, "XRAY", Reports(Fault::Clock(47))),
    on(138, "XRAY", Reports(Fault::Clock(0))),
    on(130, "lab", Reports(Fault::Stale(true))),
    on(104, "lab", Becomes(Trait::Free(61))),
    on(103, "lab", Reports(Fault::Stale(false))),
    on(124, "FRONTDESK-1", guard(Guard::Blind(DEFENDER))),
    on(122, "FRONTDESK-1", guard(Guard::Works(DEFENDER))),
    on(118, "DENTIST", Reports(Fault::Lost(3))),
    on(116, "DENTIST", Owner(Decision::SetAside("lost-reports", "It was in the cupboard over the holidays.", 365))),
    on(108, "XRAY", Becomes(Trait::BlankPassword("xray-service", true))),
    on(87, "XRAY", Becomes(Trait::BlankPassword("xray-service", false))),

    // The licence of the antivirus in the surgeries ends, and nobody orders another.
    on(95, "OFFICE", guard(Guard::Outdated(DEFENDER))),
    on(90, "OFFICE", guard(Guard::Works(DEFENDER))),
    on(76, "SURGERY-1", guard(Guard::Off(ESET))),
    on(70, "SURGERY-1", guard(Guard::None)),
    on(70, "SURGERY-2", guard(Guard::None)),
    on(69, "SURGERY-1", Becomes(Trait::Free(5))),
    on(62, "SURGERY-1", Becomes(Trait::Free(38))),
    on(60, "OFFICE", Becomes(Trait::RestartPending(true))),
    on(45, "OFFICE", Becomes(Trait::Free(52))),
    on(44, "OFFICE", Becomes(Trait::RestartPending(false))),

    // The new supplier looks around; the old one's things stay.
    on(57, "FRONTDESK-2", Becomes(Trait::Installs(ANYDESK))),
    on(41, "SURGERY-3", JoinsAgain),
    on(39, "SURGERY-3", Owner(Decision::Link)),
    on(33, "XRAY", Becomes(Trait::Updates(Updates::Off))),
    on(31, "XRAY", Becomes(Trait::Firewall(false))),
    on(30, "XRAY", Owner(Decision::SetAside("system-unsupported", "The X-ray unit is replaced in spring.", 150))),
    on(26, "imaging", Becomes(Trait::Updates(Updates::Missing(7)))),
    on(25, "imaging", Owner(Decision::Claims("storekeeper", "Larkspindle IT"))),
    on(25, "imaging", Owner(Decision::Claims("scanner", "Larkspindle IT"))),
    on(25, "SERVER", Owner(Decision::Claims("larkspindle", "Larkspindle IT"))),
    on(24, "SERVER", Owner(Decision::Claims("practice-admin", ""))),
    on(20, "SERVER", Becomes(Trait::Backup(Backup::Stopped("Veeam Agent")))),
    on(13, "FRONTDESK-3", Joins),
    on(9, "DENTIST", Power(false)),
    on(6, "SERVER", Becomes(Trait::Administrator("helpdesk-temp"))),
    on(5, "SERVER", Becomes(Trait::DisksMissing(1))),
    on(3, "FRONTDESK-1", Becomes(Trait::Removes("VLC media player"))),
    on(2, "STERILE", Waits),
];
