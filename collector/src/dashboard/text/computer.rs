//! One computer.

// The paragraph.
pub(in crate::dashboard) const KIND_DESKTOP: &str = "a desktop computer";
pub(in crate::dashboard) const KIND_LAPTOP: &str = "a laptop";
pub(in crate::dashboard) const KIND_SERVER: &str = "a server";
pub(in crate::dashboard) const KIND_VIRTUAL: &str =
    "a virtual computer, which runs inside another one";
pub(in crate::dashboard) const KIND_TABLET: &str = "a tablet";
pub(in crate::dashboard) const KIND_OTHER: &str = "a computer";
pub(in crate::dashboard) const IS: &str = "{name} is {kind}.";
pub(in crate::dashboard) const IS_MODEL: &str = "{name} is {kind}: {model}.";
pub(in crate::dashboard) const RUNS: &str = "It runs {system}.";
pub(in crate::dashboard) const SIZE: &str = "It has {memory} of memory and {disk} of disk space.";
pub(in crate::dashboard) const SIZE_MEMORY: &str = "It has {memory} of memory.";
pub(in crate::dashboard) const PACKAGES: &str = "{count} installed on it.";
pub(in crate::dashboard) const ADMINISTRATOR_ONE: &str =
    "One account can change everything on it: {names}.";
pub(in crate::dashboard) const ADMINISTRATORS: &str =
    "{count} accounts can change everything on it: {names}.";
pub(in crate::dashboard) const ADMINISTRATORS_AT_LEAST: &str =
    "At least {count} can change everything on it: {names}. Not every source could be read.";
pub(in crate::dashboard) const ADMINISTRATORS_UNKNOWN: &str =
    "Who can change everything on it could not be read.";
pub(in crate::dashboard) const ADMINISTRATORS_NOT_REPORTED: &str =
    "Who can change everything on it was not reported yet.";
pub(in crate::dashboard) const ADMINISTRATORS_NONE: &str =
    "No account was found that can change everything on it, which would be unusual.";

// Antivirus, one sentence a verdict.
pub(in crate::dashboard) const WORKING: &str = "{product} protects it.";
pub(in crate::dashboard) const MAY_NOT_WATCH: &str =
    "{product} runs on it, but whether it checks files as they are opened could not be read.";
pub(in crate::dashboard) const OUTDATED: &str =
    "{product} protects it, but its list of threats is out of date.";
pub(in crate::dashboard) const NOT_WATCHING: &str =
    "{product} runs on it, but does not check files as they are opened.";
pub(in crate::dashboard) const ON_DEMAND: &str =
    "{product} is installed, but only checks files when somebody asks it to.";
pub(in crate::dashboard) const PASSIVE: &str =
    "{product} only watches beside another product, which was not found.";
pub(in crate::dashboard) const STATE_UNKNOWN: &str =
    "{product} is installed. Whether it works could not be read.";
pub(in crate::dashboard) const STOPPED: &str = "{product} is installed, but does not run.";
pub(in crate::dashboard) const ABSENT: &str =
    "It has no antivirus that we know: every place was looked at.";
pub(in crate::dashboard) const PROTECTION_UNKNOWN: &str =
    "Whether it has an antivirus is not known: not every place could be read.";
pub(in crate::dashboard) const PROTECTION_NOT_REPORTED: &str =
    "Whether it has an antivirus was not reported yet.";

// State.
pub(in crate::dashboard) const HEARD: &str = "Last heard from {when}.";
pub(in crate::dashboard) const NOT_HEARD: &str = "It has not been heard from yet.";
pub(in crate::dashboard) const WAITING: &str = "This computer wants to join and waits for you. It knows a join string of yours. Let it in only if you \
     know which computer it is.";
pub(in crate::dashboard) const RETIRED: &str =
    "This computer is out of service since {when}. Its record is kept; it may not report any more.";
pub(in crate::dashboard) const REVOKED: &str =
    "This computer is shut out since {when}. Nothing it sends is accepted. Its record is kept.";
pub(in crate::dashboard) const SAME_HARDWARE: &str = "Its hardware is the same as that of {other}. Was it set up anew? Then you can join their histories.";
pub(in crate::dashboard) const CONTINUES: &str = "It continues the history of {earlier}.";

// Page.
pub(in crate::dashboard) const CONTENTS: &str = "On this page";
pub(in crate::dashboard) const MANAGE: &str = "Manage this computer";
pub(in crate::dashboard) const CHANGES: &str = "Changes";
pub(in crate::dashboard) const NO_CHANGES: &str = "Nothing has changed since its first report. New programs, new administrators and other changes will \
     appear here.";
