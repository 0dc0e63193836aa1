//! What a finding says when it is about several computers.

/// The sentence of a rule.
pub(in crate::dashboard) fn several(rule: &str) -> &'static str {
    let found = SENTENCES.iter().find(|(id, _)| *id == rule);
    found.map_or("{computers} have the same finding.", |(_, sentence)| {
        sentence
    })
}

#[rustfmt::skip]
const SENTENCES: &[(&str, &str)] = &[
    ("waiting", "{computers} want to join."),
    ("no-antivirus", "{computers} have no antivirus that we know."),
    ("new-computer-without-antivirus", "{computers} are new and have no antivirus, although others have one."),
    ("antivirus-off", "{computers} have an antivirus that does not run."),
    ("antivirus-passive", "{computers} have an antivirus that only watches and does not block."),
    ("antivirus-on-demand", "{computers} have an antivirus that only checks when asked to."),
    ("antivirus-not-watching", "{computers} have an antivirus that does not check files as they are opened."),
    ("antivirus-outdated", "{computers} have an antivirus with an old list of threats."),
    ("antivirus-licence", "{computers} have an antivirus whose licence ends soon or has ended."),
    ("two-antiviruses", "{computers} have two antivirus programs that get in each other\u{2019}s way."),
    ("antivirus-may-not-watch", "{computers} may have an antivirus that does not check files."),
    ("antivirus-state-unknown", "{computers} do not say whether their antivirus runs."),
    ("antivirus-unknown", "{computers} do not say whether they have an antivirus."),
    ("new-administrator", "{computers} have a new administrator."),
    ("supplier-administrator", "{computers} are still administered by a supplier that has left."),
    ("blank-password", "{computers} have an administrator who needs no password."),
    ("everyday-administrator", "{computers} are used every day by an administrator."),
    ("without-password", "{computers} let somebody do everything without a password."),
    ("root-equivalent", "{computers} have a member of a group that amounts to administrator."),
    ("none-of-ours", "{computers} cannot be administered by any account of your own."),
    ("unclaimed-administrator", "{computers} have administrators, and nobody has said whose they are."),
    ("password-never-expires", "{computers} have an administrator whose password never expires."),
    ("nobody-else", "{computers} have no administrator but the system\u{2019}s own."),
    ("record-takeover", "{computers} have administrators who can take over this record."),
    ("disk-failing", "{computers} have a disk that fails or warns."),
    ("raid-degraded", "{computers} lost a disk; the next failure loses the data."),
    ("disk-full", "{computers} have a disk that is nearly full."),
    ("administrators-unknown", "{computers} do not say who all their administrators are."),
    ("system-unsupported", "{computers} have a system that its maker no longer repairs."),
    ("support-ends", "{computers} have a system that its maker soon no longer repairs."),
    ("updates-pending", "{computers} lack security updates."),
    ("updates-off", "{computers} do not install updates by themselves."),
    ("updates-failing", "{computers} have not been updated for long."),
    ("restart", "{computers} have waited for a restart for weeks."),
    ("no-encryption", "{computers} are portable, and their disks are not encrypted."),
    ("firewall-off", "{computers} have no firewall that is on."),
    ("root-by-password", "{computers} can be taken over from elsewhere by guessing a password."),
    ("old-backup", "{computers} have no recent backup."),
    ("no-backup", "{computers} are servers without a backup that we know."),
    ("remote-tool", "{computers} have a program by which others can work on them from elsewhere."),
    ("screen-lock", "{computers} are portable and do not lock by themselves."),
    ("database-on-workstation", "{computers} at which somebody works hold a database."),
    ("only-here", "{computers} have programs that no other computer has."),
    ("section-failing", "{computers} have had something for days that cannot be read."),
    ("certificate", "{computers} do not renew their certificate."),
    ("agent-old", "{computers} have an old version of Freehold\u{2019}s agent."),
    ("clone", "{computers} share their key with a copy, or were set back."),
    ("clock", "{computers} have a clock that is wrong."),
    ("silent", "{computers} have not been heard from for days."),
    ("no-report", "{computers} have joined, but never reported."),
    ("same-hardware", "{computers} have the hardware of a computer that is known already."),
    ("quota", "{computers} report more than they may."),
    ("lost-reports", "{computers} lost reports before they could be delivered."),
    ("invalid-report", "{computers} sent something that is no report."),
];
