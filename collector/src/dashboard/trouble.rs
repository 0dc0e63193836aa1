//! Pages that say what went wrong and what to do.

use std::error::Error;

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{
    page::{Page, render},
    text,
};
use crate::{
    access::{PeopleError, ReadError},
    audit::NotLogged,
};

/// Why a page is not shown.
#[derive(Debug)]
pub(super) enum Trouble {
    /// There is no such page.
    NotFound,
    /// The page exists, but not for this method.
    Method,
    /// There is no such computer.
    NoMachine,
    /// There is no such finding.
    NoFinding,
    /// It is not shared with this viewer.
    OutOfScope,
    /// The request did not come from one of our pages.
    Refused,
    /// The request named a host that is not ours.
    WrongHost,
    /// There is no such invitation.
    NoInvitation,
    /// The invitation was accepted before.
    InvitationUsed,
    /// The invitation leads nowhere any more.
    InvitationOver,
    /// Guests may not do this.
    NotForGuests,
    /// A guest asks too often.
    TooOften,
    /// What a guest asks for could not be written down.
    NotLogged,
    /// What shall be a time is none.
    NotATime,
    /// It was too long ago, as this sentence says.
    NotKept(String),
    /// Something broke; it was logged.
    Failed,
}

impl Trouble {
    /// Something broke: logs it, once, with all its causes.
    pub(super) fn failed(error: impl Error) -> Self {
        let mut causes = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            causes.push_str(": ");
            causes.push_str(&cause.to_string());
            source = cause.source();
        }
        tracing::error!(error = causes, "a page could not be shown");
        Self::Failed
    }

    /// A guest gets no answer, because the log could not be written.
    pub(super) fn not_logged(error: NotLogged) -> Self {
        let _ = Self::failed(error);
        Self::NotLogged
    }

    fn says(&self) -> (StatusCode, &'static str, &str) {
        use text::{error as t, history as past};
        match self {
            Self::NotFound => (StatusCode::NOT_FOUND, t::NOT_FOUND, t::NOT_FOUND_HELP),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, t::METHOD, t::NOT_FOUND_HELP),
            Self::NoMachine => (StatusCode::NOT_FOUND, t::NO_MACHINE, t::NO_MACHINE_HELP),
            Self::NoFinding => (StatusCode::NOT_FOUND, t::NO_FINDING, t::NO_FINDING_HELP),
            Self::OutOfScope => (StatusCode::FORBIDDEN, t::OUT_OF_SCOPE, t::OUT_OF_SCOPE_HELP),
            Self::Refused => (StatusCode::FORBIDDEN, t::REFUSED, t::REFUSED_HELP),
            Self::WrongHost => (
                StatusCode::MISDIRECTED_REQUEST,
                t::WRONG_HOST,
                t::WRONG_HOST_HELP,
            ),
            Self::NoInvitation => (
                StatusCode::NOT_FOUND,
                t::NO_INVITATION,
                t::NO_INVITATION_HELP,
            ),
            Self::InvitationUsed => (
                StatusCode::GONE,
                t::INVITATION_USED,
                t::INVITATION_USED_HELP,
            ),
            Self::InvitationOver => (
                StatusCode::GONE,
                t::INVITATION_OVER,
                t::INVITATION_OVER_HELP,
            ),
            Self::NotForGuests => (
                StatusCode::FORBIDDEN,
                t::NOT_FOR_GUESTS,
                t::NOT_FOR_GUESTS_HELP,
            ),
            Self::TooOften => (
                StatusCode::TOO_MANY_REQUESTS,
                t::TOO_OFTEN,
                t::TOO_OFTEN_HELP,
            ),
            Self::NotLogged => (
                StatusCode::SERVICE_UNAVAILABLE,
                t::NOT_LOGGED,
                t::NOT_LOGGED_HELP,
            ),
            Self::NotATime => (
                StatusCode::BAD_REQUEST,
                past::NOT_A_TIME,
                past::NOT_A_TIME_HELP,
            ),
            Self::NotKept(help) => (StatusCode::NOT_FOUND, past::NOT_KEPT, help),
            Self::Failed => (StatusCode::INTERNAL_SERVER_ERROR, t::FAILED, t::FAILED_HELP),
        }
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    page: Page,
    title: &'static str,
    help: &'a str,
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let (status, title, help) = self.says();
        let page = ErrorPage {
            page: Page::bare(title),
            title,
            help,
        };
        (status, render(&page)).into_response()
    }
}

impl From<ReadError> for Trouble {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::NoMachine => Self::NoMachine,
            ReadError::NoFinding => Self::NoFinding,
            ReadError::OutOfScope => Self::OutOfScope,
            ReadError::Store(error) => Self::failed(error),
        }
    }
}

impl From<crate::store::StoreError> for Trouble {
    fn from(error: crate::store::StoreError) -> Self {
        Self::failed(error)
    }
}

impl From<PeopleError> for Trouble {
    fn from(error: PeopleError) -> Self {
        Self::failed(error)
    }
}
