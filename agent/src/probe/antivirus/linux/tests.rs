use freehold_proto::v1::section::Status;

use super::*;
use crate::parse::cvd::HEADER_BYTES;
use crate::probe::fixture::root_with;

const STATUS: &str = "Package: clamav-daemon\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0.7+dfsg-1~deb12u1\n\n\
    Package: falcon-sensor\nStatus: install ok half-configured\nArchitecture: amd64\nVersion: 7.14.0-16703\n\n\
    Package: mdatp\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 1\n";

fn collect_with(files: &[(&str, &[u8])]) -> Antivirus {
    let (_directory, root) = root_with(files);
    collect(&root)
}

fn header(version: u32, built: i64) -> Vec<u8> {
    let mut bytes =
        format!("ClamAV-VDB:16 Sep 2024 08-02 -0400:{version}:9:90:md5:sig:builder:{built}")
            .into_bytes();
    bytes.resize(HEADER_BYTES, b' ');
    bytes.extend_from_slice(&[0x1f, 0x8b, 0]);
    bytes
}

/// A scene as on a running machine, with these processes.
fn product_with(files: &[(&str, &[u8])], processes: &[&str]) -> Product {
    let (_directory, root) = root_with(files);
    let mut diagnostics = Diagnostics::new();
    let mut scene = Scene::read(&root, &mut diagnostics);
    scene.processes = Some(Running::named(processes));
    let mut found = CATALOGUE
        .iter()
        .filter_map(|entry| scene.product(entry, &mut diagnostics));
    found.next().unwrap()
}

#[test]
fn nothing_found_is_certain_when_everything_was_read() {
    let antivirus = collect_with(&[("/var/lib/dpkg/status", b"")]);
    assert_eq!(
        (antivirus.status(), antivirus.products.len()),
        (Status::Complete, 0)
    );
}

#[test]
fn nothing_found_where_nothing_could_tell_is_not_known() {
    for (file, status) in [
        ("/etc/hostname", Status::Partial),
        ("/x", Status::Unreadable),
    ] {
        let antivirus = collect_with(&[(file, b"")]);
        assert_eq!(antivirus.status(), status, "{file}");
        assert_eq!(antivirus.diagnostics[0].source, "package databases");
    }
}

