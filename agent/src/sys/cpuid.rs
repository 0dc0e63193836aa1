//! What the processor says about the hypervisor below it.
#![allow(unsafe_code)]
// Newer compilers know that the instruction is safe to call.
#![allow(unused_unsafe)]

/// Signature of the hypervisor, such as "KVMKVMKVM"; `None` on bare metal or where there is no such
/// question to ask.
#[cfg(target_arch = "x86_64")]
pub(crate) fn hypervisor() -> Option<String> {
    use std::arch::x86_64::__cpuid;

    const HYPERVISOR_PRESENT: u32 = 1 << 31;
    const HYPERVISOR_LEAF: u32 = 0x4000_0000;
    // SAFETY: every x86-64 processor has the instruction, and it changes nothing but the registers that
    // it answers in.
    let ask = |leaf| unsafe { __cpuid(leaf) };
    if ask(1).ecx & HYPERVISOR_PRESENT == 0 {
        return None;
    }
    let leaf = ask(HYPERVISOR_LEAF);
    let bytes = [leaf.ebx, leaf.ecx, leaf.edx]
        .map(u32::to_le_bytes)
        .concat();
    let text = String::from_utf8_lossy(&bytes);
    Some(text.trim_matches(['\0', ' ']).to_owned())
}

/// Other processors have no such instruction.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn hypervisor() -> Option<String> {
    None
}
