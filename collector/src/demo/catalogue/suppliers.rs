//! The practice's suppliers: one that left long ago, one that leaves, and the one that has come.

use freehold_proto::v1::section::Kind;

use super::{
    Read::{
        Administrators, Changes, Computer, Computers, Export, Findings, Overview, Proposes,
        Section, Software,
    },
    Supplier, Technician, Visit,
};

const fn visit(ago: u32, technician: &'static str, reads: &'static [super::Read]) -> Visit {
    Visit {
        ago,
        technician,
        reads,
    }
}

/// All of them.
pub(in crate::demo) static SUPPLIERS: &[Supplier] = &[
    Supplier {
        name: "Tamarisk Networks",
        began: 356,
        days: 60,
        scope: &["system,network"],
        may_export: false,
        note: "Helped out with the network.",
        technicians: &[],
        visits: &[],
    },
    Supplier {
        name: "Larkspindle IT",
        began: 356,
        days: 365,
        scope: &["all"],
        may_export: true,
        note: "Looked after us until now; leaves when this ends.",
        technicians: &[
            Technician {
                name: "Orlo Brackenfold",
                email: "orlo@larkspindle.example",
                since: 355,
                until: None,
                leads: true,
            },
            Technician {
                name: "Pia Wrenlow",
                email: "pia@larkspindle.example",
                since: 300,
                until: Some(120),
                leads: false,
            },
        ],
        visits: &[
            visit(
                352,
                "Orlo Brackenfold",
                &[Overview, Computers, Computer("SERVER")],
            ),
            visit(
                318,
                "Orlo Brackenfold",
                &[
                    Findings,
                    Computer("FRONTDESK-1"),
                    Section("FRONTDESK-1", Kind::Protection),
                ],
            ),
            visit(
                231,
                "Pia Wrenlow",
                &[
                    Overview,
                    Computer("SURGERY-3"),
                    Section("SURGERY-3", Kind::Software),
                ],
            ),
            visit(
                171,
                "Pia Wrenlow",
                &[Computer("SURGERY-2"), Section("SURGERY-2", Kind::Hardware)],
            ),
            visit(90, "Orlo Brackenfold", &[Overview, Findings]),
            visit(
                13,
                "Orlo Brackenfold",
                &[Computers, Software("Chairside"), Export("software.csv")],
            ),
            visit(
                6,
                "Orlo Brackenfold",
                &[Computer("SERVER"), Section("SERVER", Kind::Accounts)],
            ),
        ],
    },
    Supplier {
        name: "Brasskettle Systems",
        began: 58,
        days: 180,
        scope: &["all,-network"],
        may_export: false,
        note: "Takes over step by step.",
        technicians: &[
            Technician {
                name: "Juno Thistlewick",
                email: "juno@brasskettle.example",
                since: 57,
                until: None,
                leads: true,
            },
            Technician {
                name: "Milo Hartsease",
                email: "milo@brasskettle.example",
                since: 41,
                until: None,
                leads: false,
            },
        ],
        visits: &[
            visit(
                57,
                "Juno Thistlewick",
                &[Overview, Computers, Findings, Administrators],
            ),
            visit(
                41,
                "Milo Hartsease",
                &[Computer("SURGERY-3"), Section("SURGERY-3", Kind::System)],
            ),
            visit(
                33,
                "Juno Thistlewick",
                &[Computer("XRAY"), Section("XRAY", Kind::Protection), Changes],
            ),
            visit(
                20,
                "Milo Hartsease",
                &[Computer("SERVER"), Section("SERVER", Kind::Protection)],
            ),
            visit(
                5,
                "Juno Thistlewick",
                &[
                    Findings,
                    Computer("SERVER"),
                    Proposes(
                        "SERVER",
                        "One disk of the array is missing; a new one is ordered.",
                    ),
                ],
            ),
            visit(
                1,
                "Juno Thistlewick",
                &[Overview, Findings, Software("AnyDesk")],
            ),
        ],
    },
];
