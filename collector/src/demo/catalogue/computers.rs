//! The practice's computers, as they were when they joined.

use freehold_proto::v1::system::ChassisKind::{Desktop, Laptop, Server};

use super::{Computer, Guard, Program, Quirk, System};

const DEFENDER: &str = "Microsoft Defender Antivirus";

const WINDOWS_10: System = System {
    id: "windows",
    name: "Windows",
    version: "10",
    edition: "Pro",
    build: "19045.5011",
};

const WINDOWS_11: System = System {
    id: "windows",
    name: "Windows",
    version: "11",
    edition: "Pro",
    build: "26200.1742",
};

const DEBIAN_12: System = System {
    id: "debian",
    name: "Debian GNU/Linux",
    version: "12",
    edition: "",
    build: "12.11",
};

const UBUNTU_24: System = System {
    id: "ubuntu",
    name: "Ubuntu",
    version: "24.04",
    edition: "",
    build: "24.04.2",
};

/// Systems of the practice's server: it has the first one that its maker still repairs when the demo is made, so that
/// there is one to be replaced soon in most years.
pub(in crate::demo) const SERVER_SYSTEMS: &[System] = &[
    windows_server("Server 2016", "14393.7428"),
    windows_server("Server 2019", "17763.7314"),
    windows_server("Server 2022", "20348.3692"),
];

const fn windows_server(version: &'static str, build: &'static str) -> System {
    System {
        id: "windows",
        name: "Windows",
        version,
        edition: "Standard",
        build,
    }
}

const OPTIPLEX: (&str, &str) = ("Dell Inc.", "OptiPlex 7010");
const ESPRIMO: (&str, &str) = ("FUJITSU", "ESPRIMO D7012");
const PRODESK: (&str, &str) = ("HP", "ProDesk 400 G7");

const CHAIRSIDE: Program = program("Chairside Practice Manager", "7.{month}.0", "");
const XRAY_VIEWER: Program = program("Radiograph Viewer", "5.2.1", "");
const JAVA_8: Program = program(
    "Java 8 Update 401 (64-bit)",
    "8.0.4010.10",
    "Oracle Corporation",
);

const fn program(name: &'static str, version: &'static str, publisher: &'static str) -> Program {
    Program {
        name,
        version,
        publisher,
    }
}

