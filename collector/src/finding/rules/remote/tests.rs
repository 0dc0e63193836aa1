use freehold_proto::v1::{
    Protection, Services, Software, protection::RemoteAccess, section::Status, services::Service,
};

use super::*;
use crate::finding::{Told, tests::Case};

fn case(packages: &[(&str, &str)], services: &[(&str, &str)], seen: &[&str]) -> Case {
    let mut case = Case::new();
    case.facts.software = Told::Section(Software {
        status: Status::Complete.into(),
        packages: packages
            .iter()
            .map(|(name, title)| Package {
                name: (*name).into(),
                title: (*title).into(),
                ..Package::default()
            })
            .collect(),
        ..Software::default()
    });
    case.facts.services = Told::Section(Services {
        status: Status::Complete.into(),
        services: services
            .iter()
            .map(|(name, program)| Service {
                name: (*name).into(),
                program: (*program).into(),
                ..Service::default()
            })
            .collect(),
        ..Services::default()
    });
    case.facts.protection = Told::Section(Protection {
        status: Status::Complete.into(),
        remote_access: seen
            .iter()
            .map(|name| RemoteAccess {
                name: (*name).into(),
                enabled: State::On.into(),
                ..RemoteAccess::default()
            })
            .collect(),
        ..Protection::default()
    });
    case
}

fn tools_of(case: &Case) -> Vec<String> {
    let said = case.says("remote-tool");
    said.found.into_iter().map(|found| found.subject).collect()
}

#[test]
fn a_tool_is_recognised_by_package_service_program_or_by_the_agent_and_told_once() {
    let teamviewer = ["TeamViewer"];
    assert_eq!(tools_of(&case(&[("teamviewer", "")], &[], &[])), teamviewer);
    assert_eq!(
        tools_of(&case(&[("{guid}", "TeamViewer 15")], &[], &[])),
        teamviewer
    );
    assert_eq!(
        tools_of(&case(&[], &[("teamviewerd.service", "")], &[])),
        teamviewer
    );
    let program = "C:\\Program Files\\TeamViewer\\TeamViewer_Service.exe";
    assert_eq!(
        tools_of(&case(&[], &[("helper", program)], &[])),
        teamviewer
    );
    let all = case(
        &[("teamviewer", "")],
        &[("teamviewerd", "")],
        &["TeamViewer"],
    );
    assert_eq!(tools_of(&all), teamviewer);
    assert_eq!(all.says("remote-tool").found[0].evidence.len(), 3);
    assert_eq!(tools_of(&case(&[], &[], &["Unheard Of"])), ["Unheard Of"]);
}

#[test]
fn what_belongs_to_the_system_or_only_sounds_alike_is_no_tool() {
    assert!(case(&[], &[], &["OpenSSH", "Remote Desktop"]).is_fine("remote-tool"));
    let alike = case(
        &[
            ("xrdp-doc", ""),
            ("libvncserver1", ""),
            ("openssh-server", ""),
        ],
        &[("ssh.service", "/usr/sbin/sshd")],
        &[],
    );
    assert!(alike.is_fine("remote-tool"), "{:?}", tools_of(&alike));
}

#[test]
fn a_package_of_which_only_settings_remain_is_no_tool() {
    let mut case = case(&[("teamviewer", "")], &[], &[]);
    if let Told::Section(section) = &mut case.facts.software {
        section.packages[0].state = package::State::ConfigFiles.into();
    }
    assert!(case.is_fine("remote-tool"));
}

#[test]
fn what_could_not_be_read_may_hold_a_tool() {
    let mut case = case(&[], &[], &[]);
    assert!(case.is_fine("remote-tool"));
    case.facts.software = Told::Never;
    assert!(case.is_unknown("remote-tool"));
    assert!(Case::new().is_unknown("remote-tool"));
}
