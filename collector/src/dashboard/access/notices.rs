//! What an owner is told of grants without asking: that one ends soon, that one was made to last longer, that
//! something was proposed.

use std::time::Duration;

use super::super::{
    Desk,
    markup::Markup,
    text::{access as t, count, suggestions},
    trouble::Trouble,
};
use crate::{
    access::{Grant, GrantState, Session},
    clock::UnixMillis,
};

/// How long before its end, and how long after it was moved, a grant is told of.
const TOLD: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// What there is to tell whoever is signed in; nothing to guests, who read it in the banner of every page.
pub(in crate::dashboard) fn notices(
    desk: &Desk,
    session: &Session,
    grants: &[Grant],
    now: UnixMillis,
) -> Result<Vec<Markup>, Trouble> {
    if !session.is_owner() {
        return Ok(Vec::new());
    }
    let active = grants
        .iter()
        .filter(|grant| grant.state(now) == GrantState::Active);
    let mut told: Vec<Markup> = active
        .flat_map(|grant| [ends_soon(grant, now), was_moved(grant, now)])
        .flatten()
        .collect();
    let waiting = desk.suggestions.waiting()?;
    if waiting > 0 {
        let number = Markup::text(&count(waiting, "proposal", "proposals"));
        let link = Markup::link("/suggestions", &number);
        told.push(Markup::fill(suggestions::WAITING, &[("count", link)]));
    }
    Ok(told)
}

fn ends_soon(grant: &Grant, now: UnixMillis) -> Option<Markup> {
    (grant.expires_at.since(now) <= TOLD).then(|| {
        let extend = format!("/access/{}/extend", grant.id);
        Markup::fill(
            t::ENDS_SOON,
            &[
                ("supplier", Markup::name(&grant.supplier)),
                ("when", Markup::moment(grant.expires_at, now)),
                ("extend", Markup::link(&extend, &Markup::text(t::EXTEND_IT))),
            ],
        )
    })
}

/// Told for a while, also to the owner who did it: somebody else may sit at an owner's browser, or at the console.
fn was_moved(grant: &Grant, now: UnixMillis) -> Option<Markup> {
    let moved = grant.moved.as_ref()?;
    let is_news = now.since(moved.at) < TOLD && grant.expires_at > moved.from;
    is_news.then(|| {
        let by = if moved.by.is_empty() {
            Markup::text(t::BY_CONSOLE)
        } else {
            Markup::name(&moved.by)
        };
        Markup::fill(
            t::WAS_MOVED,
            &[
                ("supplier", Markup::name(&grant.supplier)),
                ("when", Markup::time(moved.at, now)),
                ("by", by),
                ("from", Markup::moment(moved.from, now)),
                ("until", Markup::moment(grant.expires_at, now)),
                ("show", Markup::link("/access", &Markup::text(t::SHOW))),
            ],
        )
    })
}
