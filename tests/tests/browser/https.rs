//! The dashboard over HTTPS in a browser that checks certificates: from the collector's own authority, and
//! with one the owner brought.

use freehold_tests::{Chromium, TestCollector};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
};

use crate::office::{authority, owner};

/// What the browser says of the page it shows: protocol, issuer.
fn security(chromium: &Chromium, url: &str) -> (String, String) {
    let responses = chromium.responses();
    let page = responses.iter().find(|response| response["url"] == url);
    let details = &page.expect("the page was answered")["securityDetails"];
    let text = |field: &str| details[field].as_str().unwrap_or_default().to_owned();
    (text("protocol"), text("issuer"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_trusts_the_collectors_authority_loads_everything_over_tls_1_3() {
    let collector = TestCollector::start().await;
    let Some(mut chromium) = Chromium::start(&[authority(&collector).await]).await else {
        return;
    };
    let browser = owner(&collector).await;
    let home = collector.dashboard().to_owned();
    chromium.take_cookies(&home, browser.cookies()).await;
    let port = home.rsplit(':').next().unwrap_or_default();
    let port = port.trim_end_matches('/');
    for home in [
        format!("https://127.0.0.1:{port}/sign-in"),
        format!("https://localhost:{port}/sign-in"),
    ] {
        chromium.visit(&home).await;
        let (protocol, _) = security(&chromium, &home);
        assert_eq!(protocol, "TLS 1.3");
        assert_eq!(chromium.complaints(), Vec::<String>::new());
        // The style sheet came too, and was used.
        let ground = "getComputedStyle(document.body).getPropertyValue('--ground') !== ''";
        assert_eq!(chromium.evaluate(ground).await, true, "{home} has no style");
        assert_eq!(chromium.evaluate("isSecureContext").await, true);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_was_not_told_to_trust_it_refuses() {
    let collector = TestCollector::start().await;
    let Some(mut chromium) = Chromium::start(&[]).await else {
        return;
    };
    let refusal = chromium.try_to_visit(collector.dashboard()).await;
    assert_eq!(refusal.as_deref(), Some("net::ERR_CERT_AUTHORITY_INVALID"));
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_over_https_leaves_secure_cookies_that_no_script_reads() {
    let collector = TestCollector::start().await;
    let Some(mut chromium) = Chromium::start(&[authority(&collector).await]).await else {
        return;
    };
    owner(&collector).await;
    chromium
        .visit(&format!(
            "{}/sign-in",
            collector.dashboard().trim_end_matches('/')
        ))
        .await;
    chromium.type_in(crate::office::PASSWORD).await;
    chromium.forget();
    chromium.press("Enter").await;
    chromium.loaded().await;
    assert_eq!(chromium.text("location.pathname").await, "/");
    let cookies = chromium.cookies().await;
    assert_eq!(cookies.len(), 2, "{cookies:?}");
    for cookie in cookies {
        assert!(
            cookie["name"]
                .as_str()
                .is_some_and(|name| name.starts_with("__Host-")),
            "{cookie}"
        );
        assert_eq!(cookie["secure"], true, "{cookie}");
        assert_eq!(cookie["httpOnly"], true, "{cookie}");
        assert_eq!(cookie["sameSite"], "Strict", "{cookie}");
    }
    assert_eq!(chromium.text("document.cookie").await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_the_owner_brought_is_the_one_that_is_shown() {
    let mut collector = TestCollector::initialised(&[]).await;
    let shop = brought("office.lan");
    let (certificate, key) = (
        collector.scratch().join("c.pem"),
        collector.scratch().join("k.pem"),
    );
    std::fs::write(&certificate, &shop.chain).expect("a file");
    std::fs::write(&key, &shop.key).expect("a file");
    let settings = format!(
        "dashboard_certificate = {certificate:?}\ndashboard_key = {key:?}\naddresses = \
         [\"office.lan:7443\"]\n"
    );
    std::fs::write(collector.data().join("collector.toml"), settings).expect("a file");
    collector.resume().await;
    let Some(mut chromium) = Chromium::start(&[shop.authority]).await else {
        return;
    };
    let port = collector
        .dashboard()
        .trim_end_matches('/')
        .rsplit(':')
        .next();
    let home = format!("https://office.lan:{}/setup", port.unwrap_or_default());
    chromium.visit(&home).await;
    let (protocol, issuer) = security(&chromium, &home);
    assert_eq!(
        (protocol.as_str(), issuer.as_str()),
        ("TLS 1.3", "The shop's authority")
    );
    assert!(
        !chromium
            .text("document.querySelector('h1').innerText")
            .await
            .is_empty()
    );
    // On a port beside the usual one the name may serve other things: they are left alone.
    let responses = chromium.responses();
    let page = responses
        .iter()
        .find(|response| response["url"] == home.as_str());
    let headers = page.expect("the page")["headers"]
        .to_string()
        .to_lowercase();
    assert!(!headers.contains("strict-transport-security"), "{headers}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_written_without_https_leads_to_it() {
    let collector = TestCollector::start().await;
    let Some(mut chromium) = Chromium::start(&[authority(&collector).await]).await else {
        return;
    };
    let plain = collector.dashboard().replacen("https", "http", 1);
    chromium.visit(&plain).await;
    let here = chromium.text("location.protocol + location.pathname").await;
    assert_eq!(here, "https:/setup");
}

struct Brought {
    chain: String,
    key: String,
    authority: Vec<u8>,
}

/// A certificate for a host from an authority that is not the collector's.
fn brought(host: &str) -> Brought {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
        .distinguished_name
        .push(DnType::CommonName, "The shop's authority");
    let key = KeyPair::generate().expect("a key");
    let issuer = CertifiedIssuer::self_signed(params, key).expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let mut leaf = CertificateParams::new(vec![host.to_owned()]).expect("a name");
    let now = time::OffsetDateTime::now_utc();
    leaf.not_before = now - time::Duration::days(1);
    leaf.not_after = now + time::Duration::days(90);
    let leaf = leaf.signed_by(&key, &issuer).expect("a certificate");
    Brought {
        chain: format!("{}{}", leaf.pem(), issuer.pem()),
        key: key.serialize_pem(),
        authority: issuer.der().to_vec(),
    }
}
