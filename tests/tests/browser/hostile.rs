//! What computers say about themselves is inert in a real browser, on every page.

use freehold_agent::snapshot::Collected;
use freehold_proto::{DESCRIPTOR_SET, v1::section::Kind};
use freehold_tests::machine::{now_ms, section};
use prost_reflect::{DescriptorPool, DynamicMessage, Kind as FieldKind, MessageDescriptor, Value};

use crate::office::{Office, unfold};

const NAMES: [&str; 8] = [
    "System",
    "Hardware",
    "Software",
    "Antivirus",
    "Accounts",
    "Network",
    "Services",
    "Protection",
];

/// Stands for a text as long as one may be, without a space in it.
const LONG: &str = "long";

/// A message in which every string is hostile.
fn poisoned(descriptor: &MessageDescriptor, text: &mut dyn FnMut() -> String) -> DynamicMessage {
    let mut message = DynamicMessage::new(descriptor.clone());
    for field in descriptor.fields() {
        let value = match field.kind() {
            FieldKind::String => Value::String(text()),
            FieldKind::Message(inner) if inner.full_name() == "google.protobuf.Timestamp" => {
                let mut time = DynamicMessage::new(inner);
                time.set_field_by_name("seconds", Value::I64(now_ms() / 1000));
                Value::Message(time)
            }
            FieldKind::Message(inner) => Value::Message(poisoned(&inner, text)),
            FieldKind::Enum(_) => Value::EnumNumber(1),
            FieldKind::Uint64 => Value::U64(7),
            FieldKind::Uint32 => Value::U32(7),
            FieldKind::Bool => Value::Bool(true),
            other => panic!("a new kind of field: {other:?}"),
        };
        let value = if field.is_list() {
            Value::List(vec![value])
        } else {
            value
        };
        message.set_field(&field, value);
    }
    message
}

fn sections(text: &mut dyn FnMut() -> String) -> Vec<Collected> {
    let pool = DescriptorPool::decode(DESCRIPTOR_SET).expect("the schema");
    let kinds = (1..).map_while(|number| Kind::try_from(number).ok());
    NAMES
        .into_iter()
        .zip(kinds)
        .map(|(name, kind)| {
            let descriptor = pool.get_message_by_name(&format!("freehold.v1.{name}"));
            section(kind, &poisoned(&descriptor.expect("a section"), text))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_are_programs_run_nowhere() {
    let Some(mut office) = Office::open().await else {
        return;
    };
    let texts = [
        "<script>hit=1</script><img src=x onerror=hit=2><svg onload=hit=3>\"'`</textarea></title>",
        "\u{202e}gpj.exe\u{2066}\u{200b}",
        "=HYPERLINK(\"http://evil.example\")",
        "javascript:hit=4//{{7*7}}${7*7}",
        LONG,
    ];
    for text in texts {
        // What compresses too well would not even be taken in: each long text is another one.
        let mut words = || match text {
            LONG => (0..1300)
                .map(|_| format!("{}\u{301}", rand::random_range('a'..='z')))
                .collect(),
            text => text.to_owned(),
        };
        let name: String = words().chars().take(60).collect();
        let mut machine = office.collector.machine(&name).await;
        machine
            .report(&sections(&mut words))
            .await
            .expect("it is kept");
        let computer = format!("/computers/{}", machine.id);
        let mut paths = ["/", "/computers", "/changes", "/add", &computer]
            .map(str::to_owned)
            .to_vec();
        paths.push(format!("{computer}/changes"));
        paths.push(format!("{computer}/revoke"));
        let names = NAMES.map(|name| format!("{computer}/sections/{}", name.to_lowercase()));
        paths.extend(names);
        office.chromium.resize(360).await;
        for path in paths {
            office.show(&path).await;
            let chromium = &mut office.chromium;
            unfold(chromium).await;
            assert_eq!(
                chromium.evaluate("typeof hit").await,
                "undefined",
                "{path} ran {text}"
            );
            assert_eq!(chromium.complaints(), Vec::<String>::new(), "{path}");
            // Nothing but what our templates hold: our script, no picture, no link that leaves.
            let foreign = "document.scripts.length - 1 + document.images.length \
                + [...document.links].filter(it => it.origin !== location.origin).length";
            assert_eq!(chromium.evaluate(foreign).await, 0, "{path}");
            let turned = r"/[\u202a-\u202e\u2066-\u2069\u200b]/.test(document.body.innerText)";
            assert_eq!(
                chromium.evaluate(turned).await,
                false,
                "{path} turns its text around"
            );
            let wide = chromium
                .evaluate("document.documentElement.scrollWidth")
                .await;
            assert!(
                wide.as_u64() <= Some(360),
                "{path} is {wide} px wide with {name}"
            );
        }
    }
}
