use freehold_proto::v1::{
    Accounts, Diagnostic, Software, accounts, readings, section::Status, software,
};
use proptest::prelude::*;
use prost::Message;

use super::*;
use crate::change::schema::message_of;

fn software(packages: Vec<software::Package>) -> Software {
    Software {
        status: Status::Complete.into(),
        packages,
        ..Software::default()
    }
}

fn named(name: &str) -> software::Package {
    software::Package {
        name: name.to_owned(),
        ..software::Package::default()
    }
}

fn announced(body: &[u8]) -> (UploadHeader, Vec<u8>) {
    let frame = zstd::bulk::compress(body, 3).unwrap();
    let header = UploadHeader {
        kind: Kind::Software.into(),
        digest: Digest::of(body).as_bytes().to_vec(),
        age_ms: 1000,
        size: body.len() as u64,
        compressed_size: frame.len() as u64,
        sequence: 1,
    };
    (header, frame)
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Rejection>, field: &str, reason: &str) {
    match result.unwrap_err() {
        Rejection::Field {
            field: found,
            reason: why,
        } => {
            assert_eq!(found, field);
            assert!(why.contains(reason), "{why}");
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_good_section_passes() {
    let body = software(vec![named("curl"), named("<b>\u{202e}\u{7}")]).encode_to_vec();
    let (announced, frame) = announced(&body);
    let checked = header(&announced).unwrap();
    let (found, content) = section(&checked, &frame).unwrap();
    assert_eq!(found, body);
    assert_eq!(
        content,
        Content {
            status: 1,
            items: 2
        }
    );
}

#[test]
fn a_time_that_no_calendar_has_is_refused() {
    let with = |seconds, nanos| {
        let package = software::Package {
            installed_at: Some(prost_types::Timestamp { seconds, nanos }),
            ..named("curl")
        };
        let body = software(vec![package]).encode_to_vec();
        let (announced, frame) = announced(&body);
        section(&header(&announced).unwrap(), &frame)
    };
    let (first, last) = (*limits::TIMES.start(), *limits::TIMES.end());
    for (seconds, nanos) in [(first, 0), (-1, 999_999_999), (last, 999_999_999)] {
        with(seconds, nanos).unwrap();
    }
    for (seconds, nanos) in [
        (first - 1, 0),
        (last + 1, 0),
        (i64::MIN, 0),
        (i64::MAX, 0),
        (0, -1),
        (0, 1_000_000_000),
    ] {
        let field = "software.packages[0].installed_at";
        refused(with(seconds, nanos), field, "years 1 to 9999");
    }
}

#[test]
fn each_field_of_a_header_is_checked() {
    let (good, _) = announced(&software(vec![]).encode_to_vec());
    let with = |change: &dyn Fn(&mut UploadHeader)| {
        let mut wrong = good.clone();
        change(&mut wrong);
        header(&wrong)
    };
    header(&good).unwrap();
    refused(with(&|h| h.kind = 0), "header.kind", "no section");
    refused(with(&|h| h.kind = 9), "header.kind", "no section");
    refused(
        with(&|h| h.digest.truncate(31)),
        "header.digest",
        "31 bytes",
    );
    refused(with(&|h| h.size = 0), "header.size", "between 1");
    refused(
        with(&|h| h.size = limits::SECTION_BYTES + 1),
        "header.size",
        "between 1",
    );
    refused(
        with(&|h| h.compressed_size = 0),
        "header.compressed_size",
        "between 1",
    );
    refused(
        with(&|h| h.compressed_size = u64::MAX),
        "header.compressed_size",
        "between 1",
    );
    refused(with(&|h| h.sequence = 0), "header.sequence", "between 1");
    refused(
        with(&|h| h.sequence = u64::MAX),
        "header.sequence",
        "between 1",
    );
    refused(with(&|h| h.age_ms = u64::MAX), "header.age_ms", "400 days");
    let bomb = |h: &mut UploadHeader| (h.compressed_size, h.size) = (100, 20_001);
    refused(with(&bomb), "header.size", "200 times");
}

#[test]
fn a_frame_must_be_what_its_header_says() {
    let body = software(vec![named("curl")]).encode_to_vec();
    let (announced, frame) = announced(&body);
    let good = header(&announced).unwrap();
    let other = Header {
        digest: Digest::of(b"other"),
        ..good
    };
    refused(section(&other, &frame), "header.digest", "does not match");
    let longer = Header {
        size: body.len() + 1,
        ..good
    };
    refused(section(&longer, &frame), "header.size", "announced as");
    let shorter = Header {
        size: body.len() - 1,
        ..good
    };
    assert!(section(&shorter, &frame).is_err());
    refused(
        section(&good, b"no frame at all"),
        "chunk",
        "not a zstd frame",
    );
    refused(
        section(&good, &frame[..frame.len() - 1]),
        "chunk",
        "not a zstd frame",
    );
}

#[test]
fn a_bomb_does_not_get_more_memory_than_it_announced() {
    let frame = zstd::bulk::compress(&vec![0; 64 * 1024 * 1024], 3).unwrap();
    let bomb = Header {
        kind: Kind::Software,
        digest: Digest::of(b""),
        age: Duration::ZERO,
        size: 1000,
        compressed_size: frame.len(),
        sequence: 1,
    };
    assert!(section(&bomb, &frame).is_err());
}

#[test]
fn a_section_without_status_is_refused() {
    let mut body = software(vec![]);
    body.status = 0;
    refused(
        content(Kind::Software, &body.encode_to_vec()),
        "software.status",
        "missing",
    );
    refused(content(Kind::Software, &[]), "software.status", "missing");
}

#[test]
fn strings_are_bounded_and_utf8() {
    let body = software(vec![named("a"), named(&"x".repeat(4097))]).encode_to_vec();
    refused(
        content(Kind::Software, &body),
        "software.packages[1].name",
        "4097 bytes, at most 4096",
    );
    let mut body = software(vec![named("????")]).encode_to_vec();
    let at = body
        .windows(4)
        .position(|window| window == b"????")
        .unwrap();
    body[at] = 0xff;
    refused(
        content(Kind::Software, &body),
        "software.packages[0].name",
        "not UTF-8",
    );
}

#[test]
fn items_of_all_lists_are_counted_together() {
    let mut packages: Vec<u8> = vec![0x08, 0x01];
    for _ in 0..limits::SECTION_ITEMS {
        packages.extend([0x1a, 0x00]);
    }
    let content_of = |body: &[u8]| content(Kind::Software, body);
    assert_eq!(content_of(&packages).unwrap().items, 200_000);
    packages.extend([0x1a, 0x00]);
    refused(
        content_of(&packages),
        "software.packages[200000]",
        "more than 200000 items",
    );

    let group = accounts::Group {
        members: vec!["anna".to_owned(); limits::SECTION_ITEMS],
        ..accounts::Group::default()
    };
    let body = Accounts {
        status: 1,
        groups: vec![group],
        ..Accounts::default()
    }
    .encode_to_vec();
    refused(
        content(Kind::Accounts, &body),
        "accounts.groups[0]",
        "more than 200000 items",
    );
}

#[test]
fn diagnostics_are_no_items() {
    let mut section = software(vec![named("a")]);
    section.diagnostics = vec![Diagnostic::default(); 3];
    assert_eq!(
        content(Kind::Software, &section.encode_to_vec())
            .unwrap()
            .items,
        1
    );
}

#[test]
fn fields_of_newer_agents_pass() {
    let mut body = software(vec![named("a")]).encode_to_vec();
    body.extend([0xf8, 0x7f, 0x07, 0xfa, 0x7f, 0x02, 0xff, 0xff]);
    content(Kind::Software, &body).unwrap();
    refused(
        content(Kind::Software, &[0x08, 0x01, 0x1a, 0x09]),
        "software",
        "ends in the middle",
    );
    refused(
        content(Kind::Software, &[0x0a, 0x00]),
        "software.status",
        "not of the type",
    );
}

#[test]
fn check_ins_are_checked() {
    let good = SectionSummary {
        kind: 3,
        digest: vec![1; 16],
        age_ms: 5,
    };
    assert_eq!(summaries(std::slice::from_ref(&good)).unwrap().len(), 1);
    let newer = SectionSummary {
        kind: 99,
        ..good.clone()
    };
    assert_eq!(summaries(&[newer, good.clone()]).unwrap().len(), 1);
    let short = SectionSummary {
        digest: vec![1; 5],
        ..good.clone()
    };
    refused(
        summaries(&[good.clone(), short]),
        "sections[1].digest",
        "5 bytes",
    );
    refused(
        summaries(&[good.clone(), good.clone()]),
        "sections[1].kind",
        "once",
    );
    refused(summaries(&vec![good; 65]), "sections", "65 entries");
}

#[test]
fn links_are_checked() {
    let good = ChainLink {
        counter: 1,
        previous: vec![],
        next: vec![7; 16],
    };
    assert_eq!(link(Some(&good)).unwrap().next, [7; 16]);
    refused(link(None), "chain", "missing");
    let zero = ChainLink {
        counter: 0,
        ..good.clone()
    };
    refused(link(Some(&zero)), "chain.counter", "number 1");
    let previous = ChainLink {
        previous: vec![0; 15],
        ..good.clone()
    };
    refused(link(Some(&previous)), "chain.previous", "15 bytes");
    let next = ChainLink {
        next: vec![],
        ..good
    };
    refused(link(Some(&next)), "chain.next", "0 bytes");
}

#[test]
fn readings_and_versions_are_bounded() {
    let neighbour = readings::Neighbour {
        maker: "x".repeat(100),
        ..readings::Neighbour::default()
    };
    let many = Readings {
        neighbours: vec![neighbour; 1000],
        ..Readings::default()
    };
    refused(readings(&many), "readings", "at most 65536");
    assert_eq!(agent_version(&"ä".repeat(100)).len(), 64);
    assert_eq!(agent_version("1.0"), "1.0");
    refused(csr(&[]), "csr", "0 bytes");
    refused(credentials_digest(&[1]), "credentials_digest", "1 bytes");
    refused(
        credentials_digest(&[1; 32]),
        "credentials_digest",
        "32 bytes",
    );
    assert_eq!(credentials_digest(&[]).unwrap(), None);
    assert_eq!(credentials_digest(&[1; 16]).unwrap(), Some([1; 16]));
}

fn decodes(kind: Kind, body: &[u8]) -> bool {
    prost_reflect::DynamicMessage::decode(message_of(kind).unwrap(), body).is_ok()
}

proptest! {
    #[test]
    fn whatever_passes_can_be_decoded(body in prop::collection::vec(any::<u8>(), 0..400), kind in 1..9_i32) {
        let kind = Kind::try_from(kind).unwrap();
        if content(kind, &body).is_ok() {
            prop_assert!(decodes(kind, &body));
        }
    }

    #[test]
    fn damaged_sections_that_pass_can_be_decoded(
        names in prop::collection::vec(".{0,20}", 0..10),
        at: prop::sample::Index,
        byte: u8,
    ) {
        let mut body = software(names.iter().map(|name| named(name)).collect()).encode_to_vec();
        let at = at.index(body.len());
        body[at] = byte;
        if content(Kind::Software, &body).is_ok() {
            prop_assert!(decodes(Kind::Software, &body));
            prop_assert!(Software::decode(body.as_slice()).is_ok());
        }
    }

    #[test]
    fn any_frame_is_a_section_or_refused(frame in prop::collection::vec(any::<u8>(), 1..200)) {
        let any = Header {
            kind: Kind::Software,
            digest: Digest::of(b""),
            age: Duration::ZERO,
            size: 100,
            compressed_size: frame.len(),
            sequence: 1,
        };
        prop_assert!(section(&any, &frame).is_err());
    }
}
