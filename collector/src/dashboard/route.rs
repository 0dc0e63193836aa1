//! Every address of the dashboard, declared once.

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{MethodRouter, get, post},
};

use super::{
    State, action, add, assets, certificate, changes, computer, computers, door, guard, health,
    live, overview, packages, password, settings, trouble::Trouble,
};

/// Longest form, in bytes.
const FORM_BYTES: usize = 16 * 1024;

/// Who may see a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Open {
    /// Everybody.
    Everybody,
    /// Owners who are signed in.
    Owners,
}

/// An address.
pub(super) struct Route {
    pub(super) path: &'static str,
    pub(super) open: Open,
    handlers: MethodRouter<State>,
}

/// All addresses.
pub(super) fn routes() -> Vec<Route> {
    use Open::{Everybody, Owners};
    let route = |path, open, handlers| Route {
        path,
        open,
        handlers,
    };
    vec![
        route("/healthz", Everybody, get(health::show)),
        route("/assets/{name}", Everybody, get(assets::show)),
        route("/certificate", Everybody, get(certificate::show)),
        route("/packages/{name}", Everybody, get(packages::show)),
        route(
            "/setup",
            Everybody,
            get(door::show_set_up).post(door::set_up),
        ),
        route(
            "/sign-in",
            Everybody,
            get(door::show_sign_in).post(door::sign_in),
        ),
        route("/sign-out", Owners, post(door::sign_out)),
        route("/", Owners, get(overview::show)),
        route("/computers", Owners, get(computers::show)),
        route("/computers/{id}", Owners, get(computer::show)),
        route(
            "/computers/{id}/sections/{section}",
            Owners,
            get(computer::show_section),
        ),
        route(
            "/computers/{id}/changes",
            Owners,
            get(changes::show_machine),
        ),
        route(
            "/computers/{id}/{action}",
            Owners,
            get(action::ask).post(action::act),
        ),
        route("/changes", Owners, get(changes::show)),
        route("/add", Owners, get(add::show).post(add::make)),
        route("/settings", Owners, get(settings::show)),
        route(
            "/settings/password",
            Owners,
            get(password::show).post(password::change),
        ),
        route(
            "/settings/sign-out-others",
            Owners,
            post(settings::sign_out_others),
        ),
        route("/events", Owners, get(live::listen)),
    ]
}

/// All of them behind their guards. Answers are not compressed, on purpose: a page holds the session's form
/// token and what other computers reported beside names that any computer chooses, and the length of a
/// compressed answer would tell who listens on the network how the two are alike (BREACH). Style sheet and
/// script, which hold no secret, are small and loaded once.
pub(super) fn router(state: State) -> Router {
    let mut everybody = Router::new();
    let mut owners = Router::new();
    for route in routes() {
        let side = match route.open {
            Open::Everybody => &mut everybody,
            Open::Owners => &mut owners,
        };
        *side = std::mem::take(side).route(route.path, route.handlers);
    }
    let owners = owners.route_layer(middleware::from_fn_with_state(
        state.clone(),
        guard::signed_in,
    ));
    everybody
        .merge(owners)
        .fallback(async || Trouble::NotFound)
        .method_not_allowed_fallback(async || Trouble::Method)
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .layer(middleware::from_fn_with_state(state.clone(), guard::admit))
        .layer(middleware::from_fn_with_state(state.clone(), guard::harden))
        .with_state(state)
}
