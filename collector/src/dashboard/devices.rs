//! The command line: the devices that read with it, and the one-time code that adds one.

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Query, State as Shared},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use secrecy::SecretString;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{
    State,
    add::{
        is_loopback,
        shelf::{self, Offer},
    },
    door::secret,
    guard,
    markup::{Markup, plain},
    page::{Done, Page, Signed, render},
    text::{self, devices as t},
    trouble::Trouble,
};
use crate::{
    access::{Device, DeviceCode, DeviceError, Session},
    audit::Actor,
    clock::UnixMillis,
    packages::Program,
    peer::{DeviceId, Remote},
};

/// Addresses that a code names at most.
const ADDRESSES: usize = 16;

#[derive(Template)]
#[template(path = "devices.html")]
struct DevicesPage {
    page: Page,
    problem: Option<String>,
    made: Option<Made>,
    devices: Vec<DeviceRow>,
    /// The command itself, for each system.
    packages: Vec<Offer>,
}

/// A code just made. Shown once.
struct Made {
    line: Zeroizing<String>,
    says: Markup,
}

struct DeviceRow {
    id: DeviceId,
    name: Markup,
    plain_name: String,
    whose: Markup,
    used: Markup,
    address: Markup,
}

/// The field of the form that makes a code.
#[derive(Deserialize)]
pub(super) struct CodeForm {
    #[serde(default, deserialize_with = "secret")]
    password: SecretString,
}

/// The field of the form that ends a device.
#[derive(Deserialize)]
pub(super) struct EndForm {
    #[serde(default)]
    device: String,
}

/// Shows the devices: everybody's to an owner, and a guest its own.
pub(super) async fn show(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Query(done): Query<Done>,
) -> Result<Response, Trouble> {
    page(&state, &session, &done, None, None).await
}

/// Makes a code for whoever knows the password: a browser that was left open must not become a device that stays.
pub(super) async fn make_code(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    remote: Option<Extension<Remote>>,
    headers: HeaderMap,
    Form(form): Form<Signed<CodeForm>>,
) -> Result<Response, Trouble> {
    let form = form.of(&session)?;
    if !session.is_owner() && state.pace.check_key(&session.person).is_err() {
        return Err(Trouble::TooOften);
    }
    let desk = &state.desk;
    let origin = guard::origin(&headers, remote.as_deref(), state.site.https);
    let made = desk
        .people
        .make_device_code(&session, form.password, &origin)
        .await;
    let (status, problem) = match made {
        Ok((secret, expires_at)) => {
            let pin = desk.authority.root_pin();
            let code = DeviceCode::new(dialled(&desk.addresses), pin, secret);
            let when = Markup::moment(expires_at, desk.clock.now());
            let made = Made {
                line: Zeroizing::new(format!("freehold accept {}", code.encode())),
                says: Markup::fill(t::CODE_READY, &[("when", when)]),
            };
            return page(&state, &session, &Done::default(), None, Some(made)).await;
        }
        Err(problem @ DeviceError::TooMany(_)) => (StatusCode::TOO_MANY_REQUESTS, problem),
        Err(problem @ DeviceError::WrongPassword) => (StatusCode::UNPROCESSABLE_ENTITY, problem),
        Err(error) => return Err(Trouble::failed(error)),
    };
    let problem = Some(problem.to_string());
    let page = page(&state, &session, &Done::default(), problem, None).await?;
    Ok((status, page).into_response())
}

/// Shuts a device out.
pub(super) async fn end(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Extension(by): Extension<Actor>,
    Form(form): Form<Signed<EndForm>>,
) -> Result<Response, Trouble> {
    let form = form.of(&session)?;
    let id: DeviceId = form.device.parse().map_err(|_| Trouble::NotFound)?;
    match state.desk.people.end_device(id, &session, &by).await {
        Ok(()) => Ok(Redirect::to("/command-line?done=device-ended").into_response()),
        Err(DeviceError::Unknown) => Err(Trouble::NotFound),
        Err(error) => Err(Trouble::failed(error)),
    }
}

/// Addresses in the order in which a device tries them: those that lead here from this computer alone come last.
fn dialled(addresses: &[String]) -> Vec<String> {
    let mut addresses = addresses.to_vec();
    addresses.sort_by_key(|address| is_loopback(address));
    addresses.truncate(ADDRESSES);
    addresses
}

async fn page(
    state: &State,
    session: &Session,
    done: &Done,
    problem: Option<String>,
    made: Option<Made>,
) -> Result<Response, Trouble> {
    let desk = &state.desk;
    let now = desk.clock.now();
    let devices = desk.people.devices(session)?;
    let (packages, unreadable) = shelf::packages(state, Program::CommandLine).await;
    Ok(render(&DevicesPage {
        page: Page::signed_in(desk, session, t::TITLE, "/access")?.done(done),
        problem: problem.or(unreadable),
        made,
        packages: packages.iter().map(Offer::of).collect(),
        devices: devices.iter().map(|device| row(device, now)).collect(),
    }))
}

fn row(device: &Device, now: UnixMillis) -> DeviceRow {
    DeviceRow {
        id: device.id,
        name: Markup::name(&device.name),
        plain_name: plain(&device.name),
        whose: Markup::name(&device.person_name),
        used: Markup::time(device.seen_at, now),
        address: Markup::code(&device.remote),
    }
}