pub(in crate::dashboard) const ALL_CHANGES: &str = "All changes of this computer";
pub(in crate::dashboard) const RECORD: &str = "About this record";
pub(in crate::dashboard) const IDENTIFIER: &str = "Identifier";
pub(in crate::dashboard) const HOST_NAME: &str = "Name it joined with";
pub(in crate::dashboard) const JOINED: &str = "Joined";
pub(in crate::dashboard) const LABELS: &str = "Labels";
pub(in crate::dashboard) const PROPOSED_LABELS: &str = "Labels its installer proposes";
pub(in crate::dashboard) const AGENT: &str = "Freehold's program";
pub(in crate::dashboard) const CERTIFICATE: &str = "Its certificate expires";
pub(in crate::dashboard) const CLOCK: &str = "Its clock";
pub(in crate::dashboard) const CLOCK_RIGHT: &str = "right";
pub(in crate::dashboard) const CLOCK_AHEAD: &str = "{much} ahead";
pub(in crate::dashboard) const CLOCK_BEHIND: &str = "{much} behind";

// Summaries of sections.
pub(in crate::dashboard) const SYSTEM_LINE: &str = "{system} on {architecture}, kernel {kernel}.";
pub(in crate::dashboard) const STARTED: &str = "Last started {when}.";
pub(in crate::dashboard) const RESTART_NEEDED: &str = "It needs a restart to finish an update.";
pub(in crate::dashboard) const PACKAGES_LINE: &str = "{count} installed.";
pub(in crate::dashboard) const PACKAGES_LEFT: &str = "{count} removed, with settings left behind.";
pub(in crate::dashboard) const PACKAGES_BROKEN: &str = "{count} not completely installed: {names}.";
pub(in crate::dashboard) const PACKAGES_HELD: &str =
    "{count} kept at an old version on purpose: {names}.";
pub(in crate::dashboard) const PACKAGES_NEWEST: &str =
    "Installed or updated last: {names}, {when}.";
pub(in crate::dashboard) const NO_PRODUCT: &str =
    "No antivirus was found, and every place Freehold knows was read.";
pub(in crate::dashboard) const NO_PRODUCT_UNKNOWN: &str =
    "No antivirus was found, but not every place could be read. It may have one.";
pub(in crate::dashboard) const VERSION: &str = "Version {version}.";
pub(in crate::dashboard) const SIGNATURES: &str =
    "Its list of threats ({version}) was made {when}.";
pub(in crate::dashboard) const SIGNATURES_UNDATED: &str = "Its list of threats: {version}.";
pub(in crate::dashboard) const PROBLEM: &str = "Problem: {problem}";
pub(in crate::dashboard) const WHO: &str = "Who";
pub(in crate::dashboard) const GROUP: &str = "everybody in the group {who}";
pub(in crate::dashboard) const WHY: &str = "Why";
pub(in crate::dashboard) const CONDITIONS: &str = "Conditions";
pub(in crate::dashboard) const EVIDENCE: &str = "Where it says so";
pub(in crate::dashboard) const WHO_ADMINISTERS: &str =
    "Who can change everything on this computer, and why";
pub(in crate::dashboard) const WHO_LIMITED: &str = "Who may do some things as an administrator";
pub(in crate::dashboard) const LINE: &str = "line {line}";
pub(in crate::dashboard) const PEOPLE: &str =
    "{people} can open a session. {all} in all, most of them the system's own.";
pub(in crate::dashboard) const KEYS: &str =
    "{keys} opens an administrator's session from another computer without a password.";
pub(in crate::dashboard) const KEYS_MANY: &str =
    "{keys} open an administrator's session from another computer without a password.";
pub(in crate::dashboard) const KEYS_LIMITED: &str =
    "And {keys} more only under conditions, which are listed below.";
