#![no_main]

freehold_agent_fuzz::target!("nvme_health");