/// All of them. The fourteenth waits to be let in.
pub(in crate::demo) static COMPUTERS: &[Computer] = &[
    Computer {
        host: "FRONTDESK-1",
        name: "Front desk 1",
        label: "reception",
        note: "",
        chassis: Desktop,
        model: OPTIPLEX,
        system: WINDOWS_11,
        size: (16, 512),
        user: "reception",
        administrators: &["practice-admin"],
        guard: Guard::Works(DEFENDER),
        quirks: &[],
        programs: &[CHAIRSIDE],
    },
    Computer {
        host: "FRONTDESK-2",
        name: "Front desk 2",
        label: "reception",
        note: "",
        chassis: Desktop,
        model: OPTIPLEX,
        system: WINDOWS_11,
        size: (16, 512),
        user: "reception",
        administrators: &["practice-admin", "reception"],
        guard: Guard::Works(DEFENDER),
        quirks: &[],
        programs: &[CHAIRSIDE],
    },
    Computer {
        host: "FRONTDESK-3",
        name: "Front desk 3",
        label: "reception",
        note: "Delivered two weeks ago, for the third chair.",
        chassis: Desktop,
        model: ESPRIMO,
        system: WINDOWS_11,
        size: (32, 1000),
        user: "reception",
        administrators: &["practice-admin"],
        guard: Guard::None,
        quirks: &[],
        programs: &[CHAIRSIDE],
    },
    Computer {
        host: "SURGERY-1",
        name: "Surgery 1",
        label: "surgery",
        note: "",
        chassis: Desktop,
        model: PRODESK,
        system: WINDOWS_11,
        size: (16, 256),
        user: "surgery1",
        administrators: &["practice-admin"],
        guard: Guard::Works("ESET Endpoint Security"),
        quirks: &[],
        programs: &[CHAIRSIDE, XRAY_VIEWER],
    },
    Computer {
        host: "SURGERY-2",
        name: "Surgery 2",
        label: "surgery",
        note: "",
        chassis: Desktop,
        model: PRODESK,
        system: WINDOWS_11,
        size: (16, 256),
        user: "surgery2",
        administrators: &["practice-admin"],
        guard: Guard::Works("ESET Endpoint Security"),
        quirks: &[],
        programs: &[CHAIRSIDE, XRAY_VIEWER],
    },
    Computer {
        host: "SURGERY-3",
        name: "Surgery 3",
        label: "surgery",
        note: "",
        chassis: Desktop,
        model: PRODESK,
        system: WINDOWS_11,
        size: (16, 256),
        user: "surgery3",
        administrators: &["practice-admin"],
        guard: Guard::Works(DEFENDER),
        quirks: &[],
        programs: &[CHAIRSIDE, XRAY_VIEWER],
    },
    Computer {
        host: "XRAY",
        name: "X-ray",
        label: "surgery",
        note: "The maker of the X-ray unit does not support a newer Windows.",
        chassis: Desktop,
        model: PRODESK,
        system: WINDOWS_10,
        size: (8, 512),
        user: "xray",
        administrators: &["practice-admin", "xray-service"],
        guard: Guard::Works(DEFENDER),
        quirks: &[Quirk::PasswordNeverExpires("xray-service")],
        programs: &[XRAY_VIEWER, JAVA_8],
    },
    Computer {
        host: "OFFICE",
        name: "Office",
        label: "office",
        note: "",
        chassis: Desktop,
        model: OPTIPLEX,
        system: WINDOWS_11,
        size: (16, 512),
        user: "accounts",
        administrators: &["practice-admin"],
        guard: Guard::Works(DEFENDER),
        quirks: &[Quirk::Database("Microsoft SQL Server")],
        programs: &[
            CHAIRSIDE,
            program(
                "Microsoft SQL Server 2019 (64-bit)",
                "15.0.4420.2",
                "Microsoft Corporation",
            ),
        ],
    },
    Computer {
        host: "MANAGER",
        name: "Practice manager's laptop",
        label: "office",
        note: "",
        chassis: Laptop,
        model: ("LENOVO", "ThinkPad T14 Gen 3"),
        system: WINDOWS_11,
        size: (16, 512),
        user: "manager",
        administrators: &["practice-admin"],
        guard: Guard::Licensed("Bitdefender Endpoint Security Tools", 12),
        quirks: &[Quirk::Unencrypted, Quirk::StaysOpen],
        programs: &[CHAIRSIDE],
    },
    Computer {
        host: "DENTIST",
        name: "Dentist's laptop",
        label: "office",
        note: "",
        chassis: Laptop,
        model: ("LENOVO", "ThinkPad X13"),
        system: WINDOWS_11,
        size: (16, 512),
        user: "dentist",
        administrators: &["practice-admin"],
        guard: Guard::Works(DEFENDER),
        quirks: &[Quirk::Unencrypted],
        programs: &[XRAY_VIEWER],
    },
    Computer {
        host: "SERVER",
        name: "Practice server",
        label: "server",
        note: "In the cupboard behind the front desk.",
        chassis: Server,
        model: ("HPE", "ProLiant ML30 Gen10"),
        system: SERVER_SYSTEMS[0],
        size: (64, 4000),
        user: "",
        administrators: &["practice-admin", "larkspindle"],
        guard: Guard::Works(DEFENDER),
        quirks: &[Quirk::Array, Quirk::Database("Microsoft SQL Server")],
        programs: &[
            program("Chairside Server", "7.{month}.0", ""),
            program(
                "Microsoft SQL Server 2019 (64-bit)",
                "15.0.4420.2",
                "Microsoft Corporation",
            ),
            program(
                "Veeam Agent for Microsoft Windows",
                "6.1.2.134",
                "Veeam Software Group GmbH",
            ),
        ],
    },
    Computer {
        host: "imaging",
        name: "Image store",
        label: "server",
        note: "Keeps the X-ray pictures.",
        chassis: Server,
        model: ("Supermicro", "SYS-5019S"),
        system: DEBIAN_12,
        size: (32, 8000),
        user: "",
        administrators: &["storekeeper"],
        guard: Guard::OnDemand("ClamAV"),
        quirks: &[
            Quirk::NoPasswordForSudo,
            Quirk::InDocker("scanner"),
            Quirk::RootByPassword,
        ],
        programs: &[
            program("docker.io", "20.10.24", ""),
            program("samba", "4.17.12", ""),
        ],
    },
    Computer {
        host: "lab",
        name: "Lab bench",
        label: "surgery",
        note: "",
        chassis: Desktop,
        model: ("Intel(R) Client Systems", "NUC11TNHi5"),
        system: UBUNTU_24,
        size: (16, 500),
        user: "lab",
        administrators: &["root"],
        guard: Guard::Works("ESET Endpoint Antivirus for Linux"),
        quirks: &[],
        programs: &[program("inkscape", "1.2.2", "")],
    },
    Computer {
        host: "STERILE",
        name: "",
        label: "surgery",
        note: "",
        chassis: Desktop,
        model: PRODESK,
        system: WINDOWS_11,
        size: (8, 256),
        user: "sterile",
        administrators: &["practice-admin"],
        guard: Guard::Works(DEFENDER),
        quirks: &[],
        programs: &[],
    },
];
