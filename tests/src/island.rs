//! Network namespaces of a test's own: a place from which nothing leaves unseen.

use std::{path::Path, process::Command as Blocking, time::Duration};

use tokio::process::Command;

use crate::process::Process;

/// Hardware address of the other end of the cable, which the test does not look at.
const NEIGHBOUR: [u8; 6] = [0x02, 0, 0, 0, 0, 0x0b];
/// Hardware address of the end that programs see.
const OWN: [u8; 6] = [0x02, 0, 0, 0, 0, 0x0a];

/// Address of the neighbour, which is also the way out.
pub const GATEWAY: &str = "10.77.0.2";

/// A namespace with one adapter, "office0", whose cable ends in another namespace. It has addresses and
/// ways out for both versions of the Internet protocol.
#[derive(Debug)]
pub struct Island {
    inside: String,
    outside: String,
}

impl Island {
    /// Makes one. `None`, with a message, where that is not allowed.
    pub fn new() -> Option<Self> {
        let number = uuid::Uuid::new_v4().simple().to_string();
        let number = &number[..8];
        let island = Self {
            inside: format!("freehold-{number}-a"),
            outside: format!("freehold-{number}-b"),
        };
        if !(ip(&format!("netns add {}", island.inside))
            && ip(&format!("netns add {}", island.outside)))
        {
            eprintln!("NOT TESTED: this computer does not allow network namespaces (ip netns add)");
            return None;
        }
        island.connect();
        Some(island)
    }

    fn connect(&self) {
        let Self { inside, outside } = self;
        let must = |arguments: &str| assert!(ip(arguments), "ip {arguments}");
        must(&format!(
            "link add office0 address {} netns {inside} type veth peer name other0 address {} netns {outside}",
            written(OWN),
            written(NEIGHBOUR)
        ));
        // The kernel would ask for routers, and whether somebody else has its addresses.
        for setting in [
            "net/ipv6/conf/office0/router_solicitations=0",
            "net/ipv6/conf/office0/accept_dad=0",
            "net/ipv6/conf/office0/accept_ra=0",
        ] {
            let (name, value) = setting.split_once('=').expect("a value");
            let write = format!("echo {value} > /proc/sys/{name}");
            let status = Blocking::new("ip")
                .args(["netns", "exec", inside, "sh", "-c", &write])
                .status();
            assert!(status.expect("ip").success(), "{write}");
        }
        must(&format!("-n {inside} link set lo up"));
        must(&format!("-n {outside} link set other0 up"));
        must(&format!("-n {inside} addr add 10.77.0.1/24 dev office0"));
        must(&format!(
            "-n {inside} addr add 2001:db8:77::1/64 dev office0 nodad"
        ));
        must(&format!("-n {inside} link set office0 up"));
        must(&format!("-n {inside} route add default via {GATEWAY}"));
        must(&format!(
            "-n {inside} -6 route add default via 2001:db8:77::2"
        ));
    }

    /// A program on the island.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.inside]).arg(program);
        command
    }

    /// Begins to watch, by running `test` of this very program, which has to call [`watch`].
    pub async fn watched(&self, test: &str) -> Watcher {
        let mut command = self.command(&std::env::current_exe().expect("the path of this program"));
        command.args(["--ignored", "--exact", "--nocapture", test]);
        let mut process = Process::start(command);
        process
            .expect_line("watching", Duration::from_secs(30))
            .await;
        Watcher(process)
    }
}

impl Drop for Island {
    fn drop(&mut self) {
        for name in [&self.inside, &self.outside] {
            ip(&format!("netns delete {name}"));
        }
    }
}

/// Sees every packet that leaves the island's programs, those to the island itself included.
#[derive(Debug)]
pub struct Watcher(Process);

impl Watcher {
    /// The beginnings of the packets so far, in hexadecimal.
    pub fn packets(&self) -> Vec<String> {
        let lines = self.0.output().all().into_iter();
        lines
            .filter_map(|line| Some(line.strip_prefix("packet: ")?.to_owned()))
            .collect()
    }

    /// Waits until nothing was sent for a while: a kernel announces itself on a new cable.
    pub async fn silence(&self, quiet: Duration, limit: Duration) {
        let began = std::time::Instant::now();
        let (mut last, mut since) = (self.packets().len(), began);
        while since.elapsed() < quiet {
            assert!(
                began.elapsed() < limit,
                "it is never silent: {:?}",
                self.packets()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
            let now = self.packets().len();
            if now != last {
                (last, since) = (now, std::time::Instant::now());
            }
        }
    }
}

/// Prints the packets that are sent in this namespace, until it is ended. What the neighbour sends is not
/// told.
pub fn watch() -> ! {
    use rustix::net::{AddressFamily, RecvFlags, SocketFlags, SocketType, eth, recv, socket_with};
    use std::io::Write as _;

    const SHOWN: usize = 60;
    let socket = socket_with(
        AddressFamily::PACKET,
        SocketType::RAW,
        SocketFlags::CLOEXEC,
        Some(eth::ALL),
    )
    .expect("a packet socket");
    let mut out = std::io::stdout();
    writeln!(out, "\nwatching: all").expect("stdout");
    let mut packet = [0; 2048];
    loop {
        let (length, _) = recv(&socket, &mut packet, RecvFlags::empty()).expect("a packet");
        let packet = &packet[..length.min(SHOWN)];
        if packet.get(6..12) == Some(&NEIGHBOUR) {
            continue;
        }
        let text: String = packet
            .iter()
            .fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
        writeln!(out, "packet: {text}").expect("stdout");
        out.flush().expect("stdout");
    }
}

fn written(address: [u8; 6]) -> String {
    address.map(|byte| format!("{byte:02x}")).join(":")
}

fn ip(arguments: &str) -> bool {
    let output = Blocking::new("ip").args(arguments.split(' ')).output();
    output.is_ok_and(|output| output.status.success())
}
