//! The whole of it, as two people live it, each in a browser of their own: the owner sets up, adds a computer, finds what
//! is missing, decides, looks back, asks, and lets a technician in and out again.

use std::time::Duration;

use freehold_proto::v1::{
    Antivirus,
    section::{Kind, Status},
};
use freehold_tests::{
    Chromium, Device, Inventory, Machine, Scheme, TestCollector, eventually,
    machine::section,
    technician::{PASSWORD as GUEST_PASSWORD, code},
};

use crate::office::{PASSWORD, authority, finding, now};

/// A phone by day, a desk by night; the other one has it the other way round.
const PHONE: Device = Device {
    width: 390,
    scheme: Scheme::Light,
};
const DESK: Device = Device {
    width: 1440,
    scheme: Scheme::Dark,
};

const SOON: Duration = Duration::from_secs(15);

/// The owner in front of a browser.
struct Story {
    collector: TestCollector,
    owner: Chromium,
    inventory: Inventory,
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_with_a_phone_and_a_technician_at_a_desk() {
    told(PHONE, DESK).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_at_a_desk_and_a_technician_with_a_phone() {
    told(DESK, PHONE).await;
}

async fn told(owner: Device, technician: Device) {
    let Some(mut story) = Story::begin(owner).await else {
        return;
    };
    story.sets_up_and_signs_in().await;
    let mut desk = story.adds_a_computer().await;
    let then = story.time_passes(&mut desk).await;
    story.finds_a_missing_antivirus(&desk).await;
    story.claims_an_administrator().await;
    story.goes_back_and_compares(&then).await;
    story.searches_and_takes_a_list_along().await;
    story.asks_in_sql(&then).await;
    let link = story.invites_a_technician().await;
    let mut guest = story.comes_in(technician, &link).await;
    story.shows_the_technician_out(&mut guest).await;
    story.reads_without_scripts().await;
}

impl Story {
    async fn begin(device: Device) -> Option<Self> {
        let collector = TestCollector::start().await;
        let mut owner = Chromium::start(&[authority(&collector).await]).await?;
        owner.show_on(device).await;
        let mut inventory = Inventory::new(4);
        "front-desk".clone_into(&mut inventory.host_name);
        inventory.packages = 40;
        Some(Self {
            collector,
            owner,
            inventory,
        })
    }

    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.collector.dashboard().trim_end_matches('/'))
    }

    /// Shows a page to the owner; answers with what it says.
    async fn shows(&mut self, path: &str) -> String {
        let address = self.address(path);
        self.owner.visit(&address).await;
        assert_eq!(self.owner.complaints(), Vec::<String>::new(), "{path}");
        self.owner.words().await
    }

    async fn sets_up_and_signs_in(&mut self) {
        let code = crate::office::code(&self.collector).await;
        self.shows("/").await;
        let owner = &mut self.owner;
        assert_eq!(owner.text("location.pathname").await, "/setup");
        for (field, text) in [
            ("#code", code.as_str()),
            ("#name", "Olivia"),
            ("#password", PASSWORD),
            ("#again", PASSWORD),
        ] {
            owner.fill_in(field, text).await;
        }
        owner.send("#code").await;
        assert_eq!(owner.text("location.pathname").await, "/");
        assert!(owner.words().await.contains("No computers yet"));
        owner.click("form.out button").await;
        assert_eq!(owner.text("location.pathname").await, "/sign-in");
        owner.fill_in("#password", PASSWORD).await;
        owner.send("#password").await;
        assert_eq!(owner.text("location.pathname").await, "/");
    }

    /// With the line that the page gives; it arrives while the page is open.
    async fn adds_a_computer(&mut self) -> Machine {
        self.shows("/add").await;
        self.owner.click("main button[name=uses][value='1']").await;
        let string = self
            .owner
            .text("document.querySelector('#join-string').textContent")
            .await;
        let string = self.collector.leading_here(&string);
        self.owner.evaluate("window.untouched = true").await;
        let target = self.collector.target();
        let mut desk = Machine::join(target, &string, "front-desk")
            .await
            .expect("it joins");
        let mut sections = self.inventory.sections();
        sections.retain(|section| section.kind != Kind::Antivirus);
        let none = Antivirus {
            status: Status::Complete.into(),
            ..Antivirus::default()
        };
        sections.push(section(Kind::Antivirus, &none));
        desk.report(&sections).await.expect("it reports");
        self.waits_for("front-desk").await;
        assert_eq!(self.owner.evaluate("window.untouched").await, true);
        desk
    }

