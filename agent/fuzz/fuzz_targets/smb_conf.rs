#![no_main]

freehold_agent_fuzz::target!("smb_conf");
