//! The certificate of the dashboard's own authority, for browsers to trust.

use axum::{
    extract::State as Shared,
    http::header,
    response::{IntoResponse, Response},
};

use super::{State, trouble::Trouble};

/// Answers with the certificate, which is public.
pub(super) async fn show(Shared(state): Shared<State>) -> Response {
    match state.desk.authority.dashboard_certificate() {
        Ok(Some(certificate)) => (
            [
                (header::CONTENT_TYPE, "application/x-x509-ca-cert"),
                (
                    header::CONTENT_DISPOSITION,
                    "attachment; filename=\"freehold-dashboard.crt\"",
                ),
            ],
            certificate,
        )
            .into_response(),
        Ok(None) => Trouble::NotFound.into_response(),
        Err(error) => Trouble::failed(error).into_response(),
    }
}