    async fn waits_for(&mut self, words: &str) {
        let owner = &mut self.owner;
        eventually(words, SOON, async || {
            owner.words().await.contains(words).then_some(())
        })
        .await;
    }

    /// A program is upgraded; answers with a moment before that.
    async fn time_passes(&mut self, desk: &mut Machine) -> String {
        // Moments are told apart by the second.
        tokio::time::sleep(Duration::from_millis(1100)).await;
        let then = now().await;
        tokio::time::sleep(Duration::from_millis(1100)).await;
        self.inventory.upgrade_a_package();
        let software = [self.inventory.software()];
        desk.report(&software).await.expect("it reports");
        then
    }

    async fn finds_a_missing_antivirus(&mut self, desk: &Machine) {
        self.shows("/").await;
        self.waits_for("front-desk has no antivirus").await;
        self.owner.follow("front-desk has no antivirus").await;
        let path = finding(&desk.id, "no-antivirus");
        assert_eq!(self.owner.text("location.pathname").await, path);
        let told = self.owner.words().await;
        assert!(told.contains("Please install"), "{told}");
        self.owner.follow("Set aside").await;
        self.owner.fill_in("#reason", "replaced in spring").await;
        self.owner.send("#reason").await;
        let told = self.owner.words().await;
        assert!(told.contains("replaced in spring"), "{told}");
        let overview = self.shows("/").await;
        assert!(!overview.contains("has no antivirus"), "{overview}");
    }

    async fn claims_an_administrator(&mut self) {
        let listed = self.shows("/administrators").await;
        assert!(listed.contains("Nobody has said"), "{listed}");
        self.owner.follow("Say whose it is").await;
        self.owner
            .evaluate("document.querySelector('input[name=whose][value=ours]').checked = true")
            .await;
        self.owner.send("input[name=whose]").await;
        let listed = self.owner.words().await;
        assert!(listed.contains("Noted whose account that is"), "{listed}");
        assert!(
            listed.contains("Ours") && !listed.contains("Nobody has said"),
            "{listed}"
        );
        self.shows("/findings").await;
        let owner = &mut self.owner;
        eventually("the finding has ended", SOON, async || {
            let told = owner.words().await;
            (!told.contains("Nobody has said")).then_some(())
        })
        .await;
    }

    async fn goes_back_and_compares(&mut self, then: &str) {
        self.owner.live_in("America/New_York").await;
        let now = self.shows("/software").await;
        assert!(now.contains("99.1"), "{now}");
        self.picks("#at", then).await;
        self.owner.send("#at").await;
        let past = self.owner.words().await;
        assert!(!past.contains("99.1"), "{past}");
        assert!(
            !self
                .owner
                .text("document.getElementById('past').innerText")
                .await
                .is_empty()
        );
        self.shows("/difference").await;
        self.picks("#from", then).await;
        self.owner.send("#from").await;
        let compared = self.owner.words().await;
        assert!(compared.contains("99.1"), "{compared}");
        self.owner.live_in("UTC").await;
    }

    /// Picks a moment in a field, which asks for it in the time of whoever reads.
    async fn picks(&mut self, field: &str, moment: &str) {
        let local = format!(
            "(() => {{ const at = new Date({moment:?}); \
             return new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 19); }})()"
        );
        let local = self.owner.text(&local).await;
        self.owner.fill_in(field, &local).await;
    }

    async fn searches_and_takes_a_list_along(&mut self) {
        self.shows("/").await;
        self.owner.fill_in("#find", "front-d").await;
        self.owner.send("#find").await;
        let found = self.owner.words().await;
        assert!(found.contains("front-desk"), "{found}");
        self.shows("/computers").await;
        for (kind, beginning) in [("csv", "\u{feff}"), ("json", "{"), ("xlsx", "PK")] {
            let file = format!(
                "(() => {{ const link = [...document.querySelectorAll('.export a')]\
                 .find(link => link.href.includes({kind:?})); \
                 return fetch(link.href).then(answer => answer.text()); }})()"
            );
            let text = self.owner.text(&file).await;
            let text = text.trim_start_matches('\u{feff}');
            let is_it = match kind {
                "xlsx" => text.starts_with("PK"),
                _ => text.contains("front-desk"),
            };
            assert!(is_it, "{kind} ({beginning}): {text:.200}");
        }
    }

