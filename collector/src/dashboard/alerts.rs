//! Alerts: what is sent to whom, and what became of it.

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Query, State as Shared},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::{
    Desk, State,
    door::secret,
    markup::Markup,
    page::{Done, Nothing, Page, Signed, render},
    text::{self, alerts as t},
    tone::{Badge, Tone},
    trouble::Trouble,
};
use crate::{
    access::Session,
    alert::{Delivery, Draft, Outcome, SaveError, Settings, TryError, Webhook},
    audit::Actor,
    clock::UnixMillis,
    store::record::{DeliveryChannel, FindingSeverity, MailSecurity},
};

#[derive(Template)]
#[template(path = "alerts.html")]
struct AlertsPage {
    page: Page,
    problem: Option<String>,
    /// Which program's messages are signed with what, right after that was made.
    secret: Option<(Markup, String)>,
    is_off: bool,
    form: AlertsForm,
    severities: Vec<Choice>,
    securities: Vec<Choice>,
    has_password: bool,
    can_try: bool,
    deliveries: Vec<DeliveryRow>,
}

struct Choice {
    value: &'static str,
    title: &'static str,
    chosen: bool,
}

struct DeliveryRow {
    about: Markup,
    way: &'static str,
    written: Markup,
    outcome: Badge,
    /// When, or why not.
    detail: Markup,
}

/// The fields as they were written.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct AlertsForm {
    host: String,
    port: String,
    security: String,
    user: String,
    #[serde(deserialize_with = "secret")]
    password: SecretString,
    from: String,
    to: String,
    url: String,
    severity: String,
    quiet_from: String,
    quiet_until: String,
    summary_at: String,
}

impl AlertsForm {
    /// The fields as they are saved; the password stays where it is.
    fn of(settings: &Settings) -> Self {
        let mail = settings.mail.as_ref();
        let time = |time: Option<crate::alert::TimeOfDay>| time.map(|time| time.to_string());
        Self {
            host: mail.map(|mail| mail.host.clone()).unwrap_or_default(),
            port: mail.map(|mail| mail.port.to_string()).unwrap_or_default(),
            security: mail
                .map_or("tls", |mail| security_word(mail.security))
                .to_owned(),
            user: mail.map(|mail| mail.user.clone()).unwrap_or_default(),
            password: SecretString::default(),
            from: mail.map(|mail| mail.from.clone()).unwrap_or_default(),
            to: mail.map(|mail| mail.to.join(", ")).unwrap_or_default(),
            url: settings
                .webhook
                .as_ref()
                .map(|webhook| webhook.url.clone())
                .unwrap_or_default(),
            severity: settings.severity.map_or("", severity_word).to_owned(),
            quiet_from: time(settings.quiet.map(|quiet| quiet.from)).unwrap_or_default(),
            quiet_until: time(settings.quiet.map(|quiet| quiet.until)).unwrap_or_default(),
            summary_at: time(settings.summary_at).unwrap_or_default(),
        }
    }

    fn draft(&self) -> Draft {
        Draft {
            host: self.host.clone(),
            port: self.port.clone(),
            security: self.security.clone(),
            user: self.user.clone(),
            password: self.password.clone(),
            from: self.from.clone(),
            to: self.to.clone(),
            url: self.url.clone(),
            severity: self.severity.clone(),
            quiet_from: self.quiet_from.clone(),
            quiet_until: self.quiet_until.clone(),
            summary_at: self.summary_at.clone(),
        }
    }
}

/// Shows what is sent to whom.
pub(super) async fn show(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Query(done): Query<Done>,
) -> Result<Response, Trouble> {
    let settings = state.desk.alerts.settings().map_err(Trouble::failed)?;
    let form = AlertsForm::of(&settings);
    let mut page = page(&state.desk, &session, &settings, form)?;
    page.page = page.page.done(&done);
    Ok(render(&page))
}

/// Changes it.
pub(super) async fn save(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Extension(by): Extension<Actor>,
    Form(form): Form<Signed<AlertsForm>>,
) -> Result<Response, Trouble> {
    let form = form.of(&session)?;
    match state.desk.alerts.save(form.draft(), &by).await {
        Ok(None) => Ok(Redirect::to("/settings/alerts?done=alerts").into_response()),
        Ok(Some(webhook)) => with_secret(&state.desk, &session, &webhook),
        Err(SaveError::Settings(problem)) => {
            refused(&state.desk, &session, form, problem.to_string())
        }
        Err(error) => Err(Trouble::failed(error)),
    }
}

/// Sends a message to try it out.
pub(super) async fn try_out(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Extension(by): Extension<Actor>,
    Form(form): Form<Signed<Nothing>>,
) -> Result<Response, Trouble> {
    form.of(&session)?;
    match state.desk.alerts.try_out(&by).await {
        Ok(()) => Ok(Redirect::to("/settings/alerts?done=tried").into_response()),
        Err(problem @ TryError::Nowhere) => {
            let settings = state.desk.alerts.settings().map_err(Trouble::failed)?;
            let form = AlertsForm::of(&settings);
            refused(&state.desk, &session, form, problem.to_string())
        }
        Err(error) => Err(Trouble::failed(error)),
    }
}

