//! The overview: one honest sentence, what needs a look, four questions.

use std::{collections::BTreeSet, time::Duration};

use askama::Template;
use axum::{Extension, extract::State as Shared, response::Response};

use super::{
    Desk, State, alerts,
    findings::{self, Card, behind, looking, request},
    markup::Markup,
    page::{Page, made_aside, render},
    standing::{Shield, Standing},
    text::{self, computers_counted, count, overview as t},
    tone::Tone,
    trouble::Trouble,
};
use crate::{
    access::{Change, Fact, Grant, GrantState, MachineLine, Session},
    clock::UnixMillis,
    history::Moment,
    store::record::{Action, MachineState},
};

/// Matters shown before a link leads to the rest.
const MATTERS: usize = 8;

/// How far back "what changed" looks.
const LATELY: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Changes counted at most.
const COUNTED: usize = 1000;

/// How long a restored access is shown.
const RESET_SHOWN: Duration = Duration::from_secs(30 * 24 * 60 * 60);

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    page: Page,
    sentence: Markup,
    left_out: Option<Markup>,
    reset: Option<Markup>,
    notices: Vec<Markup>,
    unsent: Option<Markup>,
    empty: bool,
    attention: Vec<Card>,
    looking: Option<Markup>,
    more_attention: Option<Markup>,
    tiles: Vec<Tile>,
}

struct Tile {
    tone: Tone,
    question: &'static str,
    answer: Vec<Markup>,
}

/// Shows the overview.
pub(super) async fn show(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
) -> Result<Response, Trouble> {
    made_aside(move || page(&state.desk, &session)).await
}

fn page(desk: &Desk, session: &Session) -> Result<Response, Trouble> {
    let now = desk.clock.now();
    let lines = desk.inventory.machines(&session.viewer(), Moment::Now)?;
    let (counted, past): (Vec<&MachineLine>, Vec<&MachineLine>) = lines.iter().partition(|line| {
        matches!(
            line.machine.state,
            MachineState::Active | MachineState::Waiting
        )
    });
    let standings: Vec<Standing> = counted.iter().map(|line| Standing::of(line, now)).collect();
    let in_need = standings
        .iter()
        .filter(|standing| standing.needs_a_look)
        .count();
    let (attention, more_attention) = attention(desk, session, &lines, now);
    let active: Vec<(&MachineLine, &Standing)> = counted
        .iter()
        .copied()
        .zip(&standings)
        .filter(|(line, _)| line.machine.state == MachineState::Active)
        .collect();
    let changes = desk
        .inventory
        .all_changes(&session.viewer(), None, COUNTED)?;
    let grants = if session.is_owner() {
        desk.grants.all()?
    } else {
        Vec::new()
    };
    Ok(render(&OverviewPage {
        page: Page::signed_in(desk, session, t::TITLE, "/")?.live(),
        sentence: sentence(counted.len(), in_need, behind(&lines)),
        left_out: (!past.is_empty() && !counted.is_empty()).then(|| {
            let retired = Markup::text(&computers_counted(past.len()));
            let retired = Markup::link("/computers?show=past", &retired);
            Markup::fill(t::LEFT_OUT, &[("retired", retired)])
        }),
        reset: if session.is_owner() {
            reset(desk, now)?
        } else {
            None
        },
        notices: super::access::notices(desk, session, &grants, now)?,
        unsent: if session.is_owner() {
            alerts::failing(desk)?
        } else {
            None
        },
        empty: lines.is_empty(),
        attention,
        more_attention,
        looking: looking(&lines),
        tiles: vec![
            protected(&active),
            administrators(&active),
            changed(&changes, now),
            access(session, &grants, now),
        ],
    }))
}

/// What to look at, the worst first, with what to ask for, and a link to the rest.
fn attention(
    desk: &Desk,
    session: &Session,
    lines: &[MachineLine],
    now: UnixMillis,
) -> (Vec<Card>, Option<Markup>) {
    let found = findings::sorted(lines, |finding| finding.needs_a_look(now));
    let viewer = session.viewer();
    let mut shown = Vec::new();
    for mut fold in findings::folded(&found) {
        if shown.len() >= MATTERS {
            break;
        }
        fold.found.truncate(findings::UNFOLDED);
        shown.extend(fold.cards(now, |line, finding, card| {
            card.with_request(request(desk, &viewer, &line.machine, finding, now))
        }));
    }
    shown.truncate(MATTERS);
    let all = count(found.len(), "finding", "findings");
    let more = Markup::fill(t::MORE, &[("count", Markup::text(&all))]);
    let more = (found.len() > MATTERS).then(|| Markup::link("/findings", &more));
    (shown, more)
}