    async fn asks_in_sql(&mut self, then: &str) {
        self.owner.live_in("America/New_York").await;
        self.shows("/questions").await;
        let sql =
            "SELECT count(*) || ' upgraded' AS n FROM software_packages WHERE version LIKE '99.%'";
        for (at, answer) in [("", "1 upgraded"), (then, "0 upgraded")] {
            self.owner.fill_in("#sql", sql).await;
            if at.is_empty() {
                self.owner.fill_in("#at", "").await;
            } else {
                self.picks("#at", at).await;
            }
            self.owner
                .evaluate("document.querySelector('#ask button[type=submit]').click()")
                .await;
            self.waits_for(answer).await;
        }
        // The address says the moment, and the answer what it is about.
        let address = self.owner.text("decodeURIComponent(location.search)").await;
        assert!(address.contains(&format!("at={then}")), "{address}");
        let told = self
            .owner
            .text("document.getElementById('answer').innerText")
            .await;
        assert!(told.contains("As of "), "{told}");
        let again = self.owner.text("location.pathname + location.search").await;
        let told = self.shows(&again).await;
        assert!(told.contains("0 upgraded"), "{told}");
        // Without the moment it is about now again, and nothing on the page says otherwise.
        self.owner.fill_in("#at", "").await;
        self.owner
            .evaluate("document.querySelector('#ask button[type=submit]').click()")
            .await;
        self.waits_for("1 upgraded").await;
        let told = self.owner.words().await;
        assert!(!told.contains("As of "), "{told}");
        self.owner.live_in("UTC").await;
    }

    /// Answers with the link that the technician gets.
    async fn invites_a_technician(&mut self) -> String {
        self.shows("/access/new").await;
        self.owner.fill_in("#supplier", "Acme IT").await;
        self.owner.send("#supplier").await;
        self.owner.follow("Invite a technician").await;
        self.owner.fill_in("#name", "A. Technician").await;
        self.owner.fill_in("#email", "tech@acme.example").await;
        self.owner.send("#email").await;
        self.owner
            .text("document.getElementById('invitation').textContent")
            .await
    }

    /// The technician accepts, in a browser of their own, and looks at the overview.
    async fn comes_in(&self, device: Device, link: &str) -> Chromium {
        let guest = Chromium::start(&[authority(&self.collector).await]).await;
        let mut guest = guest.expect("there was one before");
        guest.show_on(device).await;
        guest.visit(link).await;
        let secret = "document.getElementById('secret').textContent";
        let digits = code(&guest.text(secret).await);
        for (field, text) in [
            ("#password", GUEST_PASSWORD),
            ("#again", GUEST_PASSWORD),
            ("#code", digits.as_str()),
        ] {
            guest.fill_in(field, text).await;
        }
        guest.send("#code").await;
        assert!(
            guest.words().await.contains("recovery"),
            "codes for the drawer"
        );
        guest.click("main a.button").await;
        let told = guest.words().await;
        assert!(
            told.contains("A. Technician, Acme IT") && told.contains("front-desk"),
            "{told}"
        );
        let address = self.address("/add");
        guest.visit(&address).await;
        assert!(
            guest.words().await.contains("owner"),
            "no control that would be refused"
        );
        let address = self.address("/");
        guest.visit(&address).await;
        guest
    }

    async fn shows_the_technician_out(&mut self, guest: &mut Chromium) {
        let read = self.shows("/access/log").await;
        assert!(read.contains("A. Technician"), "{read}");
        self.shows("/access").await;
        self.owner.click("main a[href$='/revoke']").await;
        self.owner.click("main button.grave").await;
        let ended = self.owner.words().await;
        assert!(ended.contains("The access has ended"), "{ended}");
        eventually("the open page ends", Duration::from_secs(3), async || {
            let says = guest.text("document.querySelector('.lost')?.innerText ?? ''");
            says.await.contains("no longer updates").then_some(())
        })
        .await;
        let address = self.address("/computers");
        guest.visit(&address).await;
        assert_eq!(guest.text("location.pathname").await, "/sign-in");
        assert!(!guest.words().await.contains("front-desk"));
    }

    async fn reads_without_scripts(&mut self) {
        self.owner.without_scripts(true).await;
        for (path, words) in [
            ("/", "front-desk"),
            ("/findings?show=aside", "replaced in spring"),
            ("/computers", "front-desk"),
            ("/administrators", "Ours"),
            ("/software", "99.1"),
            ("/changes", "99.1"),
            ("/search?q=front", "front-desk"),
            ("/access/log", "A. Technician"),
            (
                "/questions?sql=SELECT+computer+FROM+computers",
                "front-desk",
            ),
        ] {
            let told = self.shows(path).await;
            assert!(told.contains(words), "{path}: {told}");
        }
    }
}
