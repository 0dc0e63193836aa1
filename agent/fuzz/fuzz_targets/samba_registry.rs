#![no_main]

freehold_agent_fuzz::target!("samba_registry");