fn sentence(all: usize, in_need: usize, behind: usize) -> Markup {
    if all == 0 {
        return Markup::text(t::NO_COMPUTERS);
    }
    let link = |show: &str, words: &str| {
        Markup::link(&format!("/computers?show={show}"), &Markup::text(words))
    };
    let computers = Markup::link("/computers", &Markup::text(&computers_counted(all)));
    if in_need == 0 && behind > 0 {
        let some = Markup::text(&if behind == all {
            "all of them".to_owned()
        } else {
            computers_counted(behind)
        });
        return Markup::fill(t::BEHIND, &[("computers", computers), ("some", some)]);
    }
    let need = Markup::text(if in_need == 1 { "needs" } else { "need" });
    if in_need == 0 {
        return Markup::fill(t::ALL_FINE, &[("computers", computers)]);
    }
    let (message, some) = match (in_need, all) {
        (1, 1) => (t::ALL_NEED, "It"),
        (2, 2) => (t::ALL_NEED, "Both"),
        (some, all) if some == all => (t::ALL_NEED, "All"),
        _ => (t::SOME, ""),
    };
    let words = if some.is_empty() {
        in_need.to_string()
    } else {
        some.to_owned()
    };
    let some = link("attention", &words);
    Markup::fill(
        message,
        &[
            ("computers", computers),
            ("some", some.clone()),
            ("all", some),
            ("need", need),
        ],
    )
}

fn reset(desk: &Desk, now: UnixMillis) -> Result<Option<Markup>, Trouble> {
    let reset = desk
        .people
        .owners()?
        .into_iter()
        .filter_map(|person| person.reset_at)
        .max()
        .filter(|at| now.since(*at) < RESET_SHOWN);
    Ok(reset.map(|at| Markup::fill(t::RESET, &[("when", Markup::time(at, now))])))
}

fn protected(active: &[(&MachineLine, &Standing)]) -> Tile {
    let of = |shield| {
        active
            .iter()
            .filter(|(_, standing)| standing.protection == shield)
            .count()
    };
    let (missing, unknown) = (of(Shield::Missing), of(Shield::Unknown));
    let link = |show: &str, number: usize| {
        let number = Markup::number(number as u64).strong();
        Markup::link(&format!("/computers?show={show}"), &number)
    };
    let all = Markup::text(&computers_counted(active.len()));
    let mut answer = vec![Markup::fill(
        t::PROTECTED_ALL,
        &[
            ("working", link("protected", of(Shield::Works))),
            ("all", Markup::link("/computers?show=active", &all)),
        ],
    )];
    let rest: Vec<Markup> = [
        (missing, "unprotected", t::PROTECTED_NOT),
        (unknown, "protection-unknown", t::PROTECTED_UNKNOWN),
    ]
    .into_iter()
    .filter(|(number, _, _)| *number > 0)
    .map(|(number, show, message)| Markup::fill(message, &[("count", link(show, number))]))
    .collect();
    if !rest.is_empty() {
        answer.push(Markup::joined(rest, " "));
    }
    Tile {
        tone: match (active.len(), missing, unknown) {
            (0, _, _) => Tone::Plain,
            (_, 0, 0) => Tone::Good,
            (_, 0, _) => Tone::Unknown,
            _ => Tone::Bad,
        },
        question: t::PROTECTED,
        answer,
    }
}

