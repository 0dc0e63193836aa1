//! All rows here are written from documentation; none was recorded on a real Windows.

use freehold_proto::v1::{
    section::Status,
    software::{Package, package::Source},
};

use super::*;
use crate::{
    parse::hive::fixture::Tree,
    rows::{Unread, Value},
};

fn empty() -> Rows {
    Rows {
        programs: vec![
            of_machine("x64", Ok(Below::default())),
            of_machine("x86", Ok(Below::default())),
        ],
        products: Vec::new(),
        apps: apps::Rows {
            provisioned: Ok(Below::default()),
            inbox: Ok(Below::default()),
            people: Vec::new(),
        },
        updates: updates::Rows {
            listed: Ok(Vec::new()),
            serviced: None,
        },
        profiles: Ok(Vec::new()),
    }
}

fn of_machine(architecture: &'static str, answer: Answer<Below>) -> Programs {
    Programs {
        source: format!("Uninstall {architecture}"),
        user: String::new(),
        architecture,
        answer,
        remark: String::new(),
    }
}

fn of_person(user: &str, answer: Answer<Below>) -> Programs {
    Programs {
        user: user.into(),
        source: format!(r"C:\Users\{user}\NTUSER.DAT"),
        ..of_machine("", answer)
    }
}

fn program(key: &str, name: &str) -> Row {
    Row::named(key).with("DisplayName", name)
}

fn person(sid: &str, name: &str) -> Profile {
    Profile {
        sid: sid.into(),
        name: name.into(),
        folder: format!(r"C:\Users\{name}"),
    }
}

fn names(section: &Software) -> Vec<(&str, &str)> {
    let packages = section.packages.iter();
    packages
        .map(|one| (one.name.as_str(), one.user.as_str()))
        .collect()
}

fn package<'a>(section: &'a Software, name: &str) -> &'a Package {
    section
        .packages
        .iter()
        .find(|one| one.name == name)
        .unwrap()
}

