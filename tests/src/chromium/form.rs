//! What a person does on a page: fills fields in, sends forms, follows links.

use serde_json::Value;

use super::Chromium;

impl Chromium {
    /// Writes into a field.
    pub async fn fill_in(&mut self, field: &str, text: &str) {
        let set = format!("document.querySelector({field:?}).value = {text:?}");
        self.evaluate(&set).await;
    }

    /// Sends the form that a field belongs to, and waits for the page that answers.
    pub async fn send(&mut self, field: &str) {
        self.lead_on(&format!(
            "document.querySelector({field:?}).form.requestSubmit()"
        ))
        .await;
    }

    /// Presses a link or a button that leads to a page, and waits for that.
    pub async fn click(&mut self, what: &str) {
        self.lead_on(&format!("document.querySelector({what:?}).click()"))
            .await;
    }

    /// Follows the first link of the page itself that says this, and waits for where it leads.
    pub async fn follow(&mut self, words: &str) {
        let links = "[...document.querySelectorAll('main a')]";
        let click = format!("{links}.find(link => link.textContent.includes({words:?})).click()");
        self.lead_on(&click).await;
    }

    /// What the page itself says.
    pub async fn words(&mut self) -> String {
        self.text("document.querySelector('main').innerText").await
    }

    /// Sentences for which there is hardly any width, so that they stand there letter below letter, and short words
    /// in tables that are broken.
    pub async fn squeezed(&mut self) -> Vec<String> {
        let sentences = "[...document.querySelectorAll('main p, main li, main td, main dd')] \
            .filter(it => it.innerText.trim().length > 20 && it.checkVisibility()) \
            .filter(it => it.getBoundingClientRect().width < 60)";
        let words = "[...document.querySelectorAll('main :is(td, th), main :is(td, th) bdi')] \
            .filter(it => !it.childElementCount && /^\\S{1,12}$/.test(it.innerText.trim())) \
            .filter(it => { \
                const text = document.createRange(); \
                text.selectNodeContents(it); \
                return text.getClientRects().length > 1; \
            })";
        let found = format!("[...{sentences}, ...{words}].map(it => it.innerText)");
        let found = self.evaluate(&found).await;
        let found = found.as_array().expect("a list").iter();
        found.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    async fn lead_on(&mut self, expression: &str) {
        self.forget();
        self.evaluate(expression).await;
        self.loaded().await;
    }
}
