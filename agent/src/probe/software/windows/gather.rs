//! Asks the system for what the section is made of.

use super::{Programs, Rows, apps, installer, profiles, programs, updates};
use crate::{
    rows::{Answer, Below, Unread},
    sys::windows::{
        file,
        registry::{self, Key, Tree, View},
        wmi,
    },
};
use profiles::Profile;

/// All rows.
pub(super) fn rows() -> Rows {
    let (profiles, unread) = people();
    let mut programs = vec![
        of_machine(View::Bits64, "x64"),
        of_machine(View::Bits32, "x86"),
    ];
    let signed_in = registry::names(Tree::Users, "", View::Bits64).unwrap_or_default();
    for profile in profiles.iter().flatten() {
        programs.push(of_person(profile, &signed_in));
    }
    programs.extend(unread.into_iter().map(|(sid, unread)| Programs {
        source: format!(r"{}\{sid}", profiles::SOURCE),
        user: sid,
        architecture: "",
        answer: Err(unread),
        remark: String::new(),
    }));
    Rows {
        programs,
        products: products(),
        apps: packages(),
        updates: updates(),
        profiles,
    }
}

/// The profiles, and the keys of those that could not be read.
fn people() -> (Answer<Vec<Profile>>, Vec<(String, Unread)>) {
    const VERSION: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion";
    let version = registry::some_values(Tree::Machine, VERSION, View::Bits64, &["SystemRoot"]);
    let version = version.unwrap_or_default();
    let list = registry::below(
        Tree::Machine,
        profiles::SOURCE,
        View::Bits64,
        &["ProfileImagePath"],
    );
    match list {
        Ok(list) => {
            let people = profiles::people(&list.rows, version.text("SystemRoot"));
            (Ok(people), list.unread)
        }
        Err(unread) => (Err(unread), Vec::new()),
    }
}

fn of_machine(view: View, architecture: &'static str) -> Programs {
    let suffix = match view {
        View::Bits64 => "",
        View::Bits32 => " (32-bit)",
    };
    Programs {
        source: format!(r"HKEY_LOCAL_MACHINE\{}{suffix}", programs::KEY),
        user: String::new(),
        architecture,
        answer: registry::below(Tree::Machine, programs::KEY, view, &programs::VALUES),
        remark: String::new(),
    }
}

/// From the registry where somebody is signed in, since Windows keeps the file to itself then; else from the
/// file.
fn of_person(profile: &Profile, signed_in: &[String]) -> Programs {
    let key = programs::KEY;
    let is_signed_in = signed_in
        .iter()
        .any(|sid| sid.eq_ignore_ascii_case(&profile.sid));
    let (source, answer, is_clean) = if is_signed_in {
        let path = format!(r"{}\{key}", profile.sid);
        let answer = registry::below(Tree::Users, &path, View::Bits64, &programs::VALUES);
        (format!(r"HKEY_USERS\{path}"), answer, true)
    } else {
        let path = format!(r"{}\NTUSER.DAT", profile.folder);
        let (answer, is_clean) = from_file(profile, &path);
        (path, answer, is_clean)
    };
    let remark = if is_clean {
        ""
    } else {
        "was not closed properly when its owner was last signed in, so the latest programs may be missing"
    };
    Programs {
        source,
        user: profile.name.clone(),
        architecture: "",
        answer,
        remark: remark.into(),
    }
}

fn from_file(profile: &Profile, path: &str) -> (Answer<Below>, bool) {
    if profile.folder.is_empty() {
        let what = "its folder lies on no drive of this machine".into();
        return (Err(Unread::Senseless { what }), true);
    }
    match file::Fixed::open(path) {
        Ok(file) => profiles::below(file, programs::KEY, &programs::VALUES),
        Err(unread) => (Err(unread), true),
    }
}

fn products() -> Vec<(String, Answer<Below>)> {
    let open = |path: &str| Key::open(Tree::Machine, path, View::Bits64);
    let sids = match registry::names(Tree::Machine, installer::KEY, View::Bits64) {
        Ok(sids) => sids,
        Err(Unread::Absent) => Vec::new(),
        Err(unread) => return vec![(String::new(), Err(unread))],
    };
    let sids = sids.into_iter();
    sids.map(|sid| {
        let products = open(&format!(r"{}\{sid}\Products", installer::KEY));
        let answer = products.and_then(|products| {
            // The facts stand one key deeper than the product's name.
            products.below_at("InstallProperties", &programs::VALUES)
        });
        (sid, answer)
    })
    .collect()
}

fn packages() -> apps::Rows {
    let below = |place: &str| {
        let path = format!(r"{}\{place}", apps::KEY);
        registry::below(Tree::Machine, &path, View::Bits64, &[])
    };
    let places = registry::names(Tree::Machine, apps::KEY, View::Bits64);
    // Where there is no such key, the first of its places says so as well.
    let sids = places.unwrap_or_default().into_iter();
    let sids = sids.filter(|name| name.starts_with("S-1-"));
    apps::Rows {
        provisioned: below("Applications"),
        inbox: below("InboxApplications"),
        people: sids.map(|sid| (sid.clone(), below(&sid))).collect(),
    }
}

fn updates() -> updates::Rows {
    let listed = wmi::query(&updates::QUERY);
    let serviced = listed.is_err().then(|| {
        let packages = Key::open(Tree::Machine, updates::KEY, View::Bits64)?;
        packages.below(|name| name.starts_with(updates::UPDATE), &updates::VALUES)
    });
    updates::Rows { listed, serviced }
}
