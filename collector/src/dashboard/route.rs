//! Every address of the dashboard, declared once.

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{MethodRouter, get, post},
};

use super::{
    State, access, action, add, administrators, alerts, assets, browsers, certificate, changes,
    computer, computers, demo, devices, difference, door, export, findings, guard, guard::Guarded,
    health, invitation, live, overview, owners, packages, password, questions, search, second,
    settings, software, suggestions, trouble::Trouble,
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
    Administrators,
    Software,
    Search,
    Export,
    Changes,
    Difference,
    ComputerChanges,
    /// What a question reads: whoever answers it writes that down, once it is known.
    Question,
    Access,
    Log,
}

/// An address.
pub(super) struct Route {
    pub(super) path: &'static str,
    pub(super) open: Open,
    handlers: MethodRouter<State>,
}

/// All addresses.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn routes() -> Vec<Route> {
    use Open::{Everybody, Owners, People, Proposes};
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
        route(
            "/invitation/{token}",
            Everybody,
            get(invitation::show).post(invitation::accept),
        ),
        route("/sign-out", People(Reads::Nothing), post(door::sign_out)),
        route("/", People(Reads::Overview), get(overview::show)),
        route("/findings", People(Reads::Findings), get(findings::show)),
        route(
            "/findings/{id}",
            People(Reads::Finding),
            get(findings::show_one),
        ),
        route(
            "/findings/{id}/{action}",
            Owners,
            get(findings::ask).post(findings::act),
        ),
        route("/computers", People(Reads::Computers), get(computers::show)),
        route(
            "/computers/{id}",
            People(Reads::Computer),
            get(computer::show),
        ),
        route(
            "/computers/{id}/sections/{section}",
            People(Reads::Section),
            get(computer::show_section),
        ),
        route(
            "/computers/{id}/changes",
            People(Reads::ComputerChanges),
            get(changes::show_machine),
        ),
        route(
            "/computers/{id}/suggest",
            Proposes(Reads::Computer),
            get(suggestions::show_form).post(suggestions::suggest),
        ),
        route("/suggestions", Owners, get(suggestions::show)),
        route(
            "/suggestions/{id}/{action}",
            Owners,
            post(suggestions::decide),
        ),
        route(
            "/computers/{id}/{action}",
            Owners,
            get(action::ask).post(action::act),
        ),
        route("/software", People(Reads::Software), get(software::show)),
        route("/search", People(Reads::Search), get(search::show)),
        route("/export/{list}", People(Reads::Export), get(export::show)),
        route(
            "/administrators",
            People(Reads::Administrators),
            get(administrators::show),
        ),
        route(
            "/administrators/whose",
            Owners,
            get(administrators::ask).post(administrators::say),
        ),
        route("/changes", People(Reads::Changes), get(changes::show)),
        route(
            "/difference",
            People(Reads::Difference),
            get(difference::show),
        ),
        route("/questions", People(Reads::Question), get(questions::show)),
        route(
            "/questions/answer",
            People(Reads::Question),
            get(questions::answer),
        ),
        route(
            "/questions/csv",
            People(Reads::Question),
            get(questions::take),
        ),
        route(
            "/questions/tables",
            People(Reads::Nothing),
            get(questions::tables),
        ),
        route(
            "/questions/save",
            People(Reads::Nothing),
            post(questions::save),
        ),
        route(
            "/questions/forget",
            People(Reads::Nothing),
            post(questions::forget),
        ),
        route("/access", People(Reads::Access), get(access::show)),
        route("/access/log", People(Reads::Log), get(access::show_log)),
        route(
            "/access/invite",
            People(Reads::Nothing),
            get(access::show_invite).post(access::invite_colleague),
        ),
        route(
            "/access/new",
            Owners,
            get(access::show_form).post(access::create),
        ),
        route(
            "/access/{id}/change",
            Owners,
            get(access::show_terms).post(access::change_terms),
        ),
        route(
            "/access/{id}/{action}",
            Owners,
            get(access::ask).post(access::act),
        ),
        route(
            "/command-line",
            People(Reads::Nothing),
            get(devices::show).post(devices::make_code),
        ),
        route(
            "/command-line/end",
            People(Reads::Nothing),
            post(devices::end),
        ),
        route("/add", Owners, get(add::show).post(add::make)),
        route("/browsers", People(Reads::Nothing), get(browsers::show)),
        route("/browsers/end", People(Reads::Nothing), post(browsers::end)),
        route("/settings", Owners, get(settings::show)),
        route(
            "/settings/owners",
            Owners,
            get(owners::show_form).post(owners::invite),
        ),
        route(
            "/settings/owners/{id}/end",
            Owners,
            get(owners::ask_end).post(owners::end),
        ),
        route(
            "/settings/second-factor",
            Owners,
            get(second::show).post(second::add),
        ),
        route("/settings/second-factor/off", Owners, post(second::remove)),
        route(
            "/settings/password",
            Owners,
            get(password::show).post(password::change),
        ),
        route(
            "/settings/alerts",
            Owners,
            get(alerts::show).post(alerts::save),
        ),
        route("/settings/alerts/try", Owners, post(alerts::try_out)),
        route(
            "/settings/sign-out-others",
            Owners,
            post(settings::sign_out_others),
        ),
        route("/events", People(Reads::Nothing), get(live::listen)),
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
    let all = all
        .fallback(async || Trouble::NotFound)
        .method_not_allowed_fallback(async || Trouble::Method)
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .layer(middleware::from_fn_with_state(state.clone(), guard::admit));
    let all = if state.desk.demo {
        all.layer(middleware::map_response(demo::mark))
    } else {
        all
    };
    all.layer(middleware::from_fn_with_state(state.clone(), guard::harden))
        .with_state(state)
}
