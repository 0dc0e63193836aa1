//! Which system calls are left: memory, time, reading and writing what is open, ending.
#![allow(unsafe_code)]

use std::io;

use libc::{sock_filter, sock_fprog};

/// Everything else answers "not permitted", which libraries take for "cannot be had here".
const ALLOWED: &[libc::c_long] = &[
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_close,
    libc::SYS_brk,
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_mprotect,
    libc::SYS_madvise,
    libc::SYS_futex,
    libc::SYS_sched_yield,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_gettimeofday,
    libc::SYS_getrandom,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    // What a thread begins with.
    libc::SYS_rseq,
    libc::SYS_set_robust_list,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// How the kernel names this processor in a filter; `None` where no filter was written for it.
const ARCHITECTURE: Option<u32> = if cfg!(target_arch = "x86_64") {
    Some(0xc000_003e)
} else if cfg!(target_arch = "aarch64") {
    Some(0xc000_00b7)
} else {
    None
};

/// Where number and architecture stand in what a filter looks at.
const NUMBER_AT: u32 = 0;
const ARCHITECTURE_AT: u32 = 4;

const SET_MODE_FILTER: libc::c_ulong = 1;
/// For all threads.
const FLAG_TSYNC: libc::c_ulong = 1;
const RETURN_ALLOW: u32 = 0x7fff_0000;
const RETURN_ERRNO: u32 = 0x0005_0000;

/// Leaves this process, with all its threads, nothing but those calls. A kernel without filters leaves it as it is:
/// this is one border of several.
pub(super) fn install() -> io::Result<()> {
    let Some(architecture) = ARCHITECTURE else {
        return Ok(());
    };
    let mut program = program(architecture);
    let length = u16::try_from(program.len()).map_err(io::Error::other)?;
    let program = sock_fprog {
        len: length,
        filter: program.as_mut_ptr(),
    };
    // SAFETY: `program` points to `len` instructions that live until the call is over; the kernel copies them.
    let refused = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            SET_MODE_FILTER,
            FLAG_TSYNC,
            &raw const program,
        )
    } != 0;
    let error = io::Error::last_os_error();
    if refused && !matches!(error.raw_os_error(), Some(libc::ENOSYS | libc::EINVAL)) {
        return Err(error);
    }
    Ok(())
}

fn program(architecture: u32) -> Vec<sock_filter> {
    let mut program = vec![
        load(ARCHITECTURE_AT),
        // Another architecture numbers its calls differently: it gets none.
        skip_unless_equal(architecture, 1, 0),
        answer(refusal()),
        load(NUMBER_AT),
    ];
    for call in ALLOWED {
        program.push(skip_unless_equal(numbered(*call), 0, 1));
        program.push(answer(RETURN_ALLOW));
    }
    program.push(answer(refusal()));
    program
}

/// The number of a call, as a filter sees it. All there are fit.
fn numbered(call: libc::c_long) -> u32 {
    u32::try_from(call).unwrap_or(u32::MAX)
}

fn refusal() -> u32 {
    RETURN_ERRNO | libc::EPERM.cast_unsigned()
}

fn load(at: u32) -> sock_filter {
    instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, at)
}

/// Goes on `equal` or `other` instructions further down.
fn skip_unless_equal(value: u32, equal: u8, other: u8) -> sock_filter {
    let code = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
    instruction(code, equal, other, value)
}

fn answer(with: u32) -> sock_filter {
    instruction(libc::BPF_RET | libc::BPF_K, 0, 0, with)
}

fn instruction(code: u32, jt: u8, jf: u8, k: u32) -> sock_filter {
    sock_filter {
        code: code as u16,
        jt,
        jf,
        k,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_listed_and_what_is_of_another_processor_is_refused() {
        let program = program(7);
        assert_eq!(program.len(), 5 + 2 * ALLOWED.len());
        let run = |architecture: u32, number: u32| {
            let (mut at, mut held) = (0, 0);
            loop {
                let step = &program[at];
                at += 1;
                match u32::from(step.code) {
                    0x20 if step.k == ARCHITECTURE_AT => held = architecture,
                    0x20 => held = number,
                    0x15 if held == step.k => at += usize::from(step.jt),
                    0x15 => at += usize::from(step.jf),
                    _ => return step.k,
                }
            }
        };
        assert_eq!(run(7, numbered(libc::SYS_read)), RETURN_ALLOW);
        assert_eq!(run(7, numbered(libc::SYS_exit_group)), RETURN_ALLOW);
        for call in [
            libc::SYS_openat,
            libc::SYS_socket,
            libc::SYS_execve,
            libc::SYS_clone,
            libc::SYS_kill,
            libc::SYS_ptrace,
        ] {
            assert_eq!(run(7, numbered(call)), refusal());
        }
        assert_eq!(run(8, numbered(libc::SYS_read)), refusal());
        assert_eq!(run(7, numbered(libc::SYS_read) | 0x4000_0000), refusal());
    }
}
