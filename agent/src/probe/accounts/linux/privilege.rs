//! Privileges as items of the section.

use std::cmp::Ordering;

use freehold_proto::v1::{
    accounts::{
        Privilege,
        privilege::{Mechanism, PrincipalKind},
    },
    toggle::State,
};

use crate::probe::section::Diagnostics;

use super::people::Principal;

/// What full control is called in a scope.
pub(super) const EVERYTHING: &str = "everything";

/// What a source says, before it is given to those it holds for.
#[derive(Clone)]
pub(super) struct Ground<'a> {
    pub(super) mechanism: Mechanism,
    pub(super) source: &'a str,
    pub(super) line: u32,
}

impl Ground<'_> {
    /// The privilege of one principal.
    pub(super) fn privilege(
        &self,
        principal: Principal,
        path: Vec<String>,
        scope: String,
        conditions: Vec<String>,
        full_control: State,
    ) -> Privilege {
        Privilege {
            principal: principal.name,
            principal_kind: principal.kind.into(),
            principal_id: principal.id,
            mechanism: self.mechanism.into(),
            path,
            scope,
            conditions,
            source: self.source.to_owned(),
            line: Some(self.line),
            full_control: full_control.into(),
        }
    }
}

/// Everybody, as the holder of a privilege.
pub(super) fn everyone() -> Principal {
    Principal {
        name: "everyone".into(),
        kind: PrincipalKind::Everyone,
        id: String::new(),
    }
}

/// The canonical order.
pub(super) fn order(a: &Privilege, b: &Privilege) -> Ordering {
    let key = |privilege: &Privilege| (privilege.mechanism, privilege.line);
    a.principal
        .cmp(&b.principal)
        .then_with(|| a.principal_kind.cmp(&b.principal_kind))
        .then_with(|| key(a).0.cmp(&key(b).0))
        .then_with(|| a.path.cmp(&b.path))
        .then_with(|| a.source.cmp(&b.source))
        .then_with(|| key(a).1.cmp(&key(b).1))
        .then_with(|| a.scope.cmp(&b.scope))
        .then_with(|| a.conditions.cmp(&b.conditions))
}

/// Cuts its texts to what fits a section.
pub(super) fn fit(privilege: &mut Privilege, diagnostics: &mut Diagnostics) {
    let position = match privilege.line {
        Some(line) => format!("line {line}"),
        None => String::new(),
    };
    let source = privilege.source.clone();
    let texts = [
        &mut privilege.principal,
        &mut privilege.scope,
        &mut privilege.source,
    ];
    for text in texts
        .into_iter()
        .chain(&mut privilege.conditions)
        .chain(&mut privilege.path)
    {
        *text = diagnostics.fit(&source, &position, std::mem::take(text));
    }
}

/// On, off, or unknown.
pub(super) fn state(known: Option<bool>) -> State {
    match known {
        Some(true) => State::On,
        Some(false) => State::Off,
        None => State::Unknown,
    }
}