#[test]
fn packages_files_and_units_each_show_a_product() {
    let antivirus = collect_with(&[
        ("/var/lib/dpkg/status", STATUS.as_bytes()),
        ("/var/lib/dpkg/info/clamav-daemon.list", b""),
        ("/var/lib/dpkg/info/falcon-sensor.list", b""),
        ("/var/lib/dpkg/info/mdatp.list", b""),
        ("/opt/sentinelone/bin/sentinelctl", b""),
        ("/usr/lib/systemd/system/kesl.service", b"[Unit]\n"),
    ]);
    let found: Vec<_> = antivirus
        .products
        .iter()
        .map(|product| {
            (
                product.name.as_str(),
                product.source.as_str(),
                product.version.as_str(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("ClamAV", "package clamav-daemon", "1.0.7+dfsg-1~deb12u1"),
            (
                "CrowdStrike Falcon",
                "package falcon-sensor",
                "7.14.0-16703"
            ),
            (
                "Kaspersky Endpoint Security for Linux",
                "/usr/lib/systemd/system/kesl.service",
                ""
            ),
            ("SentinelOne", "/opt/sentinelone/bin/sentinelctl", ""),
        ]
    );
    // Another root has no processes.
    let modes: Vec<_> = antivirus
        .products
        .iter()
        .map(Product::running_mode)
        .collect();
    assert_eq!(modes[1..], [RunningMode::Unknown; 3]);
    assert!(antivirus.products[1].problem.contains("half installed"));
}

#[test]
fn a_process_alone_shows_a_product() {
    let product = product_with(&[], &["wdavdaemon"]);
    assert_eq!(product.name, "Microsoft Defender for Endpoint");
    assert_eq!(product.running_mode(), RunningMode::Active);
    assert_eq!(product.real_time_protection(), State::Unknown);
    assert_eq!(product.services, ["process wdavdaemon: running"]);
}

#[test]
fn a_product_that_does_not_run_is_listed_as_exactly_that() {
    let unit = ("/usr/lib/systemd/system/mdatp.service", &b""[..]);
    let enabled = (
        "/etc/systemd/system/multi-user.target.wants/mdatp.service",
        &b""[..],
    );
    let product = product_with(&[unit, enabled], &[]);
    assert_eq!(product.running_mode(), RunningMode::Stopped);
    assert_eq!(product.real_time_protection(), State::Off);
    assert_eq!(
        product.problem,
        "the service mdatp.service does not run, although it is enabled"
    );
    assert_eq!(product.services, ["mdatp.service: stopped, enabled"]);
    let product = product_with(&[unit], &[]);
    assert_eq!(
        product.problem,
        "the service mdatp.service does not run, and it is not enabled"
    );
}

#[test]
fn a_masked_service_is_said_to_be_masked() {
    let (directory, root) = root_with(&[("/usr/lib/systemd/system/mdatp.service", b"")]);
    std::fs::create_dir_all(directory.path().join("etc/systemd/system")).unwrap();
    let link = directory.path().join("etc/systemd/system/mdatp.service");
    std::os::unix::fs::symlink("/dev/null", link).unwrap();
    let antivirus = collect(&root);
    assert_eq!(
        antivirus.products[0].services,
        ["mdatp.service: not known, masked"]
    );
    let mut diagnostics = Diagnostics::new();
    let mut scene = Scene::read(&root, &mut diagnostics);
    scene.processes = Some(Running::named(&[]));
    let mut found = CATALOGUE
        .iter()
        .filter_map(|entry| scene.product(entry, &mut diagnostics));
    assert_eq!(
        found.next().unwrap().problem,
        "the service mdatp.service does not run, and it is masked"
    );
}

#[test]
fn a_product_left_behind_as_configuration_is_not_installed() {
    let antivirus = collect_with(&[
        ("/var/lib/dpkg/status", STATUS.as_bytes()),
        ("/var/lib/dpkg/info/mdatp.list", b""),
    ]);
    assert_eq!(antivirus.products.len(), 0);
}

#[test]
fn clamav_without_a_daemon_scans_on_demand() {
    let product = product_with(&[("/usr/bin/clamscan", b"")], &["freshclam"]);
    assert_eq!(product.running_mode(), RunningMode::OnDemand);
    assert_eq!(product.real_time_protection(), State::Off);
    assert_eq!(
        product.problem,
        "there are no signatures in /var/lib/clamav"
    );
}

#[test]
fn signatures_of_others_are_told_and_do_not_pass_for_the_makers() {
    let product = product_with(
        &[
            ("/usr/bin/clamscan", b""),
            ("/var/lib/clamav/office.cud", &header(7, 1_726_488_153)),
            ("/var/lib/clamav/a.ndb", b"x"),
            ("/var/lib/clamav/b.yara", b"x"),
            ("/var/lib/clamav/freshclam.dat", b"x"),
        ],
        &[],
    );
    assert_eq!(product.signature_version, "office 7, 2 other files");
    assert_eq!(product.signatures_at.unwrap().seconds, 1_726_488_153);
    assert_eq!(
        product.problem,
        "only signatures of others than its maker are in /var/lib/clamav"
    );
}

#[test]
fn two_products_at_once_are_both_listed() {
    let antivirus = collect_with(&[
        ("/usr/bin/clamscan", b""),
        ("/opt/microsoft/mdatp/sbin/x", b""),
    ]);
    let names: Vec<_> = antivirus
        .products
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(names, ["ClamAV", "Microsoft Defender for Endpoint"]);
}

#[test]
fn a_product_tells_about_itself_in_its_files() {
    let antivirus = collect_with(&[
        (
            "/opt/sophos-spl/base/VERSION.ini",
            b"PRODUCT_NAME = SPL-Base\nPRODUCT_VERSION = 1.2.3.4\n",
        ),
        (
            "/opt/sophos-spl/plugins/av/VERSION.ini",
            b"PRODUCT_VERSION = 1.1.9\n",
        ),
        ("/var/lib/dpkg/status", b""),
    ]);
    let sophos = &antivirus.products[0];
    assert_eq!(
        (sophos.version.as_str(), sophos.engine_version.as_str()),
        ("1.2.3.4", "1.1.9")
    );
    assert_eq!(antivirus.status(), Status::Complete);
}

#[test]
fn clamav_protects_in_real_time_with_daemon_and_scanner() {
    let unit = ("/lib/systemd/system/clamav-daemon.service", &b""[..]);
    for (processes, mode, real_time) in [
        (&["clamd", "clamonacc"][..], RunningMode::Active, State::On),
        (&["clamd"], RunningMode::Active, State::Off),
        (
            &["clamonacc", "freshclam"],
            RunningMode::Stopped,
            State::Off,
        ),
        (&[], RunningMode::Stopped, State::Off),
    ] {
        let product = product_with(&[unit], processes);
        assert_eq!(
            (product.running_mode(), product.real_time_protection()),
            (mode, real_time),
            "{processes:?}"
        );
    }
}

#[test]
fn clamav_tells_versions_and_time_of_its_signatures() {
    let product = product_with(
        &[
            ("/usr/bin/clamscan", b""),
            (
                "/etc/clamav/freshclam.conf",
                b"# x\nDatabaseDirectory /srv/clam/\n",
            ),
            ("/srv/clam/daily.cvd", &header(27_399, 1)),
            ("/srv/clam/daily.cld", &header(27_400, 1_726_488_153)),
            ("/srv/clam/main.cvd", &header(62, 1_600_000_000)),
            ("/srv/clam/bytecode.cvd", &header(335, 1_700_000_000)),
        ],
        &[],
    );
    assert_eq!(
        product.signature_version,
        "daily 27400, main 62, bytecode 335"
    );
    assert_eq!(product.signatures_at.unwrap().seconds, 1_726_488_153);
    assert_eq!(product.problem, "");
}

#[test]
fn damaged_signatures_are_a_problem_of_the_product() {
    let mut cut = header(27_400, 1_726_488_153);
    cut.truncate(HEADER_BYTES);
    let product = product_with(
        &[
            ("/usr/bin/clamscan", b""),
            ("/var/lib/clamav/daily.cvd", b"<html>not found</html>"),
            ("/var/lib/clamav/main.cvd", &cut),
        ],
        &[],
    );
    assert!(
        product.problem.contains("daily.cvd is no ClamAV database"),
        "{}",
        product.problem
    );
    assert!(
        product.problem.contains("main.cvd ends after its header"),
        "{}",
        product.problem
    );
    assert!(
        product.problem.contains("there are no signatures"),
        "{}",
        product.problem
    );
    assert_eq!(product.signatures_current(), State::Off);
}

#[test]
fn signatures_that_cannot_be_read_are_noted() {
    // A folder in place of a file can be read by nobody.
    let antivirus = collect_with(&[
        ("/usr/bin/clamscan", b""),
        ("/var/lib/clamav/daily.cvd/x", b""),
        ("/var/lib/dpkg/status", b""),
    ]);
    assert_eq!(antivirus.status(), Status::Partial);
    assert_eq!(antivirus.diagnostics[0].source, "/var/lib/clamav/daily.cvd");
    assert_eq!(antivirus.products[0].problem, "");
    assert_eq!(antivirus.products[0].signatures_current(), State::Unknown);
}

#[test]
fn ages_of_signatures_are_whole_hours() {
    let built = clamav_now() - 5 * 3600 - 1800;
    let (_directory, root) = root_with(&[("/var/lib/clamav/daily.cld", &header(1, built))]);
    let ages = signature_ages(&root);
    assert_eq!((ages[0].product.as_str(), ages[0].hours), ("ClamAV", 5));
    let (_directory, empty) = root_with(&[]);
    assert!(signature_ages(&empty).is_empty());
}

fn clamav_now() -> i64 {
    crate::probe::section::timestamp(std::time::SystemTime::now()).seconds
}
