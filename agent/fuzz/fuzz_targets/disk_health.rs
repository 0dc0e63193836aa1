#![no_main]

freehold_agent_fuzz::target!("disk_health");
