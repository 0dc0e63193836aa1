//! What the browser runs on: the size of its window, light or dark, a keyboard, a printer.

use std::path::Path;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use super::Chromium;

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// What a page is shown on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device {
    /// Width of the window in pixels.
    pub width: u32,
    /// Light or dark.
    pub scheme: Scheme,
}

impl Device {
    /// Its name in the name of a file.
    pub fn word(self) -> String {
        let scheme = match self.scheme {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        };
        format!("{}-{scheme}", self.width)
    }
}

impl Chromium {
    /// Makes the window as wide as a device, in its colours.
    pub async fn show_on(&mut self, device: Device) {
        self.resize(device.width).await;
        let value = match device.scheme {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        };
        let features = json!([{ "name": "prefers-color-scheme", "value": value }]);
        self.command(
            "Emulation.setEmulatedMedia",
            json!({ "features": features }),
        )
        .await;
    }

    /// Makes the window as wide as a device.
    pub async fn resize(&mut self, width: u32) {
        let mobile = width < 600;
        let device =
            json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": mobile });
        self.command("Emulation.setDeviceMetricsOverride", device)
            .await;
    }

    /// Lives in a time zone.
    pub async fn live_in(&mut self, zone: &str) {
        self.command(
            "Emulation.setTimezoneOverride",
            json!({ "timezoneId": zone }),
        )
        .await;
    }

    /// Runs no scripts of pages from now on, or runs them again.
    pub async fn without_scripts(&mut self, without: bool) {
        self.command(
            "Emulation.setScriptExecutionDisabled",
            json!({ "value": without }),
        )
        .await;
    }

    /// Presses and releases a key without a character: Tab, Enter, Escape.
    pub async fn press(&mut self, key: &str) {
        let (code, text) = match key {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            "Escape" => (27, ""),
            other => panic!("no key {other}"),
        };
        for kind in ["keyDown", "keyUp"] {
            let mut event = json!({ "type": kind, "key": key, "code": key,
                "windowsVirtualKeyCode": code });
            if kind == "keyDown" && !text.is_empty() {
                event["text"] = text.into();
            }
            self.command("Input.dispatchKeyEvent", event).await;
        }
    }

    /// Types text into what has the focus.
    pub async fn type_in(&mut self, text: &str) {
        for letter in text.chars() {
            let letter = letter.to_string();
            for kind in ["keyDown", "keyUp"] {
                let event = json!({ "type": kind, "text": letter, "key": letter });
                self.command("Input.dispatchKeyEvent", event).await;
            }
        }
    }

    /// A picture of the whole page, PNG.
    pub async fn picture(&mut self, file: &Path) {
        let parameters = json!({ "format": "png", "captureBeyondViewport": true });
        let answer = self.command("Page.captureScreenshot", parameters).await;
        write(file, answer["data"].as_str());
    }

    /// A picture of what the window shows, PNG.
    pub async fn picture_of_window(&mut self, file: &Path) {
        let hidden = json!({ "hidden": true });
        self.command("Emulation.setScrollbarsHidden", hidden).await;
        let parameters = json!({ "format": "png" });
        let answer = self.command("Page.captureScreenshot", parameters).await;
        write(file, answer["data"].as_str());
    }

    /// Prints the page on A4, PDF.
    pub async fn print(&mut self, file: &Path) {
        let parameters =
            json!({ "paperWidth": 8.27, "paperHeight": 11.69, "printBackground": false });
        let answer = self.command("Page.printToPDF", parameters).await;
        write(file, answer["data"].as_str());
    }
}

fn write(file: &Path, data: Option<&str>) {
    let bytes = STANDARD.decode(data.unwrap_or_default()).expect("base64");
    assert!(!bytes.is_empty(), "nothing for {}", file.display());
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).expect("a directory");
    }
    std::fs::write(file, bytes).expect("a file");
}
