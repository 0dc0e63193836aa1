//! The owner, in front of a browser.

use crate::{Browser, TestCollector};

/// What the owner signs in with.
pub const PASSWORD: &str = "correct horse battery staple";

/// The set-up code that the console gives out.
pub async fn setup_code(collector: &TestCollector) -> String {
    let output = collector.run(&["owner", "reset"]).await.expect();
    let code = output
        .lines()
        .find_map(|line| line.strip_prefix("Set-up code: "));
    code.expect("a set-up code").to_owned()
}

/// A browser in which the owner has just set the dashboard up.
pub async fn signed_in(collector: &TestCollector) -> Browser {
    let mut browser = collector.browser();
    set_up(&mut browser, &setup_code(collector).await).await;
    browser
}

/// Sets a dashboard up in a browser, which is signed in then.
pub async fn set_up(browser: &mut Browser, code: &str) {
    let fields = [
        ("code", code),
        ("name", "Olivia"),
        ("password", PASSWORD),
        ("again", PASSWORD),
    ];
    let page = browser.submit("/setup", &fields).await;
    assert!(page.status.is_redirection(), "{}", page.text);
}
