use super::*;
use crate::alert::time_of_day::OnTheWall;

fn draft() -> Draft {
    Draft {
        host: "mail.example.com".into(),
        security: "tls".into(),
        user: "practice".into(),
        password: "secret".to_owned().into(),
        from: "Freehold <freehold@example.com>".into(),
        to: "olivia@example.com, carl@example.com".into(),
        severity: "plan".into(),
        ..Draft::default()
    }
}

fn checked(draft: Draft, present: &Settings) -> Result<Settings, SettingsError> {
    draft.check(present, || "new".to_owned().into())
}

#[test]
fn settings_survive_being_stored() {
    let draft = Draft {
        url: "https://hooks.example.com/secret".into(),
        quiet_from: "20:00".into(),
        quiet_until: "06:30".into(),
        summary_at: "07:15".into(),
        ..draft()
    };
    let settings = checked(draft, &Settings::default()).unwrap();
    assert_eq!(Settings::of(&settings.record()).record(), settings.record());
    let mail = settings.mail.as_ref().unwrap();
    assert_eq!((mail.port, mail.to.len()), (465, 2));
    let said = format!("{settings:?} {:?} {}", settings.record(), settings.brief());
    assert!(!said.contains("secret"), "{said}");
}

#[test]
fn a_password_goes_to_the_server_it_was_given_for_alone() {
    let present = checked(draft(), &Settings::default()).unwrap();
    let again = |change: fn(&mut Draft)| {
        let mut draft = Draft {
            password: SecretString::default(),
            ..draft()
        };
        change(&mut draft);
        checked(draft, &present)
    };
    let kept = again(|_| {}).unwrap().mail.unwrap();
    assert_eq!(kept.password.expose_secret(), "secret");
    for change in [
        (|draft: &mut Draft| draft.host = "mail.evil.example".into()) as fn(&mut Draft),
        |draft| draft.port = "2525".into(),
        |draft| draft.security = "starttls".into(),
        |draft| draft.user = "other".into(),
    ] {
        assert_eq!(again(change).unwrap_err(), SettingsError::Password);
    }
    let readable = again(|draft| draft.security = "none".into());
    assert_eq!(readable.unwrap_err(), SettingsError::Readable);
}

#[test]
fn a_new_address_of_a_program_gets_a_new_secret() {
    let with = |url: &str, present: &Settings| {
        let draft = Draft {
            url: url.to_owned(),
            ..draft()
        };
        checked(draft, present).map(|settings| settings.webhook.unwrap())
    };
    let one = with("https://one.example/", &Settings::default()).unwrap();
    let present = Settings {
        webhook: Some(Webhook {
            secret: "old".to_owned().into(),
            ..one
        }),
        ..Settings::default()
    };
    assert_eq!(
        with("https://one.example/", &present)
            .unwrap()
            .secret
            .expose_secret(),
        "old"
    );
    assert_eq!(
        with("https://two.example/", &present)
            .unwrap()
            .secret
            .expose_secret(),
        "new"
    );
    for url in [
        "http://one.example/",
        "ftp://one.example/",
        "https://",
        "one.example",
        "https://a:b@one.example/",
        "file:///etc/passwd",
    ] {
        assert_eq!(
            with(url, &present).unwrap_err(),
            SettingsError::Url,
            "{url}"
        );
    }
    assert!(with("http://127.0.0.1:9000/hook", &present).is_ok());
}

#[test]
fn what_makes_no_sense_is_named() {
    let refused = |change: fn(&mut Draft)| {
        let mut draft = draft();
        change(&mut draft);
        checked(draft, &Settings::default()).unwrap_err()
    };
    assert_eq!(
        refused(|draft| draft.host = "https://mail".into()),
        SettingsError::Host
    );
    assert_eq!(
        refused(|draft| draft.host = "mail\r\nRCPT".into()),
        SettingsError::Host
    );
    assert_eq!(
        refused(|draft| draft.port = "0".into()),
        SettingsError::Port
    );
    assert_eq!(
        refused(|draft| draft.security = "maybe".into()),
        SettingsError::Security
    );
    assert_eq!(
        refused(|draft| draft.from = "a@b.example\r\nBcc: x@y.example".into()),
        SettingsError::From
    );
    assert_eq!(refused(|draft| draft.to = " , ".into()), SettingsError::To);
    assert!(matches!(
        refused(|draft| draft.to = "olivia".into()),
        SettingsError::Recipient(_)
    ));
    assert_eq!(
        refused(|draft| draft.quiet_from = "20:00".into()),
        SettingsError::Quiet
    );
    assert_eq!(
        refused(|draft| draft.summary_at = "noon".into()),
        SettingsError::Time(InvalidTimeOfDay)
    );
    assert_eq!(
        refused(|draft| draft.severity = "all".into()),
        SettingsError::Severity
    );
    assert_eq!(
        refused(|draft| draft.host = String::new()),
        SettingsError::Nowhere
    );
    assert_eq!(
        refused(|draft| draft.to = "x".repeat(20_000)),
        SettingsError::Long
    );
}

#[test]
fn quiet_hours_pass_midnight() {
    let quiet = |from: &str, until: &str| Quiet {
        from: from.parse().unwrap(),
        until: until.parse().unwrap(),
    };
    let at = |time: &str| OnTheWall {
        day: 0,
        time: time.parse().unwrap(),
    };
    let night = quiet("20:00", "06:30");
    assert!(
        ["20:00", "23:59", "00:00", "06:29"]
            .iter()
            .all(|time| night.holds(at(time)))
    );
    assert!(
        ["06:30", "12:00", "19:59"]
            .iter()
            .all(|time| !night.holds(at(time)))
    );
    let noon = quiet("12:00", "13:00");
    assert!(noon.holds(at("12:59")) && !noon.holds(at("13:00")) && !noon.holds(at("11:59")));
}
