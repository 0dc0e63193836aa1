//! What every page has: a title, the menu, the session's form token.

use askama::Template;
use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    Desk,
    assets::{Assets, assets},
    lens::{Band, Lens},
    markup::Markup,
    text,
    trouble::Trouble,
};
use crate::{
    access::{Delegation, FormToken, Session},
    clock::UnixMillis,
    events::Mark,
    id::MachineId,
};

/// Pages of the menu that can show the past.
const OF_THE_PAST: [&str; 3] = ["/computers", "/software", "/administrators"];

/// What every page has.
pub(super) struct Page {
    pub(super) title: String,
    pub(super) business: Markup,
    /// When it was made, for those who read it on paper.
    pub(super) made: Option<Markup>,
    pub(super) reader: Option<Reader>,
    /// What was just done.
    pub(super) done: Option<&'static str>,
    /// That it shows the past; `None` when it shows now.
    pub(super) band: Option<Band>,
    /// The moment it shows, which the menu keeps.
    moment: Option<Lens>,
    /// When it was asked for.
    asked: Mark,
    /// Where the page hears what happens; `None` when it does not renew itself.
    pub(super) live: Option<String>,
    pub(super) assets: &'static Assets,
    here: &'static str,
}

/// A signed-in person.
pub(super) struct Reader {
    pub(super) form_token: FormToken,
    /// Whose records a guest reads, as whom and until when; `None` for an owner.
    pub(super) guest: Option<Markup>,
}

/// An entry of the menu.
pub(super) struct Item {
    pub(super) path: String,
    pub(super) title: &'static str,
    pub(super) here: bool,
}

/// What the forms of a session send besides their own fields.
#[derive(Deserialize)]
pub(super) struct Signed<T> {
    #[serde(default)]
    form_token: String,
    #[serde(flatten)]
    form: T,
}

/// A form without fields.
#[derive(Deserialize)]
pub(super) struct Nothing {}

/// What was just done, by a word in the query: only known words say anything.
#[derive(Deserialize, Default)]
pub(super) struct Done {
    pub(super) done: Option<String>,
}

impl Done {
    /// From the pairs of an address.
    pub(super) fn of(pairs: &[(String, String)]) -> Self {
        let done = pairs.iter().find(|(name, _)| name == "done");
        Self {
            done: done.map(|(_, word)| word.clone()),
        }
    }
}

impl<T> Signed<T> {
    /// The fields, if the form belongs to this session.
    pub(super) fn of(self, session: &Session) -> Result<T, Trouble> {
        if session.form_token.matches(&self.form_token) {
            Ok(self.form)
        } else {
            Err(Trouble::Refused)
        }
    }
}

