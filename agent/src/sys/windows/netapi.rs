//! Accounts, groups and shares as the network management functions list them.

use windows::{
    Win32::{
        NetworkManagement::NetManagement::{
            FILTER_NORMAL_ACCOUNT, GROUP_USERS_INFO_0, LOCALGROUP_INFO_0,
            LOCALGROUP_MEMBERS_INFO_2, LOCALGROUP_MEMBERS_INFO_3, NetApiBufferFree,
            NetGroupGetUsers, NetLocalGroupEnum, NetLocalGroupGetMembers, NetUserEnum,
            NetUserModalsGet, USER_INFO_3, USER_MODALS_INFO_2,
        },
        Storage::FileSystem::{NetShareEnum, SHARE_INFO_1, SHARE_INFO_502},
    },
    core::{PCWSTR, PWSTR},
};

use super::{
    sid::{self, HERE},
    text::{from_pointer, wide},
};
use crate::rows::{Answer, ROWS, Row, Unread};

const SUCCESS: u32 = 0;
const DENIED: u32 = 5;
const MORE_DATA: u32 = 234;
const INVALID_LEVEL: u32 = 124;

/// As much at once as Windows sees fit.
const AT_ONCE: u32 = u32::MAX;
/// Longest text of one field.
const TEXT: usize = 8192;

/// Memory that was handed out with an answer.
struct Handed(*mut u8);

impl Drop for Handed {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: it was handed out by a network management function and is not used any more.
            unsafe { NetApiBufferFree(Some(self.0.cast_const().cast())) };
        }
    }
}

/// One call that lists: takes the pointer, the numbers of entries read and in all; returns its status.
type Call<'a> = dyn FnMut(*mut *mut u8, *mut u32, *mut u32) -> u32 + 'a;

/// Asks until all is told. `T` is the structure of the level that `call` asks for.
fn every<T: Copy>(call: &mut Call<'_>, row: impl Fn(&T) -> Row) -> Answer<Vec<Row>> {
    let mut rows = Vec::new();
    loop {
        let (mut read, mut total) = (0, 0);
        let mut handed = Handed(std::ptr::null_mut());
        let status = call(&raw mut handed.0, &raw mut read, &raw mut total);
        if status != SUCCESS && status != MORE_DATA {
            return Err(Unread::from_code(status));
        }
        let items = handed.0.cast_const().cast::<T>();
        let number = if items.is_null() { 0 } else { read as usize };
        for at in 0..number {
            // SAFETY: Windows handed out `read` structures of this level, aligned for them.
            rows.push(row(unsafe { &*items.add(at) }));
        }
        if rows.len() > ROWS {
            let what = format!("more than {ROWS} rows");
            return Err(Unread::Senseless { what });
        }
        if status == SUCCESS || number == 0 {
            return Ok(rows);
        }
    }
}

/// Text of a structure that Windows handed out.
fn text(pointer: PWSTR) -> String {
    // SAFETY: a field of a structure that is still held: null, or text that ends with NUL.
    unsafe { from_pointer(pointer.0, TEXT) }
}

/// Local accounts.
pub(crate) fn accounts() -> Answer<Vec<Row>> {
    let mut resume = 0_u32;
    let mut call = |buffer: *mut *mut u8, read: *mut u32, total: *mut u32| {
        // SAFETY: all pointers are to variables that live through the call.
        unsafe {
            NetUserEnum(
                HERE,
                3,
                FILTER_NORMAL_ACCOUNT,
                buffer,
                AT_ONCE,
                read,
                total,
                Some(&raw mut resume),
            )
        }
    };
    every(&mut call, |user: &USER_INFO_3| {
        Row::of([
            ("Name", text(user.usri3_name).as_str()),
            ("FullName", text(user.usri3_full_name).as_str()),
            ("Home", text(user.usri3_home_dir).as_str()),
        ])
        .with("Rid", user.usri3_user_id)
        .with("Flags", user.usri3_flags.0)
        .with("PasswordAge", user.usri3_password_age)
        .with("PasswordExpired", user.usri3_password_expired)
        .with("Expires", user.usri3_acct_expires)
        .with("LastSignIn", user.usri3_last_logon)
    })
}

/// This computer as an authority over its own accounts.
pub(crate) fn computer() -> Answer<Vec<Row>> {
    let mut handed = Handed(std::ptr::null_mut());
    // SAFETY: the pointer is to a variable that lives through the call.
    let status = unsafe { NetUserModalsGet(HERE, 2, &raw mut handed.0) };
    if status != SUCCESS || handed.0.is_null() {
        return computer_by_name(status);
    }
    // SAFETY: Windows handed out one structure of this level.
    let own = unsafe { &*handed.0.cast_const().cast::<USER_MODALS_INFO_2>() };
    // SAFETY: the identifier lives as long as the structure.
    let sid = unsafe { sid::text(own.usrmod2_domain_id) };
    let name = text(own.usrmod2_domain_name);
    Ok(vec![Row::of([
        ("Sid", sid.as_str()),
        ("Name", name.as_str()),
    ])])
}

