//! An invitation: looked at as often as one likes, accepted once.

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Path, State as Shared},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use qrcode::{EcLevel, QrCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{
    State, cookie,
    door::secret,
    guard,
    markup::Markup,
    page::{Page, render},
    text,
    trouble::Trouble,
};
use crate::{
    access::{
        Acceptance, Invitation, InvitationError, InvitationToken, SetupCode, TotpSecret, Viewer,
        described,
    },
    peer::Remote,
};

#[derive(Template)]
#[template(path = "invitation.html")]
struct InvitationPage {
    page: Page,
    lead: Markup,
    means: &'static str,
    problem: Option<String>,
    path: String,
    email: Markup,
    plain_email: String,
    /// `None` for an owner's invitation.
    factor: Option<FactorView>,
}

/// A second factor to take up.
pub(super) struct FactorView {
    pub(super) sealed: Zeroizing<String>,
    pub(super) picture: Markup,
    pub(super) secret: Zeroizing<String>,
}

impl FactorView {
    /// A secret that was sealed for the form, for an account of this name.
    pub(super) fn new(
        secret: &TotpSecret,
        sealed: Zeroizing<String>,
        business: &str,
        account: &str,
    ) -> Self {
        Self {
            picture: picture(&secret.address(business, account)),
            secret: secret.base32(),
            sealed,
        }
    }
}

#[derive(Template)]
#[template(path = "recovery.html")]
struct RecoveryPage {
    page: Page,
    codes: Vec<Zeroizing<String>>,
    to: &'static str,
}

/// Shows recovery codes, once.
pub(super) fn recovery(codes: &[SetupCode], to: &'static str) -> Response {
    render(&RecoveryPage {
        page: Page::bare(text::door::RECOVERY_TITLE),
        codes: codes.iter().map(SetupCode::expose).collect(),
        to,
    })
}

/// What comes back.
#[derive(Deserialize)]
pub(super) struct AcceptForm {
    #[serde(default, deserialize_with = "secret")]
    password: SecretString,
    #[serde(default, deserialize_with = "secret")]
    again: SecretString,
    #[serde(default, deserialize_with = "secret")]
    sealed: SecretString,
    #[serde(default, deserialize_with = "secret")]
    code: SecretString,
}

/// Shows an invitation. Changes nothing: programs that look at links in mails must not use it up.
pub(super) async fn show(
    Shared(state): Shared<State>,
    Path(link): Path<String>,
) -> Result<Response, Trouble> {
    let token = InvitationToken::decode(&link).ok_or(Trouble::NoInvitation)?;
    match state.desk.people.invitation(&token) {
        Ok(invitation) => page(&state, &token, &invitation, None, None),
        Err(error) => refused(error),
    }
}

/// Accepts it.
pub(super) async fn accept(
    Shared(state): Shared<State>,
    Path(link): Path<String>,
    remote: Option<Extension<Remote>>,
    headers: HeaderMap,
    Form(form): Form<AcceptForm>,
) -> Result<Response, Trouble> {
    let token = InvitationToken::decode(&link).ok_or(Trouble::NoInvitation)?;
    let people = &state.desk.people;
    let invitation = match people.invitation(&token) {
        Ok(invitation) => invitation,
        Err(error) => return refused(error),
    };
    let https = state.site.https;
    let origin = guard::origin(&headers, remote.as_deref(), https);
    let sealed = form.sealed.expose_secret();
    let acceptance = Acceptance {
        password: form.password,
        again: form.again,
        sealed: sealed.to_owned(),
        code: form.code.expose_secret().to_owned(),
    };
    let problem = match people.accept(&token, acceptance, &origin).await {
        Ok(accepted) => {
            let mut response = if accepted.recovery.is_empty() {
                Redirect::to("/").into_response()
            } else {
                recovery(&accepted.recovery, "/")
            };
            cookie::sign_in(response.headers_mut(), &accepted.signed_in, https);
            return Ok(response);
        }
        Err(
            problem @ (InvitationError::Stale
            | InvitationError::Code
            | InvitationError::Password(_)),
        ) => problem,
        Err(error) => return refused(error),
    };
    // The same secret again: it was scanned already.
    let known = people.unsealed(sealed, &token);
    let page = page(
        &state,
        &token,
        &invitation,
        Some(problem.to_string()),
        known,
    )?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// Says why an invitation leads nowhere.
fn refused(error: InvitationError) -> Result<Response, Trouble> {
    Err(match error {
        InvitationError::Unknown => Trouble::NoInvitation,
        InvitationError::Used => Trouble::InvitationUsed,
        InvitationError::Expired | InvitationError::Over(_) | InvitationError::Taken => {
            Trouble::InvitationOver
        }
        error => Trouble::failed(error),
    })
}

fn page(
    state: &State,
    token: &InvitationToken,
    invitation: &Invitation,
    problem: Option<String>,
    known: Option<TotpSecret>,
) -> Result<Response, Trouble> {
    let (desk, now) = (&state.desk, state.desk.clock.now());
    let business = desk.inventory.business(&Viewer::console())?;
    let (secret, sealed) = match known {
        Some(secret) => {
            let sealed = desk.people.sealed(&secret, token);
            (secret, sealed)
        }
        None => desk.people.new_secret(token),
    };
    let business_name = ("business", Markup::name(&business));
    let name = ("name", Markup::name(&invitation.name));
    let Some(grant) = &invitation.grant else {
        return Ok(render(&InvitationPage {
            page: Page::bare(text::door::INVITED_TITLE),
            lead: Markup::fill(text::door::INVITED_OWNER, &[business_name, name]),
            means: text::door::INVITED_OWNER_MEANS,
            problem,
            path: format!("/invitation/{}", *token.encode()),
            email: Markup::value(&invitation.email),
            plain_email: invitation.email.clone(),
            factor: None,
        }));
    };
    let lead = Markup::fill(
        text::door::INVITED_LEAD,
        &[
            business_name,
            name,
            ("supplier", Markup::name(&grant.supplier)),
            ("scope", Markup::value(&described(&grant.scope))),
            ("until", Markup::moment(grant.expires_at, now)),
        ],
    );
    Ok(render(&InvitationPage {
        page: Page::bare(text::door::INVITED_TITLE),
        lead,
        means: text::door::INVITED_MEANS,
        problem,
        path: format!("/invitation/{}", *token.encode()),
        email: Markup::value(&invitation.email),
        plain_email: invitation.email.clone(),
        factor: Some(FactorView::new(
            &secret,
            sealed,
            &business,
            &invitation.email,
        )),
    }))
}

/// A QR code as a picture in the page itself. When the text is too long for one there is no picture: the secret
/// can be typed.
fn picture(text: &str) -> Markup {
    let Ok(code) = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::M) else {
        return Markup::default();
    };
    Markup::qr(code.width(), &code.to_colors(), text::door::SCAN_ALT)
}
