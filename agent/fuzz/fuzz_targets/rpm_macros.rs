#![no_main]

freehold_agent_fuzz::target!("rpm_macros");
