//! Every address, crossed with everybody who might use it. For calls, see the tests of `remote`.
//!
//! A new one makes these tests fail until somebody has said here who may use it.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};

use super::{
    guest::Guest,
    site::{Browser, HOST, World, concrete, this_computer},
};
use crate::{audit::Actor, dashboard::route::routes};

/// What somebody gets who asks for an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gets {
    /// The page, or what a form does.
    It,
    /// Led to the sign-in.
    Door,
    /// Refused with 403.
    Refused,
    /// Not there for this person, or at all: 404.
    Nothing,
    /// There is nothing of this kind: 405.
    NoMethod,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Nobody,
    Owner,
    /// A guest to whom everything is shared.
    Within,
    /// A guest to whom the computer that is asked for is not shared.
    Outside,
    Expired,
    Suspended,
    Revoked,
}

const EVERYBODY: [Who; 7] = [
    Who::Nobody,
    Who::Owner,
    Who::Within,
    Who::Outside,
    Who::Expired,
    Who::Suspended,
    Who::Revoked,
];

/// What is expected of an address: what an owner, a guest within scope and one outside get, by GET and by a
/// form. Everybody else is led to the door, unless `open`.
struct Expected {
    path: &'static str,
    get: [Gets; 3],
    post: [Gets; 3],
    open: bool,
}

const fn page(path: &'static str) -> Expected {
    Expected {
        path,
        get: [Gets::It; 3],
        post: [Gets::NoMethod; 3],
        open: false,
    }
}

const fn computer(path: &'static str) -> Expected {
    Expected {
        get: [Gets::It, Gets::It, Gets::Nothing],
        ..page(path)
    }
}

/// A page with a form, for owners alone.
const fn owners(path: &'static str) -> Expected {
    let only = [Gets::It, Gets::Refused, Gets::Refused];
    Expected {
        get: only,
        post: only,
        ..page(path)
    }
}

const fn open(path: &'static str, get: Gets, post: Gets) -> Expected {
    Expected {
        path,
        get: [get; 3],
        post: [post; 3],
        open: true,
    }
}

/// Every address there is.
const ADDRESSES: [Expected; 53] = [
    open("/healthz", Gets::It, Gets::NoMethod),
    open("/assets/{name}", Gets::It, Gets::NoMethod),
    open("/certificate", Gets::Nothing, Gets::NoMethod),
    open("/packages/{name}", Gets::It, Gets::NoMethod),
    open("/setup", Gets::It, Gets::It),
    open("/sign-in", Gets::It, Gets::It),
    open("/invitation/{token}", Gets::Nothing, Gets::Nothing),
    Expected {
        get: [Gets::NoMethod; 3],
        post: [Gets::It; 3],
        ..page("/sign-out")
    },
    page("/"),
    page("/findings"),
    computer("/findings/{id}"),
    owners("/findings/{id}/{action}"),
    page("/computers"),
    computer("/computers/{id}"),
    computer("/computers/{id}/sections/{section}"),
    computer("/computers/{id}/changes"),
    Expected {
        post: [Gets::It; 3],
        ..computer("/computers/{id}/suggest")
    },
    Expected {
        post: [Gets::NoMethod; 3],
        ..owners("/suggestions")
    },
    Expected {
        get: [Gets::NoMethod; 3],
        ..owners("/suggestions/{id}/{action}")
    },
    owners("/computers/{id}/{action}"),
    page("/software"),
    page("/search"),
    // Guests of these tests may read, but not take lists along.
    Expected {
        get: [Gets::It, Gets::Refused, Gets::Refused],
        ..page("/export/{list}")
    },
    page("/administrators"),
    // Nobody of no name administers anything, which only an owner is told.
    Expected {
        get: [Gets::Nothing, Gets::Refused, Gets::Refused],
        ..owners("/administrators/whose")
    },
    page("/changes"),
    page("/difference"),
    page("/questions"),
    page("/questions/answer"),
    // Guests of these tests may read, but not take lists along.
    Expected {
        get: [Gets::It, Gets::Refused, Gets::Refused],
        ..page("/questions/csv")
    },
    page("/questions/tables"),
    Expected {
        get: [Gets::NoMethod; 3],
        post: [Gets::It; 3],
        ..page("/questions/save")
    },
    Expected {
        get: [Gets::NoMethod; 3],
        post: [Gets::It; 3],
        ..page("/questions/forget")
    },
    page("/access"),
    page("/access/log"),
    // For a technician who leads.
    Expected {
        get: [Gets::Nothing, Gets::Refused, Gets::Refused],
        post: [Gets::It; 3],
        ..page("/access/invite")
    },
    owners("/access/new"),
    Expected {
        get: [Gets::Nothing, Gets::Refused, Gets::Refused],
        ..owners("/access/{id}/change")
    },
    // There is no grant of that name, which only an owner is told.
    Expected {
        get: [Gets::Nothing, Gets::Refused, Gets::Refused],
        ..owners("/access/{id}/{action}")
    },
    Expected {
        post: [Gets::It; 3],
        ..page("/command-line")
    },
    Expected {
        get: [Gets::NoMethod; 3],
        post: [Gets::It; 3],
        ..page("/command-line/end")
    },
    owners("/add"),
    Expected {
        post: [Gets::NoMethod; 3],
        ..owners("/settings")
    },
    page("/browsers"),
    Expected {
        get: [Gets::NoMethod; 3],
        post: [Gets::It; 3],
        ..page("/browsers/end")
    },
    owners("/settings/owners"),
    // There is no owner of that name.
    Expected {
        get: [Gets::Nothing, Gets::Refused, Gets::Refused],
        ..owners("/settings/owners/{id}/end")
    },
    owners("/settings/second-factor"),
    Expected {
        get: [Gets::NoMethod; 3],
        ..owners("/settings/second-factor/off")
    },
    owners("/settings/password"),
    owners("/settings/alerts"),
    Expected {
        get: [Gets::NoMethod; 3],
        ..owners("/settings/alerts/try")
    },
    Expected {
        get: [Gets::NoMethod; 3],
        ..owners("/settings/sign-out-others")
    },
];