/// The name of the computer stands for it as an authority.
fn computer_by_name(status: u32) -> Answer<Vec<Row>> {
    let name = super::folders::expand("%COMPUTERNAME%");
    let mut rows = sid::of_name(&name).map_err(|_| Unread::from_code(status))?;
    for row in &mut rows {
        row.push("Name", name.as_str().into());
    }
    Ok(rows)
}

/// Local groups.
pub(crate) fn groups() -> Answer<Vec<Row>> {
    let mut resume = 0_usize;
    let mut call = |buffer: *mut *mut u8, read: *mut u32, total: *mut u32| {
        // SAFETY: all pointers are to variables that live through the call.
        unsafe { NetLocalGroupEnum(HERE, 0, buffer, AT_ONCE, read, total, Some(&raw mut resume)) }
    };
    every(&mut call, |group: &LOCALGROUP_INFO_0| {
        Row::of([("Name", text(group.lgrpi0_name).as_str())])
    })
}

/// Members of a local group: by identifier, or, where only that is answered, by name.
pub(crate) fn members(group: &str) -> Answer<Vec<Row>> {
    let group = wide(group);
    let asked = |level: u32| {
        let mut resume = 0_usize;
        let group = PCWSTR(group.as_ptr());
        move |buffer: *mut *mut u8, read: *mut u32, total: *mut u32| {
            // SAFETY: all pointers are to variables that live through the call; the name ends with NUL.
            unsafe {
                NetLocalGroupGetMembers(
                    HERE,
                    group,
                    level,
                    buffer,
                    AT_ONCE,
                    read,
                    total,
                    Some(&raw mut resume),
                )
            }
        }
    };
    let by_sid = every(&mut asked(2), |member: &LOCALGROUP_MEMBERS_INFO_2| {
        // SAFETY: the identifier lives as long as the structure.
        let sid = unsafe { sid::text(member.lgrmi2_sid) };
        Row::of([
            ("Sid", sid.as_str()),
            ("Name", text(member.lgrmi2_domainandname).as_str()),
        ])
        .with("Use", member.lgrmi2_sidusage.0.cast_unsigned())
    });
    match by_sid {
        // Wine knows no members at this level, and says that there are none.
        Ok(rows) if rows.is_empty() => Ok(by_name(&mut asked(3)).unwrap_or_default()),
        Err(
            Unread::Absent
            | Unread::Failed {
                code: INVALID_LEVEL,
            },
        ) => by_name(&mut asked(3)),
        answer => answer,
    }
}

fn by_name(call: &mut Call<'_>) -> Answer<Vec<Row>> {
    every(call, |member: &LOCALGROUP_MEMBERS_INFO_3| {
        Row::of([("Name", text(member.lgrmi3_domainandname).as_str())])
    })
}

/// Members of a global group of the domain that this computer controls.
pub(crate) fn domain_members(group: &str) -> Answer<Vec<Row>> {
    let group = wide(group);
    let mut resume = 0_usize;
    let mut call = |buffer: *mut *mut u8, read: *mut u32, total: *mut u32| {
        let group = PCWSTR(group.as_ptr());
        // SAFETY: all pointers are to variables that live through the call; the name ends with NUL.
        unsafe {
            NetGroupGetUsers(
                HERE,
                group,
                0,
                buffer,
                AT_ONCE,
                read,
                total,
                Some(&raw mut resume),
            )
        }
    };
    every(&mut call, |member: &GROUP_USERS_INFO_0| {
        Row::of([("Name", text(member.grui0_name).as_str())])
    })
}

/// Shares; their folders only where the agent may know them.
pub(crate) fn shares() -> Answer<Vec<Row>> {
    let asked = |level: u32| {
        let mut resume = 0_u32;
        move |buffer: *mut *mut u8, read: *mut u32, total: *mut u32| {
            // SAFETY: all pointers are to variables that live through the call.
            unsafe {
                NetShareEnum(
                    HERE,
                    level,
                    buffer,
                    AT_ONCE,
                    read,
                    total,
                    Some(&raw mut resume),
                )
            }
        }
    };
    let whole = every(&mut asked(502), |share: &SHARE_INFO_502| {
        Row::of([
            ("Name", text(share.shi502_netname).as_str()),
            ("Path", text(share.shi502_path).as_str()),
        ])
        .with("Type", share.shi502_type.0)
    });
    match whole {
        Err(
            Unread::Denied
            | Unread::Failed {
                code: DENIED | INVALID_LEVEL,
            },
        ) => every(&mut asked(1), |share: &SHARE_INFO_1| {
            Row::of([("Name", text(share.shi1_netname).as_str())]).with("Type", share.shi1_type.0)
        }),
        answer => answer,
    }
}
