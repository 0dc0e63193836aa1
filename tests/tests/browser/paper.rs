//! Printed pages: what is known, since when and about whom; nothing to click.

use std::{path::Path, process::Stdio};

use tokio::process::Command;

use crate::office::Office;

async fn words(pdf: &Path) -> String {
    let mut command = Command::new("pdftotext");
    command.args(["-layout"]).arg(pdf).arg("-");
    let output = command.stderr(Stdio::inherit()).output().await;
    let output = output.expect("pdftotext (poppler-utils)");
    assert!(output.status.success());
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_overview_and_a_computer_print_as_a_record_without_controls() {
    let Some(mut office) = Office::furnished().await else {
        return;
    };
    let computer = format!("/computers/{}", office.desk.id);
    for (name, path, most) in [("overview", "/", 1), ("computer", computer.as_str(), 2)] {
        office.show(path).await;
        let file = office.collector.scratch().join(format!("{name}.pdf"));
        office.chromium.print(&file).await;
        let text = words(&file).await;
        let pages = text.matches('\u{c}').count();
        assert!((1..=most).contains(&pages), "{name}: {pages} pages");
        // Whose record it is, and when it was true.
        assert!(text.contains("Test Practice"), "{name}: {text}");
        assert!(
            text.contains("Printed from Freehold. True as of"),
            "{name}: {text}"
        );
        for control in [
            "Sign out",
            "Settings",
            "Add a computer",
            "Skip to the content",
            "Filter",
            "Copy",
            "Shut it out",
            "Rename",
            "http",
            "/computers",
        ] {
            assert!(!text.contains(control), "{name} prints '{control}': {text}");
        }
    }
}