/// Live pages, which do not end by themselves: an owner and guests get them, nobody else.
const LIVE: &str = "/events";

impl Expected {
    fn of(&self, who: Who, method: &Method) -> Gets {
        let [owner, within, outside] = if *method == Method::GET {
            self.get
        } else {
            self.post
        };
        match who {
            Who::Owner => owner,
            Who::Within => within,
            Who::Outside => outside,
            _ if self.open => owner,
            _ if owner == Gets::NoMethod => Gets::NoMethod,
            _ => Gets::Door,
        }
    }
}

fn asker(world: &World, owner: &Browser, guests: &[(Who, Guest)], who: Who) -> Browser {
    match who {
        Who::Nobody => world.browser(),
        Who::Owner => owner.clone(),
        _ => guests
            .iter()
            .find(|(of, _)| *of == who)
            .unwrap()
            .1
            .browser
            .clone(),
    }
}

#[tokio::test]
async fn every_address_gives_everybody_what_is_declared_and_nothing_else() {
    let declared: Vec<&str> = ADDRESSES.iter().map(|it| it.path).chain([LIVE]).collect();
    for route in routes() {
        assert!(
            declared.contains(&route.path),
            "say here who may use {}",
            route.path
        );
    }
    assert_eq!(declared.len(), routes().len(), "an address went away");
    for who in EVERYBODY {
        // A world each: what one does must not help another.
        let world = World::new();
        let owner = world.owner().await;
        let given = this_computer("pc", world.clock.now()).with_wrong_clock();
        let id = world.add(given).await;
        let browser = prepared(&world, &owner, who).await;
        for expected in &ADDRESSES {
            for method in [Method::GET, Method::POST] {
                let path = concrete(expected.path, id);
                let wanted = expected.of(who, &method);
                let got = ask(&browser, &method, &path).await;
                let what = format!("{who:?} {method} {path}");
                if method == Method::POST && wanted == Gets::It {
                    // Without its fields a form is not done, but understood, or its token is asked for.
                    assert!(is_taken(expected, got), "{what}: {got}");
                    continue;
                }
                assert_eq!(seen(got), Some(wanted), "{what}: {got}");
            }
        }
        let live = ask(&browser, &Method::GET, LIVE).await;
        let wanted = match who {
            Who::Owner | Who::Within | Who::Outside => StatusCode::OK,
            _ => StatusCode::SEE_OTHER,
        };
        assert_eq!(live, wanted, "{who:?} {LIVE}");
    }
}

/// The browser of somebody.
async fn prepared(world: &World, owner: &Browser, who: Who) -> Browser {
    let by = Actor::console();
    let rules: &[&str] = if who == Who::Outside {
        &["all@nowhere"]
    } else {
        &["all"]
    };
    let guests = match who {
        Who::Nobody | Who::Owner => Vec::new(),
        _ => vec![(who, world.guest(rules).await)],
    };
    if let Some((_, guest)) = guests.first() {
        let (grants, id) = (world.desk().grants, guest.grant.id);
        match who {
            Who::Suspended => drop(grants.suspend(id, &by).await.unwrap()),
            Who::Revoked => drop(grants.revoke(id, &by).await.unwrap()),
            Who::Expired => {
                grants.extend(id, 1, &by).await.unwrap();
                // Seen now and then, so that it is the grant that ends and not the session.
                for _ in 0..4 {
                    world
                        .clock
                        .advance(std::time::Duration::from_secs(6 * 60 * 60));
                    guest.browser.clone().get("/").await;
                }
            }
            _ => {}
        }
    }
    asker(world, owner, &guests, who)
}

fn seen(status: StatusCode) -> Option<Gets> {
    match status {
        StatusCode::OK => Some(Gets::It),
        StatusCode::SEE_OTHER => Some(Gets::Door),
        StatusCode::FORBIDDEN => Some(Gets::Refused),
        StatusCode::NOT_FOUND => Some(Gets::Nothing),
        StatusCode::METHOD_NOT_ALLOWED => Some(Gets::NoMethod),
        _ => None,
    }
}

/// A form without its fields: one that anybody may send is looked at, others lack their session's token.
fn is_taken(expected: &Expected, got: StatusCode) -> bool {
    if expected.open {
        got == StatusCode::UNPROCESSABLE_ENTITY
    } else {
        got == StatusCode::FORBIDDEN
    }
}

async fn ask(browser: &Browser, method: &Method, path: &str) -> StatusCode {
    let cookies: Vec<String> = browser
        .cookies
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let request = Request::builder()
        .method(method.clone())
        .uri(path)
        .header(header::HOST, HOST)
        .header(header::COOKIE, cookies.join("; "))
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::empty());
    browser.raw(request.unwrap()).await.status()
}
