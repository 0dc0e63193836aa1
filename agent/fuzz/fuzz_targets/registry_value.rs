#![no_main]

freehold_agent_fuzz::target!("registry_value");
