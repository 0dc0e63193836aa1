#![no_main]

freehold_agent_fuzz::target!("version_lock");
