#![no_main]

freehold_agent_fuzz::target!("debian_version");