pub(in crate::dashboard) const PROCESSOR: &str = "Processor";
pub(in crate::dashboard) const MEMORY: &str = "Memory";
pub(in crate::dashboard) const MODEL: &str = "Model";
pub(in crate::dashboard) const SERIAL: &str = "Serial number";
pub(in crate::dashboard) const DISKS: &str = "Disks";
pub(in crate::dashboard) const VOLUMES: &str = "Volumes";
pub(in crate::dashboard) const VOLUME: &str = "Volume";
pub(in crate::dashboard) const VOLUME_SIZE: &str = "Size";
pub(in crate::dashboard) const VOLUME_FREE: &str = "Free";
pub(in crate::dashboard) const VOLUME_USED: &str = "Used";
pub(in crate::dashboard) const CORES: &str = "{cores}, {threads}";
pub(in crate::dashboard) const ADDRESSES: &str = "Addresses";
pub(in crate::dashboard) const GATEWAY: &str = "Way out (gateway)";
pub(in crate::dashboard) const NAME_SERVERS: &str = "Name servers";
pub(in crate::dashboard) const ROLES: &str = "What it does for other computers: {roles}.";
pub(in crate::dashboard) const NO_ROLES: &str =
    "It serves no other computer in any way that Freehold recognises.";
pub(in crate::dashboard) const NO_ROLES_UNKNOWN: &str =
    "Nothing was found that it does for other computers, but not every source could be read.";
pub(in crate::dashboard) const SHARES: &str = "Folders it shares: {names}.";
pub(in crate::dashboard) const DATABASES: &str = "Databases on it";
pub(in crate::dashboard) const DATABASE: &str = "Database";
pub(in crate::dashboard) const INSTANCE: &str = "Instance";
pub(in crate::dashboard) const DATABASE_VERSION: &str = "Version";
pub(in crate::dashboard) const DATA: &str = "Folder of its data";
pub(in crate::dashboard) const DATABASE_RUNS: &str = "Runs";
pub(in crate::dashboard) const AND_MORE: &str = "and more, listed below";
pub(in crate::dashboard) const REACHABLE: &str =
    "What other computers can reach on it, unless a firewall is in between";
pub(in crate::dashboard) const NO_PORTS: &str = "No program on it waits for other computers.";
pub(in crate::dashboard) const NO_PORTS_UNKNOWN: &str =
    "No program was seen that waits for other computers, but not every source could be read.";
pub(in crate::dashboard) const PORT: &str = "Port";
pub(in crate::dashboard) const OPENED_BY: &str = "Opened by";
pub(in crate::dashboard) const AS_ACCOUNT: &str = "Account";
pub(in crate::dashboard) const ON_ADDRESSES: &str = "On addresses";
pub(in crate::dashboard) const SERVICES_LINE: &str = "{all} installed, {running} running.";
pub(in crate::dashboard) const SERVICES_DOWN: &str =
    "Set to start with the computer, but not running: {names}.";
pub(in crate::dashboard) const SCHEDULED: &str = "{tasks} started by schedule.";
pub(in crate::dashboard) const ENCRYPTED: &str =
    "What is on its disks is encrypted: whoever takes a disk away cannot read it.";
pub(in crate::dashboard) const NOT_ENCRYPTED: &str =
    "Not encrypted: {volumes}. Whoever takes the disk away can read what is there.";
pub(in crate::dashboard) const ENCRYPTION_UNKNOWN: &str =
    "Whether its disks are encrypted could not be read to the bottom: {volumes}.";
pub(in crate::dashboard) const FIREWALL: &str =
    "A firewall is switched on: what comes from outside is turned away unless a rule lets it in.";
pub(in crate::dashboard) const FIREWALL_OPEN: &str =
    "A firewall is switched on, but lets in whatever no rule forbids.";
pub(in crate::dashboard) const FIREWALL_OFF: &str =
    "No firewall is switched on: other computers on its network reach every program that listens.";
pub(in crate::dashboard) const FIREWALL_UNKNOWN: &str =
    "Whether a firewall is switched on could not be read.";
pub(in crate::dashboard) const UPDATES: &str = "Updates are installed by themselves ({product}).";
pub(in crate::dashboard) const UPDATES_OFF: &str =
    "Updates are not installed by themselves: somebody has to do it.";
pub(in crate::dashboard) const UPDATES_UNKNOWN: &str =
    "Whether updates are installed by themselves could not be read.";
pub(in crate::dashboard) const UPDATES_LAST: &str = "Last success {when}.";
pub(in crate::dashboard) const UPDATES_MISSING: &str =
    "Security updates that are missing: {count}.";
pub(in crate::dashboard) const BACKUPS: &str = "Backup programs on it: {names}. Whether a backup can be restored is known only once somebody tries.";
pub(in crate::dashboard) const BACKUP_LAST: &str = "{product}: last success {when}.";
pub(in crate::dashboard) const BACKUP_UNKNOWN: &str =
    "{product}: it records its success where Freehold cannot read it.";
