//! Every address of the dashboard, declared once.

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{MethodRouter, get, post},
};

use super::{
    State, access, action, add, assets, browsers, certificate, changes, computer, computers,
    devices, door, findings, guard, guard::Guarded, health, invitation, live, overview, owners,
    packages, password, second, settings, suggestions, trouble::Trouble,
};

/// Longest form, in bytes.
const FORM_BYTES: usize = 16 * 1024;

/// Who may see a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Open {
    /// Everybody.
    Everybody,
    /// Who is signed in: owners, and guests within what is shared with them. Says what goes into the log
    /// before a guest gets an answer.
    People(Reads),
    /// The same, and a guest's form proposes something to the owner: what takes it down also writes it into the log.
    Proposes(Reads),
    /// Owners who are signed in.
    Owners,
}

/// What a guest's request reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reads {
    /// Nothing of the record.
    Nothing,
    Overview,
    Findings,
    Finding,
    Computers,
    Computer,
    Section,
    Changes,
    ComputerChanges,
    Access,
    Log,
}

/// An address.
pub(super) struct Route {
    pub(super) path: &'static str,
    pub(super) open: Open,
    handlers: MethodRouter<State>,
}

impl Route {
    fn new(path: &'static str, open: Open, handlers: MethodRouter<State>) -> Self {
        Self {
            path,
            open,
            handlers,
        }
    }
}

/// All addresses.
pub(super) fn routes() -> Vec<Route> {
    [door(), records(), people(), collector()]
        .into_iter()
        .flatten()
        .collect()
}

/// What is in front of the records.
fn door() -> Vec<Route> {
    vec![
        Route::new("/healthz", Open::Everybody, get(health::show)),
        Route::new("/assets/{name}", Open::Everybody, get(assets::show)),
        Route::new("/certificate", Open::Everybody, get(certificate::show)),
        Route::new("/packages/{name}", Open::Everybody, get(packages::show)),
        Route::new(
            "/setup",
            Open::Everybody,
            get(door::show_set_up).post(door::set_up),
        ),
        Route::new(
            "/sign-in",
            Open::Everybody,
            get(door::show_sign_in).post(door::sign_in),
        ),
        Route::new(
            "/invitation/{token}",
            Open::Everybody,
            get(invitation::show).post(invitation::accept),
        ),
        Route::new(
            "/sign-out",
            Open::People(Reads::Nothing),
            post(door::sign_out),
        ),
    ]
}

/// The records.
fn records() -> Vec<Route> {
    vec![
        Route::new("/", Open::People(Reads::Overview), get(overview::show)),
        Route::new(
            "/findings",
            Open::People(Reads::Findings),
            get(findings::show),
        ),
        Route::new(
            "/findings/{id}",
            Open::People(Reads::Finding),
            get(findings::show_one),
        ),
        Route::new(
            "/findings/{id}/{action}",
            Open::Owners,
            get(findings::ask).post(findings::act),
        ),
        Route::new(
            "/computers",
            Open::People(Reads::Computers),
            get(computers::show),
        ),
        Route::new(
            "/computers/{id}",
            Open::People(Reads::Computer),
            get(computer::show),
        ),
        Route::new(
            "/computers/{id}/sections/{section}",
            Open::People(Reads::Section),
            get(computer::show_section),
        ),
        Route::new(
            "/computers/{id}/changes",
            Open::People(Reads::ComputerChanges),
            get(changes::show_machine),
        ),
        Route::new(
            "/computers/{id}/suggest",
            Open::Proposes(Reads::Computer),
            get(suggestions::show_form).post(suggestions::suggest),
        ),
        Route::new(
            "/computers/{id}/{action}",
            Open::Owners,
            get(action::ask).post(action::act),
        ),
        Route::new("/changes", Open::People(Reads::Changes), get(changes::show)),
        Route::new("/events", Open::People(Reads::Nothing), get(live::listen)),
    ]
}

/// Who reads them.
fn people() -> Vec<Route> {
    vec![
        Route::new("/suggestions", Open::Owners, get(suggestions::show)),
        Route::new(
            "/suggestions/{id}/{action}",
            Open::Owners,
            post(suggestions::decide),
        ),
        Route::new("/access", Open::People(Reads::Access), get(access::show)),
        Route::new(
            "/access/log",
            Open::People(Reads::Log),
            get(access::show_log),
        ),
        Route::new(
            "/access/invite",
            Open::People(Reads::Nothing),
            get(access::show_invite).post(access::invite_colleague),
        ),
        Route::new(
            "/access/new",
            Open::Owners,
            get(access::show_form).post(access::create),
        ),
        Route::new(
            "/access/{id}/change",
            Open::Owners,
            get(access::show_terms).post(access::change_terms),
        ),
        Route::new(
            "/access/{id}/{action}",
            Open::Owners,
            get(access::ask).post(access::act),
        ),
        Route::new(
            "/command-line",
            Open::People(Reads::Nothing),
            get(devices::show).post(devices::make_code),
        ),
        Route::new(
            "/command-line/end",
            Open::People(Reads::Nothing),
            post(devices::end),
        ),
        Route::new(
            "/browsers",
            Open::People(Reads::Nothing),
            get(browsers::show),
        ),
        Route::new(
            "/browsers/end",
            Open::People(Reads::Nothing),
            post(browsers::end),
        ),
    ]
}

/// What the collector is.
fn collector() -> Vec<Route> {
    vec![
        Route::new("/add", Open::Owners, get(add::show).post(add::make)),
        Route::new("/settings", Open::Owners, get(settings::show)),
        Route::new(
            "/settings/owners",
            Open::Owners,
            get(owners::show_form).post(owners::invite),
        ),
        Route::new(
            "/settings/owners/{id}/end",
            Open::Owners,
            get(owners::ask_end).post(owners::end),
        ),
        Route::new(
            "/settings/second-factor",
            Open::Owners,
            get(second::show).post(second::add),
        ),
        Route::new(
            "/settings/second-factor/off",
            Open::Owners,
            post(second::remove),
        ),
        Route::new(
            "/settings/password",
            Open::Owners,
            get(password::show).post(password::change),
        ),
        Route::new(
            "/settings/sign-out-others",
            Open::Owners,
            post(settings::sign_out_others),
        ),
    ]
}

/// All of them behind their guards. Answers are not compressed, on purpose: a page holds the session's form
/// token and what other computers reported beside names that any computer chooses, and the length of a
/// compressed answer would tell who listens on the network how the two are alike (BREACH). Style sheet and
/// script, which hold no secret, are small and loaded once.
pub(super) fn router(state: State) -> Router {
    let mut all = Router::new();
    for route in routes() {
        let mut one = Router::new().route(route.path, route.handlers);
        if route.open != Open::Everybody {
            let guarded = Guarded {
                state: state.clone(),
                open: route.open,
            };
            one = one.route_layer(middleware::from_fn_with_state(guarded, guard::signed_in));
        }
        all = all.merge(one);
    }
    all.fallback(async || Trouble::NotFound)
        .method_not_allowed_fallback(async || Trouble::Method)
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .layer(middleware::from_fn_with_state(state.clone(), guard::admit))
        .layer(middleware::from_fn_with_state(state.clone(), guard::harden))
        .with_state(state)
}