fn administrators(active: &[(&MachineLine, &Standing)]) -> Tile {
    let mut accounts = 0;
    let mut names: BTreeSet<&str> = BTreeSet::new();
    let (mut known, mut unknown) = (0, 0);
    for (line, _) in active {
        match &line.headline.administrators {
            Fact::Known(administrators) => {
                known += 1;
                accounts += administrators.names.len();
                names.extend(administrators.names.iter().map(AsRef::as_ref));
                if !administrators.complete {
                    unknown += 1;
                }
            }
            Fact::NotRead | Fact::NotReported | Fact::Unreadable => unknown += 1,
            Fact::Hidden => {}
        }
    }
    let mut answer = Vec::new();
    if known == 0 {
        answer.push(Markup::text(t::ADMINISTRATORS_NONE));
    } else {
        let computers = Markup::text(&computers_counted(known));
        let accounts = Markup::text(&count(accounts, "account", "accounts")).strong();
        answer.push(Markup::fill(
            t::ADMINISTRATORS_ARE,
            &[
                ("accounts", accounts),
                (
                    "computers",
                    Markup::link("/computers?show=administrators-known", &computers),
                ),
            ],
        ));
        answer.push(Markup::names(names.iter().copied(), 6));
    }
    if unknown > 0 {
        let computers = Markup::text(&computers_counted(unknown));
        let computers = Markup::link("/computers?show=administrators-unknown", &computers);
        answer.push(Markup::fill(
            t::ADMINISTRATORS_UNKNOWN,
            &[("computers", computers)],
        ));
    }
    Tile {
        tone: if unknown > 0 || known == 0 {
            Tone::Unknown
        } else {
            Tone::Plain
        },
        question: t::ADMINISTRATORS,
        answer,
    }
}

fn changed(changes: &[Change], now: UnixMillis) -> Tile {
    let since = now.minus(LATELY);
    let changes: Vec<&Change> = changes
        .iter()
        .take_while(|change| change.at >= since)
        .filter(|change| change.action != Action::FirstReport)
        .collect();
    let number: usize = changes
        .iter()
        .map(|change| 1 + change.folded as usize)
        .sum();
    let mut answer = Vec::new();
    match changes.first() {
        None => answer.push(Markup::text(t::CHANGED_NONE)),
        Some(latest) => {
            let more = if changes.len() >= COUNTED - 1 {
                "more than "
            } else {
                ""
            };
            let words = format!("{more}{}", count(number, "change", "changes"));
            let link = Markup::link("/changes", &Markup::text(&words).strong());
            answer.push(Markup::fill(t::CHANGED_COUNT, &[("changes", link)]));
            let computer = Markup::link(
                &super::standing::path(latest.machine),
                &Markup::name(&latest.machine_name),
            );
            answer.push(Markup::fill(
                t::CHANGED_LAST,
                &[
                    ("summary", Markup::name(&latest.summary)),
                    ("computer", computer),
                    ("when", Markup::time(latest.at, now)),
                ],
            ));
        }
    }
    Tile {
        tone: Tone::Plain,
        question: t::CHANGED,
        answer,
    }
}

fn access(session: &Session, grants: &[Grant], now: UnixMillis) -> Tile {
    let link = |words: &str| Markup::link("/access", &Markup::text(words));
    let answer = if session.is_owner() {
        let holding = grants
            .iter()
            .filter(|grant| grant.state(now) == GrantState::Active);
        let first = match holding.count() {
            0 => link(t::ACCESS_ONLY_YOU),
            some => {
                let suppliers = link(&count(some, "supplier", "suppliers"));
                Markup::fill(t::ACCESS_SUPPLIERS, &[("suppliers", suppliers)])
            }
        };
        vec![first, Markup::text(t::ACCESS_ADMINISTRATORS)]
    } else {
        let access = link(text::ACCESS);
        vec![Markup::fill(t::ACCESS_GUEST, &[("access", access)])]
    };
    Tile {
        tone: Tone::Plain,
        question: t::ACCESS,
        answer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_counts_honestly() {
        let of = |all, in_need, behind| {
            let html = sentence(all, in_need, behind).to_string();
            let mut text = String::new();
            let mut inside = false;
            for c in html.chars() {
                match c {
                    '<' => inside = true,
                    '>' => inside = false,
                    c if !inside => text.push(c),
                    _ => {}
                }
            }
            text
        };
        let plain = |all, in_need| of(all, in_need, 0);
        assert_eq!(of(3, 2, 1), plain(3, 2));
        assert_eq!(
            of(3, 0, 1),
            "3 computers. Freehold is still going through 1 computer."
        );
        assert_eq!(
            of(3, 0, 3),
            "3 computers. Freehold is still going through all of them."
        );
        assert_eq!(plain(0, 0), "No computers yet.");
        assert_eq!(
            plain(1, 0),
            "1 computer. Nothing that we can see needs you."
        );
        assert_eq!(plain(1, 1), "1 computer. It needs a look.");
        assert_eq!(plain(14, 3), "14 computers. 3 need a look.");
        assert_eq!(plain(14, 1), "14 computers. 1 needs a look.");
        assert_eq!(plain(2, 2), "2 computers. Both need a look.");
    }
}