pub(in crate::dashboard) const NO_BACKUP: &str =
    "No backup program that Freehold knows was found on it.";
pub(in crate::dashboard) const NO_BACKUP_UNKNOWN: &str =
    "No backup program was found on it, but not every place could be read.";
pub(in crate::dashboard) const REMOTE: &str = "Somebody elsewhere can work on it through {names}.";
pub(in crate::dashboard) const REMOTE_PASSWORD: &str =
    "{product}: a password is enough to sign in.";
pub(in crate::dashboard) const REMOTE_ROOT: &str =
    "{product}: a password is enough to sign in with full control.";
pub(in crate::dashboard) const OLD_VALUES: &str = "Sent {when}. Only the latest values are kept.";

// Actions.
pub(in crate::dashboard) const APPROVE: &str = "Let it in";
pub(in crate::dashboard) const APPROVE_TITLE: &str = "Let this computer in?";
pub(in crate::dashboard) const APPROVE_MEANS: &str =
    "It will get a certificate and report to you from now on. Check that its name is one you know.";
pub(in crate::dashboard) const APPROVED: &str = "The computer may report now.";
pub(in crate::dashboard) const RENAME: &str = "Rename";
pub(in crate::dashboard) const RENAME_TITLE: &str = "What do you call this computer?";
pub(in crate::dashboard) const RENAME_MEANS: &str = "Use the name you use in the office, such as \"Front desk\". The computer itself is not changed. Leave it \
     empty to use the computer's own name.";
pub(in crate::dashboard) const RENAME_LABEL: &str = "Name";
pub(in crate::dashboard) const RENAME_BUTTON: &str = "Save the name";
pub(in crate::dashboard) const RENAMED: &str = "The name is saved.";
pub(in crate::dashboard) const RETIRE: &str = "Take out of service";
pub(in crate::dashboard) const RETIRE_TITLE: &str = "Take this computer out of service?";
pub(in crate::dashboard) const RETIRE_MEANS: &str = "Use this for a computer that you sold, scrapped or replaced. It may not report any more. Everything it \
     reported is kept.";
pub(in crate::dashboard) const RETIRED_DONE: &str =
    "The computer is out of service. Its record is kept.";
pub(in crate::dashboard) const REVOKE: &str = "Shut out";
pub(in crate::dashboard) const REVOKE_TITLE: &str = "Shut this computer out for good?";
pub(in crate::dashboard) const REVOKE_MEANS: &str = "Use this for a computer that was stolen, or that may have been taken over. Its certificate stops working \
     at once and for good: to report again it has to join anew. Everything it reported is kept.";
pub(in crate::dashboard) const REVOKED_DONE: &str =
    "The computer is shut out, from this moment on.";
pub(in crate::dashboard) const LINK: &str = "Join the histories";
pub(in crate::dashboard) const LINK_TITLE: &str = "Is this the same computer, set up anew?";
pub(in crate::dashboard) const LINK_MEANS: &str =
    "This computer will continue the history of {earlier}, which is then taken out of service.";
pub(in crate::dashboard) const LINKED: &str = "The histories are joined.";

pub(in crate::dashboard) const LABEL: &str = "Label it";
pub(in crate::dashboard) const LABEL_TITLE: &str = "Label this computer";
pub(in crate::dashboard) const LABEL_MEANS: &str = "Labels say which computers belong together, such as office or surgery. What suppliers may see can depend on \
     them: a change takes effect at once.";
pub(in crate::dashboard) const LABEL_PROPOSED: &str = "Whoever installed Freehold's program on this computer proposes {labels}. Until you save labels, that has no effect.";
pub(in crate::dashboard) const LABEL_LABEL: &str = "Labels, with commas between them";
pub(in crate::dashboard) const LABEL_BUTTON: &str = "Save the labels";
pub(in crate::dashboard) const LABELLED_DONE: &str = "The labels are saved.";

pub(in crate::dashboard) const NOTE: &str = "Note";
pub(in crate::dashboard) const NOTE_TITLE: &str = "Note something about it";
pub(in crate::dashboard) const NOTE_MEANS: &str = "Everybody who may see this computer reads it, your suppliers too. Leave it empty to take the note away.";
pub(in crate::dashboard) const NOTE_LABEL: &str = "Note";
pub(in crate::dashboard) const NOTE_BUTTON: &str = "Save the note";
pub(in crate::dashboard) const NOTED: &str = "The note is saved.";
pub(in crate::dashboard) const SUGGEST: &str = "Propose a name, a label or a note";
