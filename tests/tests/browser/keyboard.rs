//! Without a mouse, without scripts, without the network.

use std::time::Duration;

use freehold_tests::{Chromium, eventually};

use crate::office::Office;

/// What has the focus: what it says, and whether one sees that it has it.
async fn focused(chromium: &mut Chromium) -> (String, bool) {
    let text = "(() => { const at = document.activeElement; return (at.name || at.innerText || at.tagName).trim(); })()";
    let seen = "(() => { const style = getComputedStyle(document.activeElement); \
        const box = document.activeElement.getBoundingClientRect(); \
        return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 && box.width > 0 \
            && box.top >= 0; })()";
    (
        chromium.text(text).await,
        chromium.evaluate(seen).await == true,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_reaches_everything_in_the_order_of_the_page() {
    let Some(mut office) = Office::furnished().await else {
        return;
    };
    office.chromium.resize(1280).await;
    office.show("/computers").await;
    let chromium = &mut office.chromium;
    let mut order = Vec::new();
    for _ in 0..60 {
        chromium.press("Tab").await;
        // After the last element comes the browser itself.
        if chromium
            .evaluate("document.activeElement === document.body")
            .await
            == true
        {
            break;
        }
        let (text, seen) = focused(chromium).await;
        assert!(seen, "one does not see that '{text}' has the focus");
        order.push(text);
    }
    assert_eq!(order[0], "Skip to the content");
    let at = |wanted: &str| {
        let found = order.iter().position(|text| text.contains(wanted));
        found.unwrap_or_else(|| panic!("{wanted} cannot be reached: {order:?}"))
    };
    let path = [
        "Overview",
        "Settings",
        "Sign out",
        "Add a computer",
        "q",
        "show",
        "Show",
        "Computer",
    ];
    // The button "Add a computer" of the page comes after the menu's entry of the same name.
    let last = order.iter().rposition(|text| text == "Add a computer");
    let places: Vec<usize> = path
        .iter()
        .map(|name| match *name {
            "Add a computer" => last.expect("the button"),
            // The search of every page comes before the menu, the list's own field after it.
            "show" | "q" | "Show" => {
                let found = order.iter().rposition(|text| text == name);
                found.unwrap_or_else(|| panic!("{name} cannot be reached: {order:?}"))
            }
            "Computer" => order
                .iter()
                .rposition(|text| text.starts_with("Computer"))
                .expect("a column"),
            name => at(name),
        })
        .collect();
    assert!(places.is_sorted(), "{order:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_skip_link_passes_the_menu() {
    let Some(mut office) = Office::open().await else {
        return;
    };
    office.show("/").await;
    let chromium = &mut office.chromium;
    chromium.press("Tab").await;
    chromium.press("Enter").await;
    assert_eq!(chromium.text("document.activeElement.id").await, "content");
    chromium.press("Tab").await;
    let inside = "document.querySelector('main').contains(document.activeElement)";
    assert_eq!(chromium.evaluate(inside).await, true);
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_narrow_a_list_at_once_and_escape_widens_it_again() {
    let Some(mut office) = Office::open().await else {
        return;
    };
    let path = format!("/computers/{}/sections/software", office.desk.id);
    office.show(&path).await;
    let chromium = &mut office.chromium;
    let rows = "[...document.querySelectorAll('#table-software-packages tbody tr')].filter(row => !row.hidden).length";
    let all = chromium.evaluate(rows).await.as_u64().expect("a number");
    assert_eq!(all, 40);
    let first = chromium
        .text("document.querySelector('#table-software-packages tbody td').innerText")
        .await;
    chromium
        .evaluate("document.getElementById('filter-software-packages').focus()")
        .await;
    chromium.type_in(&first).await;
    let few = chromium.evaluate(rows).await.as_u64().expect("a number");
    assert!(
        (1..all).contains(&few),
        "{few} of {all} rows contain '{first}'"
    );
    chromium.press("Escape").await;
    assert_eq!(chromium.evaluate(rows).await, all);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_can_be_read_without_scripts() {
    let Some(mut office) = Office::furnished().await else {
        return;
    };
    office.chromium.without_scripts(true).await;
    for (name, path) in office.pages().await {
        office.show(&path).await;
        // The protocol's own questions are answered all the same.
        let text = office.chromium.text("document.body.innerText").await;
        assert!(text.len() > 100, "{name}: {text}");
        if name.ends_with("changes") {
            assert!(
                text.contains("times in UTC"),
                "{name} does not say whose time it is"
            );
        }
        let dead = "[...document.querySelectorAll('main button')].filter(it => !it.form).length";
        assert_eq!(
            office.chromium.evaluate(dead).await,
            0,
            "{name}: a button without effect"
        );
    }
    office.show("/computers?q=front-desk").await;
    let text = office
        .chromium
        .text("document.querySelector('main').innerText")
        .await;
    assert!(
        text.contains("front-desk") && text.contains("1 of"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn days_and_times_are_those_of_the_reader() {
    let Some(mut office) = Office::furnished().await else {
        return;
    };
    office.chromium.live_in("Pacific/Kiritimati").await;
    office.show("/changes").await;
    let chromium = &mut office.chromium;
    // Fourteen hours ahead of UTC, the day the entry stands under is that of the reader's clock.
    let right = "(() => { const day = new Intl.DateTimeFormat('en-GB', { timeZone: 'Pacific/Kiritimati', \
        weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }); \
        return [...document.querySelectorAll('.day')].every(group => [...group.querySelectorAll('time.clock')] \
            .every(time => day.format(new Date(time.dateTime)) === group.firstElementChild.textContent)) \
            && document.querySelectorAll('.day time.clock').length > 0; })()";
    assert_eq!(chromium.evaluate(right).await, true);
    let text = chromium
        .text("[...document.querySelectorAll('.day')].map(day => day.innerText).join()")
        .await;
    assert!(!text.contains("UTC"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_says_when_the_collector_is_away_and_when_it_is_back() {
    let Some(mut office) = Office::open().await else {
        return;
    };
    office.show("/").await;
    office.chromium.evaluate("window.untouched = true").await;
    office.collector.stop().await;
    let chromium = &mut office.chromium;
    let says = "document.querySelector('.lost')?.innerText ?? ''";
    eventually("the page says so", Duration::from_secs(20), async || {
        let text = chromium.text(says).await;
        text.contains("cannot be reached").then_some(())
    })
    .await;
    office.collector.resume().await;
    eventually(
        "the page is content again",
        Duration::from_secs(30),
        async || chromium.text(says).await.is_empty().then_some(()),
    )
    .await;
    assert_eq!(chromium.evaluate("window.untouched").await, true);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_page_hears_at_once_that_its_session_was_ended() {
    let Some(mut office) = Office::open().await else {
        return;
    };
    office.show("/").await;
    // The owner is reset at the console: every session ends.
    crate::office::owner(&office.collector).await;
    let chromium = &mut office.chromium;
    eventually("the page says so", Duration::from_secs(20), async || {
        let says = chromium.text("document.querySelector('.lost')?.innerText ?? ''");
        says.await.contains("no longer updates").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_renews_itself_leaves_the_focus_where_it_is() {
    let Some(mut office) = Office::open().await else {
        return;
    };
    office.show("/computers").await;
    let chromium = &mut office.chromium;
    let link = format!("a[href=\"/computers/{}\"]", office.desk.id);
    chromium
        .evaluate(&format!("document.querySelector('{link}').focus()"))
        .await;
    office.collector.machine("just-arrived").await;
    eventually(
        "the new computer is listed",
        Duration::from_secs(15),
        async || {
            let text = chromium.text("document.body.innerText").await;
            text.contains("just-arrived").then_some(())
        },
    )
    .await;
    let path = chromium
        .text("document.activeElement.getAttribute('href') ?? ''")
        .await;
    assert_eq!(path, format!("/computers/{}", office.desk.id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_waits_for_the_reader_who_marks_text_without_asking_again_and_again() {
    let Some(mut office) = Office::open().await else {
        return;
    };
    office.show("/computers").await;
    let chromium = &mut office.chromium;
    let mark = "getSelection().selectAllChildren(document.querySelector('[data-live] a')); \
                window.asked = 0; \
                const fetched = window.fetch; \
                window.fetch = (...all) => { window.asked += 1; return fetched(...all); }";
    chromium.evaluate(mark).await;
    office.collector.machine("just-arrived").await;
    tokio::time::sleep(Duration::from_secs(6)).await;
    let asked = chromium.evaluate("window.asked").await;
    assert!(asked == 1 || asked == 2, "asked {asked} times");
    let text = chromium.text("document.body.innerText").await;
    assert!(!text.contains("just-arrived"), "the mark was torn away");
    chromium.evaluate("getSelection().removeAllRanges()").await;
    eventually("the page goes on", Duration::from_secs(10), async || {
        let text = chromium.text("document.body.innerText").await;
        text.contains("just-arrived").then_some(())
    })
    .await;
}
