//! Machines of many kinds, as small root file systems, with what the program says of them.
//!
//! None was recorded on a client's machine. Each function says after what its files were written; the
//! expected answers are in the folder `golden`.

mod equipment;
mod systems;
mod troubled;

use serde_json::Value;

use super::{program, tree::Tree};

pub(crate) use equipment::{
    dell_office_pc, dell_tables, hp_tables, server_tables, white_box_tables,
};

/// Compares the sections of a machine with the expected ones.
fn compare(name: &str, tree: &Tree, sections: &[&str]) -> Value {
    let mut answer = program::sections(tree.root(), sections);
    for section in answer.as_object_mut().unwrap().values_mut() {
        section["collected_at"] = "[time]".into();
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("golden");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        insta::assert_snapshot!(name, serde_json::to_string_pretty(&answer).unwrap());
    });
    answer
}

/// The two sections that tell what a machine is.
const MACHINE: [&str; 2] = ["system", "hardware"];

#[test]
fn a_dell_office_pc() {
    compare("dell_office_pc", &dell_office_pc(), &MACHINE);
}

#[test]
fn an_hp_laptop() {
    compare("hp_laptop", &equipment::hp_laptop(), &MACHINE);
}

#[test]
fn a_white_box_pc_full_of_placeholders() {
    let answer = compare("white_box_pc", &equipment::white_box_pc(), &MACHINE);
    let text = answer.to_string();
    assert!(!text.contains("To Be Filled") && !text.contains("Default string"));
}

#[test]
fn a_server_with_a_terabyte_of_memory_and_raid() {
    compare("server", &equipment::server(), &MACHINE);
}

#[test]
fn a_raspberry_pi() {
    compare("raspberry_pi", &equipment::raspberry_pi(), &MACHINE);
}

#[test]
fn a_virtual_machine_without_smbios() {
    compare("vm_without_smbios", &systems::vm_without_smbios(), &MACHINE);
}

#[test]
fn a_virtual_machine_with_truncated_smbios() {
    let tree = systems::vm_with_truncated_smbios();
    let answer = compare("vm_with_truncated_smbios", &tree, &MACHINE);
    assert_eq!(answer["hardware"]["status"], "PARTIAL");
}

#[test]
fn a_server_of_the_age_of_centos_7() {
    let sections = ["system", "hardware", "accounts"];
    compare("centos_7", &systems::centos_7(), &sections);
}

#[test]
fn an_alpine_container() {
    let sections = ["system", "hardware", "accounts"];
    compare("alpine_container", &systems::alpine_container(), &sections);
}

#[test]
fn a_disk_image_tells_nothing_of_any_hardware() {
    let answer = compare("disk_image", &systems::disk_image(), &MACHINE);
    assert_eq!(answer["hardware"]["status"], "UNSUPPORTED");
}

#[test]
fn a_machine_whose_sudoers_cannot_be_read() {
    let answer = compare(
        "unreadable_sudoers",
        &troubled::unreadable_sudoers(),
        &["accounts"],
    );
    assert_eq!(answer["accounts"]["status"], "PARTIAL");
}

#[test]
fn a_machine_with_broken_lines_in_passwd() {
    let answer = compare("broken_passwd", &troubled::broken_passwd(), &["accounts"]);
    assert_eq!(answer["accounts"]["status"], "PARTIAL");
}

/// Not compared word by word: what rpm says of a locked or damaged database differs between versions.
#[test]
fn a_machine_with_a_locked_and_damaged_rpm_database() {
    let answer = program::sections(troubled::locked_rpm_database().root(), &["software"]);
    let software = &answer["software"];
    assert!(["PARTIAL", "UNREADABLE"].contains(&software["status"].as_str().unwrap()));
    let told = software["diagnostics"].to_string();
    assert!(told.contains("/var/lib/rpm"), "{told}");
}

/// Only the owner of a file that nobody may read can test this: root reads everything.
#[test]
fn a_machine_read_without_rights_says_what_it_could_not_read() {
    use std::os::unix::fs::PermissionsExt as _;

    if rustix::process::geteuid().is_root() && !program::has("setpriv", "reading without rights") {
        return;
    }
    let tree = dell_office_pc();
    let secret = [
        "/etc/shadow",
        "/etc/sudoers",
        "/sys/firmware/dmi/tables/DMI",
    ];
    for path in secret {
        let closed = std::fs::Permissions::from_mode(0o000);
        std::fs::set_permissions(tree.path(path), closed).unwrap();
    }
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(tree.root(), open).unwrap();
    let answer = program::parsed(&troubled::as_nobody(tree.root()));
    let told = answer.to_string();
    for path in secret {
        assert!(told.contains(path), "{path} is not named");
    }
    for section in ["accounts", "hardware"] {
        assert_eq!(answer[section]["status"], "PARTIAL", "{section}");
    }
    // The kernel's extract stands in for the tables.
    assert_eq!(answer["hardware"]["product"]["maker"], "Dell Inc.");
}
