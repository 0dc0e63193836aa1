//! A technician who accepts an invitation, for tests.

use axum::http::StatusCode;
use totp_rs::{Builder, Secret};

use super::site::{Answer, Browser, World};
use crate::{
    access::{Grant, InvitationToken, NewGrant, parsed_scope},
    audit::Actor,
    clock::UnixMillis,
};

pub(super) const GUEST_PASSWORD: &str = "cedar violin market";
pub(super) const EMAIL: &str = "tech@acme.example";

/// A signed-in technician.
pub(super) struct Guest {
    pub(super) browser: Browser,
    pub(super) grant: Grant,
    /// The authenticator's secret, base32.
    pub(super) secret: String,
    pub(super) recovery: Vec<String>,
}

impl World {
    pub(super) async fn granted(&self, rules: &[&str]) -> Grant {
        let new = NewGrant {
            supplier: "Acme IT".to_owned(),
            scope: parsed_scope(rules).unwrap(),
            days: 90,
            note: String::new(),
            may_export: false,
        };
        let desk = self.desk();
        desk.grants.create(new, &Actor::console()).await.unwrap()
    }

    pub(super) async fn invited(&self, grant: &Grant) -> InvitationToken {
        let people = self.desk().people;
        let by = Actor::console();
        let (token, _) = people
            .invite(grant.id, "A. Technician", EMAIL, &by)
            .await
            .unwrap();
        token
    }

    /// Somebody who reads by these rules.
    pub(super) async fn guest(&self, rules: &[&str]) -> Guest {
        let grant = self.granted(rules).await;
        self.guest_of(grant).await
    }

    /// Somebody who reads under a grant.
    pub(super) async fn guest_of(&self, grant: Grant) -> Guest {
        let token = self.invited(&grant).await;
        let mut browser = self.browser();
        let path = format!("/invitation/{}", *token.encode());
        let page = browser.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        let secret = between(&page, "id=\"secret\">", "<");
        let code = code(&secret, self.clock.now());
        let answer = accept(&mut browser, &path, &page, GUEST_PASSWORD, &code).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let recovery = answer.body.split("<li><code>").skip(1);
        let recovery = recovery
            .map(|rest| rest.split('<').next().unwrap().to_owned())
            .collect();
        Guest {
            browser,
            grant,
            secret,
            recovery,
        }
    }
}

/// Sends the form of an invitation.
pub(super) async fn accept(
    browser: &mut Browser,
    path: &str,
    page: &Answer,
    password: &str,
    code: &str,
) -> Answer {
    let form = [
        ("sealed", between(page, "name=\"sealed\" value=\"", "\"")),
        ("password", password.to_owned()),
        ("again", password.to_owned()),
        ("code", code.to_owned()),
    ];
    browser.post(path, &form).await
}

/// Signs a technician in.
pub(super) async fn sign_in(browser: &mut Browser, password: &str, code: &str) -> Answer {
    let form = [
        ("email", EMAIL.to_uppercase()),
        ("password", password.to_owned()),
        ("code", code.to_owned()),
    ];
    browser.post("/sign-in", &form).await
}

/// What an authenticator shows.
pub(super) fn code(secret: &str, at: UnixMillis) -> String {
    let secret = Secret::try_from_base32(secret).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    totp.generate(u64::try_from(at.0 / 1000).unwrap())
        .to_string()
}

pub(super) fn between(page: &Answer, before: &str, after: &str) -> String {
    let (_, rest) = page
        .body
        .split_once(before)
        .unwrap_or_else(|| panic!("no {before}: {}", page.body));
    rest.split_once(after).unwrap().0.to_owned()
}