impl Page {
    /// A page for nobody in particular.
    pub(super) fn bare(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            business: Markup::default(),
            made: None,
            reader: None,
            done: None,
            asked: Mark::default(),
            live: None,
            band: None,
            moment: None,
            assets: assets(),
            here: "",
        }
    }

    /// A page for a signed-in person. `here` is the menu's entry it belongs to.
    pub(super) fn signed_in(
        desk: &Desk,
        session: &Session,
        title: &str,
        here: &'static str,
    ) -> Result<Self, Trouble> {
        let business = desk.inventory.business(&session.viewer())?;
        let now = desk.clock.now();
        let made = Markup::fill(text::ON_PAPER, &[("when", Markup::moment(now, now))]);
        Ok(Self {
            made: Some(made),
            business: if business.is_empty() {
                Markup::default()
            } else {
                Markup::name(&business)
            },
            reader: Some(Reader {
                form_token: session.form_token.clone(),
                guest: session
                    .delegation()
                    .map(|under| guest(&business, session, under, now)),
            }),
            asked: session.asked,
            here,
            ..Self::bare(title)
        })
    }

    /// The same page, as of a moment; `now` is where it shows now.
    #[must_use]
    pub(super) fn seen_at(self, lens: Lens, now: &str) -> Self {
        Self {
            band: lens.band(now),
            moment: Some(lens),
            ..self
        }
    }

    /// The same page, renewing itself with what happens.
    #[must_use]
    pub(super) fn live(self) -> Self {
        self.hearing(|asked| format!("/events?since={asked}"))
    }

    /// The same page, renewing itself with what happens to one computer.
    #[must_use]
    pub(super) fn live_of(self, computer: MachineId) -> Self {
        self.hearing(|asked| format!("/events?computer={computer}&since={asked}"))
    }

    fn hearing(self, events: impl FnOnce(Mark) -> String) -> Self {
        Self {
            // The past does not change.
            live: self.band.is_none().then(|| events(self.asked)),
            ..self
        }
    }

    /// The same page, saying what was just done.
    #[must_use]
    pub(super) fn done(self, done: &Done) -> Self {
        use text::computer as t;
        let done = match done.done.as_deref() {
            Some("approved") => Some(t::APPROVED),
            Some("renamed") => Some(t::RENAMED),
            Some("retired") => Some(t::RETIRED_DONE),
            Some("revoked") => Some(t::REVOKED_DONE),
            Some("linked") => Some(t::LINKED),
            Some("labelled") => Some(t::LABELLED_DONE),
            Some("noted") => Some(t::NOTED),
            Some("suggested") => Some(text::suggestions::MADE),
            Some("suggestion-accepted") => Some(text::suggestions::ACCEPTED),
            Some("suggestion-refused") => Some(text::suggestions::REFUSED),
            Some("session-ended") => Some(text::settings::SESSION_ENDED),
            Some("owner-ended") => Some(text::settings::OWNER_ENDED),
            Some("factor-off") => Some(text::settings::FACTOR_OFF),
            Some("leads") => Some(text::access::LEADS_DONE),
            Some("leads-not") => Some(text::access::LEADS_NOT_DONE),
            Some("claimed") => Some(text::administrators::CLAIMED),
            Some("set-aside") => Some(text::findings::SET_ASIDE_DONE),
            Some("taken-up") => Some(text::findings::TAKEN_UP_DONE),
            Some("granted") => Some(text::access::GRANTED),
            Some("changed") => Some(text::access::CHANGED),
            Some("extended") => Some(text::access::EXTENDED),
            Some("suspended") => Some(text::access::SUSPENDED_DONE),
            Some("resumed") => Some(text::access::RESUMED),
            Some("withdrawn") => Some(text::access::WITHDRAWN),
            Some("person-ended") => Some(text::access::PERSON_ENDED),
            Some("device-ended") => Some(text::devices::ENDED),
            Some("ended") => Some(text::settings::ENDED_OTHERS),
            Some("question-kept") => Some(text::questions::KEPT),
            Some("question-forgotten") => Some(text::questions::FORGOTTEN),
            Some("alerts") => Some(text::alerts::SAVED),
            Some("tried") => Some(text::alerts::TRIED),
            Some("password") => Some(text::settings::PASSWORD_CHANGED),
            _ => None,
        };
        Self { done, ..self }
    }

    /// Whether an owner reads it: only then there is anything to decide.
    pub(super) fn is_owners(&self) -> bool {
        self.reader
            .as_ref()
            .is_some_and(|reader| reader.guest.is_none())
    }

    pub(super) fn menu(&self) -> Vec<Item> {
        let owners = self.is_owners();
        [
            ("/", text::OVERVIEW, true),
            ("/findings", text::findings::TITLE, true),
            ("/computers", text::COMPUTERS, true),
            ("/software", text::SOFTWARE, true),
            ("/administrators", text::ADMINISTRATORS, true),
            ("/changes", text::CHANGES, true),
            ("/questions", text::questions::TITLE, true),
            ("/access", text::ACCESS, true),
            ("/add", text::ADD, owners),
            ("/settings", text::SETTINGS, owners),
        ]
        .into_iter()
        .filter(|(_, _, shown)| *shown)
        .map(|(path, title, _)| Item {
            path: match self.moment {
                Some(lens) if OF_THE_PAST.contains(&path) => lens.keep(path),
                _ => path.to_owned(),
            },
            title,
            here: path == self.here,
        })
        .collect()
    }
}

/// Whose records a guest reads, as whom and until when.
fn guest(business: &str, session: &Session, under: &Delegation, now: UnixMillis) -> Markup {
    let business = if business.is_empty() {
        text::SOMEBODY
    } else {
        business
    };
    Markup::fill(
        text::GUEST,
        &[
            ("business", Markup::name(business)),
            ("name", Markup::name(&session.name)),
            ("supplier", Markup::name(&under.supplier)),
            ("until", Markup::moment(under.until, now)),
        ],
    )
}

/// Makes a page that may have to wait for the disk, or has much to go through, on a thread where that holds
/// nobody up.
pub(super) async fn made_aside(
    page: impl FnOnce() -> Result<Response, Trouble> + Send + 'static,
) -> Result<Response, Trouble> {
    let made = tokio::task::spawn_blocking(page).await;
    made.unwrap_or_else(|error| Err(Trouble::failed(error)))
}

/// A page as an answer.
pub(super) fn render(template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response(),
        Err(error) => {
            tracing::error!(%error, "a template could not be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
