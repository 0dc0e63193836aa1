//! How far what a page shows is moved about after it was painted.

use serde_json::json;

use super::Chromium;

/// All shifts of the page so far, also those that follow what somebody pressed, after two more frames were painted.
const SHIFTS: &str = "new Promise(resolve => { \
    let sum = 0; const parts = []; \
    const take = entries => { for (const entry of entries) { sum += entry.value; \
        for (const source of entry.sources) parts.push([source.node?.outerHTML?.slice(0, 160) ?? \
            source.node?.textContent?.slice(0, 80), source.previousRect.left, source.previousRect.top, 'to', \
            source.currentRect.left, source.currentRect.top].join(' ')); } }; \
    const observer = new PerformanceObserver(list => take(list.getEntries())); \
    observer.observe({ type: 'layout-shift', buffered: true }); \
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => { \
        take(observer.takeRecords()); observer.disconnect(); resolve({ sum, parts }); }, 100))); })";

/// What moved.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shift {
    /// The sum of the shifts, as browsers count them: the part of the window that moved, times how far.
    pub sum: f64,
    /// The beginnings of the elements that moved, from where to where.
    pub elements: Vec<String>,
}

impl Chromium {
    /// What has moved on the page since it began to load.
    pub async fn shift(&mut self) -> Shift {
        let found = self.evaluate(SHIFTS).await;
        let elements = found["parts"].as_array().into_iter().flatten();
        let elements = elements.filter_map(|element| element.as_str());
        Shift {
            sum: found["sum"].as_f64().unwrap_or(f64::NAN),
            elements: elements.map(str::to_owned).collect(),
        }
    }

    /// Shows a page whose script comes only after the page was painted, as over a slow line.
    pub async fn visit_with_a_late_script(&mut self, url: &str) {
        let patterns = json!({ "patterns": [{ "resourceType": "Script" }] });
        let none = json!({ "cacheDisabled": true });
        self.command("Network.setCacheDisabled", none).await;
        self.command("Fetch.enable", patterns).await;
        self.forget();
        self.command("Page.navigate", json!({ "url": url })).await;
        let held = loop {
            if let Some(event) = self.of("Fetch.requestPaused").next() {
                break event["params"]["requestId"].clone();
            }
            self.wait_for_more().await;
        };
        let painted = "new Promise(resolve => { const look = () => \
            performance.getEntriesByName('first-contentful-paint').length > 0 && document.body \
                ? resolve(true) : setTimeout(look, 20); look(); })";
        self.evaluate(painted).await;
        self.command("Fetch.continueRequest", json!({ "requestId": held }))
            .await;
        self.loaded().await;
        self.command("Fetch.disable", json!({})).await;
    }
}