#[test]
fn programs_are_read_with_all_their_facts() {
    let mut rows = empty();
    let acme = program("{90160000-008C-0407-1000-0000000FF1CE}", " Acme Büro\0 ")
        .with("DisplayVersion", "16.0.1")
        .with("Publisher", "株式会社アクメ")
        .with("InstallDate", "20240403")
        .with("InstallLocation", r#""C:\Program Files\Acme""#)
        .with("EstimatedSize", 2048_u32)
        .with("WindowsInstaller", 1_u32);
    let hidden = program("Runtime", "Acme Runtime")
        .with("SystemComponent", 1_u32)
        .with("VersionMajor", 3_u32)
        .with("VersionMinor", 7_u32);
    let update = program("{9016}_KB1", "Update für Acme (KB1)").with("ParentKeyName", "{9016}");
    let nameless = Row::named("Connection Manager").with("SystemComponent", 1_u32);
    rows.programs[0] = of_machine("x64", Ok(Below::of([acme, hidden, update, nameless])));
    let section = assemble(&rows);
    assert_eq!(
        section.status(),
        Status::Complete,
        "{:?}",
        section.diagnostics
    );
    assert_eq!(section.packages.len(), 3);
    let acme = package(&section, "Acme Büro");
    assert_eq!(acme.source(), Source::Msi);
    assert_eq!(acme.publisher, "株式会社アクメ");
    assert_eq!(acme.installed_at.unwrap().seconds, 1_712_102_400);
    assert_eq!(acme.location, r"C:\Program Files\Acme");
    assert_eq!(acme.size_bytes, Some(2 * 1024 * 1024));
    assert_eq!(
        (acme.architecture.as_str(), acme.system_component),
        ("x64", false)
    );
    let hidden = package(&section, "Acme Runtime");
    assert_eq!(
        (hidden.version.as_str(), hidden.system_component),
        ("3.7", true)
    );
    assert_eq!(
        package(&section, "Update für Acme (KB1)").source(),
        Source::Hotfix
    );
}

#[test]
fn what_both_views_show_counts_once_and_what_differs_twice() {
    let mut rows = empty();
    let shared = program("Shared", "Shared").with("InstallLocation", r"C:\a");
    let other = program("7-Zip", "7-Zip").with("InstallLocation", r"C:\Program Files (x86)");
    rows.programs[0].answer = Ok(Below::of([shared.clone(), program("7-Zip", "7-Zip")]));
    rows.programs[1].answer = Ok(Below::of([shared, other]));
    let section = assemble(&rows);
    assert_eq!(section.packages.len(), 3);
    assert_eq!(
        section
            .packages
            .iter()
            .filter(|one| one.name == "7-Zip")
            .count(),
        2
    );
}

#[test]
fn a_product_of_windows_installer_is_counted_once_and_found_without_an_uninstall_key() {
    let code = "{95140000-0010-0407-0000-0000000FF1CE}";
    let packed =
        |name: &str| Row::named("00004159010070400000000000F01FEC").with("DisplayName", name);
    let mut rows = empty();
    rows.profiles = Ok(vec![person("S-1-5-21-7", "anna")]);
    rows.programs[0].answer = Ok(Below::of([
        program(code, "Acme").with("WindowsInstaller", 1_u32)
    ]));
    rows.products = vec![
        ("S-1-5-18".into(), Ok(Below::of([packed("Acme")]))),
        (
            "S-1-5-21-7".into(),
            Ok(Below::of([packed("Acme for Anna")])),
        ),
        ("S-1-5-21-8".into(), Err(Unread::Absent)),
    ];
    let section = assemble(&rows);
    assert_eq!(names(&section), [("Acme", ""), ("Acme for Anna", "anna")]);
    assert_eq!(package(&section, "Acme for Anna").product_code, code);
    assert_eq!(section.status(), Status::Complete);
}

#[test]
fn software_of_people_who_are_not_signed_in_comes_from_their_hive() {
    let hive = Tree::key("ROOT")
        .with(
            Tree::key("Uninstall")
                .with(
                    Tree::key("Musik")
                        .text("DisplayName", "Müsik \u{202e}exe.piz\u{7}")
                        .text("DisplayVersion", "1.2")
                        .text("UninstallString", r"C:\x.exe --token=secret"),
                )
                .under(r"Software\Microsoft\Windows\CurrentVersion"),
        )
        .hive();
    let (answer, is_clean) = profiles::below(hive.as_slice(), programs::KEY, &programs::VALUES);
    assert!(is_clean);
    let mut rows = empty();
    rows.programs.push(of_person("anna", answer));
    let section = assemble(&rows);
    // What would turn the text around on a screen is kept: it is escaped where it is shown.
    assert_eq!(names(&section), [("Müsik \u{202e}exe.piz\u{7}", "anna")]);
    assert_eq!(
        section.packages[0].installed_at.unwrap().seconds,
        1_709_280_000
    );
    assert!(!format!("{section:?}").contains("secret"));
    assert_eq!(section.status(), Status::Complete);
}

#[test]
fn a_damaged_hive_is_said_and_hides_nobody_else() {
    let whole = Tree::key("ROOT")
        .with(Tree::key("Uninstall").under(r"Software\Microsoft\Windows\CurrentVersion"))
        .hive();
    let mut rows = empty();
    for (user, bytes) in [
        ("cut", &whole[..4200]),
        ("text", b"WINE REGISTRY".as_slice()),
    ] {
        let (answer, _) = profiles::below(bytes, programs::KEY, &programs::VALUES);
        rows.programs.push(of_person(user, answer));
    }
    rows.programs
        .push(of_person("open", Ok(Below::of([program("a", "A")]))));
    rows.programs[4].remark = "was not closed properly".into();
    let section = assemble(&rows);
    assert_eq!(names(&section), [("A", "open")]);
    assert_eq!(section.status(), Status::Partial);
    let reasons: Vec<_> = section
        .diagnostics
        .iter()
        .map(|one| one.reason.as_str())
        .collect();
    assert!(
        reasons[0].contains("is damaged: the file is cut off"),
        "{reasons:?}"
    );
    assert!(reasons[1].contains("is no registry hive"), "{reasons:?}");
    assert!(reasons[2].contains("not closed properly"), "{reasons:?}");
}

#[test]
fn apps_that_everyone_gets_are_the_machines_and_the_rest_their_holders() {
    let key = |names: &[&str]| Ok(Below::of(names.iter().map(|name| Row::named(*name))));
    let calculator = "Microsoft.WindowsCalculator_11.2307.4.0_x64__8wekyb3d8bbwe";
    let mut rows = empty();
    rows.profiles = Ok(vec![
        person("S-1-5-21-7", "anna"),
        person("S-1-5-21-8", "bert"),
    ]);
    rows.apps = apps::Rows {
        provisioned: key(&[
            "Microsoft.WindowsCalculator_2023.2307.4.0_neutral_~_8wekyb3d8bbwe",
            "Microsoft.Paint_2024.1.0.0_neutral_~_8wekyb3d8bbwe",
        ]),
        inbox: key(&[
            "Microsoft.LockApp_10.0.22621.1_neutral__cw5n1h2txyewy",
            "no package",
        ]),
        people: vec![
            (
                "S-1-5-21-7".into(),
                key(&[
                    calculator,
                    "Microsoft.WindowsCalculator_2023.2307.4.0_neutral_~_8wekyb3d8bbwe",
                    "Microsoft.WindowsCalculator_11.2307.4.0_neutral_split.language-de_8wekyb3d8bbwe",
                    "5319275A.WhatsAppDesktop_2.2401.4.0_x64__cv1g1gvanyjgm",
                    "Microsoft.VCLibs.140.00_14.0.32530.0_x64__8wekyb3d8bbwe",
                ]),
            ),
            ("S-1-5-21-8".into(), key(&[calculator])),
        ],
    };
    let section = assemble(&rows);
    assert_eq!(
        names(&section),
        [
            ("5319275A.WhatsAppDesktop", "anna"),
            ("Microsoft.LockApp", ""),
            ("Microsoft.Paint", ""),
            ("Microsoft.VCLibs.140.00", "anna"),
            ("Microsoft.WindowsCalculator", ""),
        ]
    );
    let hidden = |name| package(&section, name).system_component;
    assert!(hidden("Microsoft.LockApp") && hidden("Microsoft.VCLibs.140.00"));
    assert!(!hidden("Microsoft.WindowsCalculator"));
    assert_eq!(
        package(&section, "Microsoft.WindowsCalculator").version,
        "11.2307.4.0"
    );
}

#[test]
fn updates_are_listed_once_with_their_dates() {
    let update = |id: &str, on: &str| {
        Row::of([
            ("HotFixID", id),
            ("Description", "Sicherheitsupdate"),
            ("InstalledOn", on),
        ])
    };
    let mut rows = empty();
    rows.updates.listed = Ok(vec![
        update("KB5034441", "3/4/2024"),
        update("KB5034441", "3/4/2024"),
        update("File 1", "").with("ServicePackInEffect", "KB961118-v4"),
        update("", ""),
    ]);
    let section = assemble(&rows);
    assert_eq!(names(&section), [("KB5034441", ""), ("KB961118-v4", "")]);
    let update = package(&section, "KB5034441");
    assert_eq!(update.installed_at.unwrap().seconds, 1_709_510_400);
    assert_eq!(
        (update.source(), update.title.as_str()),
        (Source::Hotfix, "Sicherheitsupdate")
    );
}

#[test]
fn the_servicing_stack_tells_updates_where_wmi_does_not_and_that_is_said() {
    let package = |name: &str, state: u32| {
        Row::named(name)
            .with("CurrentState", state)
            .with("InstallTimeHigh", 31_090_000_u32)
            .with("InstallTimeLow", 0_u32)
    };
    let mut rows = empty();
    rows.updates = updates::Rows {
        listed: Err(Unread::Late { seconds: 15 }),
        serviced: Some(Ok(Below::of([
            package(
                "Package_for_KB5034441~31bf3856ad364e35~amd64~~22621.3007.1.1",
                0x70,
            ),
            package(
                "Package_for_KB4000000~31bf3856ad364e35~amd64~~1.0.0.0",
                0x50,
            ),
            package(
                "Package_for_RollupFix~31bf3856ad364e35~amd64~~22621.3007.1.10",
                0x70,
            ),
        ]))),
    };
    let section = assemble(&rows);
    assert_eq!(names(&section), [("KB5034441", ""), ("RollupFix", "")]);
    assert_eq!(section.packages[0].version, "22621.3007.1.1");
    assert_eq!(section.packages[0].architecture, "amd64");
    assert_eq!(section.status(), Status::Partial);
    let diagnostic = &section.diagnostics[0];
    assert_eq!(diagnostic.source, r"root\cimv2:Win32_QuickFixEngineering");
    assert!(
        diagnostic
            .reason
            .starts_with("gave no answer within 15 seconds")
    );
}

#[test]
fn a_system_that_answers_nothing_is_unreadable_and_never_empty_and_complete() {
    let rows = Rows {
        programs: vec![
            of_machine("x64", Err(Unread::Absent)),
            of_machine("x86", Err(Unread::Absent)),
            of_person("anna", Err(Unread::Denied)),
        ],
        products: vec![("S-1-5-18".into(), Err(Unread::Denied))],
        apps: apps::Rows {
            provisioned: Err(Unread::Absent),
            inbox: Err(Unread::Absent),
            people: Vec::new(),
        },
        updates: updates::Rows {
            listed: Err(Unread::Absent),
            serviced: Some(Err(Unread::Absent)),
        },
        profiles: Err(Unread::Denied),
    };
    let section = assemble(&rows);
    assert_eq!(section.status(), Status::Unreadable);
    assert_eq!(section.diagnostics.len(), 7, "{:?}", section.diagnostics);
}

#[test]
fn each_missing_source_alone_makes_the_section_partial() {
    let breaks: [fn(&mut Rows); 6] = [
        |rows| rows.programs[0].answer = Err(Unread::Absent),
        |rows| rows.programs[1].answer = Err(Unread::Denied),
        |rows| rows.products.push(("S-1-5-18".into(), Err(Unread::Denied))),
        |rows| rows.apps.provisioned = Err(Unread::Absent),
        |rows| rows.updates.listed = Err(Unread::Absent),
        |rows| rows.profiles = Err(Unread::Absent),
    ];
    for (number, break_one) in breaks.into_iter().enumerate() {
        let mut rows = empty();
        break_one(&mut rows);
        assert_eq!(assemble(&rows).status(), Status::Partial, "{number}");
    }
}

#[test]
fn one_person_cannot_crowd_out_the_others() {
    let many = (0..5000).map(|number| program(&format!("{number}"), &"x".repeat(9000)));
    let mut rows = empty();
    rows.programs.push(of_person("anna", Ok(Below::of(many))));
    rows.programs
        .push(of_person("bert", Ok(Below::of([program("b", "B")]))));
    let section = assemble(&rows);
    assert_eq!(section.packages.len(), PERSONAL_ITEMS + 1);
    assert!(
        section
            .packages
            .iter()
            .all(|one| one.name.len() <= PERSONAL_TEXT)
    );
    assert!(section.diagnostics[0].reason.contains("5000 programs"));
}

#[test]
fn values_too_long_and_halves_of_characters_are_said() {
    let mut rows = empty();
    let long = program("long", "L\u{fffd}ng").with("Publisher", Value::TooLong(90_000));
    rows.programs[0].answer = Ok(Below {
        unread: vec![("locked".into(), Unread::Denied)],
        ..Below::of([long])
    });
    let section = assemble(&rows);
    let text = format!("{:?}", section.diagnostics);
    assert!(text.contains("its value Publisher is too long"), "{text}");
    assert!(text.contains("no UTF-16"), "{text}");
    assert!(text.contains("a program may be missing"), "{text}");
    assert_eq!(section.status(), Status::Partial);
}