/// Whether the last message that was tried on some way did not arrive: where alerts are relied upon, silence would
/// be taken for good news.
pub(super) fn failing(desk: &Desk) -> Result<Option<Markup>, Trouble> {
    let deliveries = desk.alerts.deliveries().map_err(Trouble::failed)?;
    let failed = [DeliveryChannel::Mail, DeliveryChannel::Webhook]
        .into_iter()
        .any(|channel| {
            let mut tried = deliveries.iter().filter(|delivery| {
                delivery.channel == channel && delivery.outcome != Outcome::Waiting
            });
            tried
                .next()
                .is_some_and(|delivery| !matches!(delivery.outcome, Outcome::Delivered(_)))
        });
    let link = || Markup::link("/settings/alerts", &Markup::text(t::SEE));
    Ok(failed.then(|| Markup::fill(t::FAILING, &[("link", link())])))
}

fn with_secret(desk: &Desk, session: &Session, webhook: &Webhook) -> Result<Response, Trouble> {
    let settings = desk.alerts.settings().map_err(Trouble::failed)?;
    let form = AlertsForm::of(&settings);
    let mut page = page(desk, session, &settings, form)?;
    let said = Markup::fill(t::SECRET, &[("host", Markup::code(&webhook.host()))]);
    page.secret = Some((said, webhook.secret.expose_secret().to_owned()));
    page.page.done = Some(t::SAVED);
    Ok(render(&page))
}

fn refused(
    desk: &Desk,
    session: &Session,
    form: AlertsForm,
    problem: String,
) -> Result<Response, Trouble> {
    let settings = desk.alerts.settings().map_err(Trouble::failed)?;
    let mut page = page(desk, session, &settings, form)?;
    page.problem = Some(problem);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, render(&page)).into_response())
}

fn page(
    desk: &Desk,
    session: &Session,
    settings: &Settings,
    form: AlertsForm,
) -> Result<AlertsPage, Trouble> {
    let now = desk.clock.now();
    let deliveries = desk.alerts.deliveries().map_err(Trouble::failed)?;
    let choices = |all: &[(&'static str, &'static str)], chosen: &str| {
        let choice = |(value, title): &(&'static str, &'static str)| Choice {
            value,
            title,
            chosen: *value == chosen,
        };
        all.iter().map(choice).collect()
    };
    Ok(AlertsPage {
        page: Page::signed_in(desk, session, t::TITLE, "/settings")?,
        problem: None,
        secret: None,
        is_off: !settings.leads_somewhere(),
        severities: choices(&t::SEVERITIES, &form.severity),
        securities: choices(&t::SECURITIES, &form.security),
        has_password: settings
            .mail
            .as_ref()
            .is_some_and(|mail| !mail.user.is_empty()),
        can_try: settings.leads_somewhere(),
        form,
        deliveries: deliveries
            .iter()
            .map(|delivery| row(delivery, now))
            .collect(),
    })
}

fn row(delivery: &Delivery, now: UnixMillis) -> DeliveryRow {
    let (outcome, detail) = match &delivery.outcome {
        Outcome::Waiting => (Badge::new(Tone::Plain, t::WAITING), Markup::default()),
        Outcome::Delivered(at) => (Badge::new(Tone::Good, t::DELIVERED), Markup::time(*at, now)),
        Outcome::Retrying { problem, next_at } => {
            let places = [
                ("problem", Markup::text(problem)),
                ("when", Markup::time(*next_at, now)),
            ];
            (
                Badge::new(Tone::Warn, t::RETRYING),
                Markup::fill(t::NEXT_ATTEMPT, &places),
            )
        }
        Outcome::GivenUp { problem } => (Badge::new(Tone::Bad, t::GIVEN_UP), Markup::text(problem)),
    };
    DeliveryRow {
        about: Markup::text(&delivery.about),
        way: match delivery.channel {
            DeliveryChannel::Mail => t::BY_MAIL,
            DeliveryChannel::Webhook | DeliveryChannel::Unspecified => t::BY_WEBHOOK,
        },
        written: Markup::time(delivery.created_at, now),
        outcome,
        detail,
    }
}

fn security_word(security: MailSecurity) -> &'static str {
    match security {
        MailSecurity::Tls | MailSecurity::Unspecified => "tls",
        MailSecurity::StartTls => "starttls",
        MailSecurity::None => "none",
    }
}

fn severity_word(severity: FindingSeverity) -> &'static str {
    match severity {
        FindingSeverity::ActNow => "act-now",
        FindingSeverity::Plan => "plan",
        FindingSeverity::Unknown | FindingSeverity::Know => "unknown",
        FindingSeverity::Unspecified => "",
    }
}
