//! `quickstart --demo` and `demo remove`: a collector whose computers are made up, in a directory of its own.

use std::path::Path;

use anyhow::Context as _;

use super::{
    RemoveDemo, serve,
    setup::{self, Making},
};
use crate::{
    app::BuildError,
    clock::UnixMillis,
    config::{self, Config, Overrides},
    control::client,
    data::{DataDirectory, DemoState},
    demo,
};

/// Makes the demo if there is none, and runs it.
pub(super) async fn quickstart(overrides: &Overrides, browser: bool) -> anyhow::Result<()> {
    let config = Config::demo(overrides)?;
    let made_at = prepare(&config).await?;
    println!(
        "Demo: {} does not exist; everything you see of it is made up.",
        demo::PRACTICE
    );
    println!(
        "Remove it: freehold-collector demo remove --data {}",
        shown(&config.data)
    );
    let app = config.build().await?;
    let running = serve::run_with(app, browser, |parts, shutdown| async move {
        let going_on = demo::go_on(parts, made_at, shutdown).await;
        going_on.context("the computers of the demo stopped")
    });
    Box::pin(running).await
}

/// `demo remove`
pub(super) async fn remove(args: &RemoveDemo) -> anyhow::Result<()> {
    let data = config::demo_directory(args.data.as_deref())?;
    match DataDirectory::demo_state(&data)? {
        DemoState::Absent => anyhow::bail!("there is no demo in {}", data.display()),
        DemoState::Real => return Err(BuildError::IsReal(data).into()),
        DemoState::Unfinished | DemoState::Made(_) => {}
    }
    anyhow::ensure!(
        client::connect(&data).await.is_err(),
        "the demo is running on {}: stop it first, with Ctrl-C where it was started",
        data.display()
    );
    if DataDirectory::remove_demo(&data)? {
        println!("Removed the demo and {}.", data.display());
    } else {
        println!(
            "Removed the demo. {} holds something else too, and is left.",
            data.display()
        );
    }
    Ok(())
}

/// Makes the demo if there is none; answers when it was made.
async fn prepare(config: &Config) -> anyhow::Result<UnixMillis> {
    match DataDirectory::demo_state(&config.data)? {
        DemoState::Made(at) => return Ok(at),
        DemoState::Real => return Err(BuildError::IsReal(config.data.clone()).into()),
        // What an interrupted attempt left.
        DemoState::Unfinished => {
            DataDirectory::remove_demo(&config.data)?;
        }
        DemoState::Absent => {}
    }
    println!("Making a practice of 14 computers with a year behind it ...");
    make(config).await
}

async fn make(config: &Config) -> anyhow::Result<UnixMillis> {
    DataDirectory::begin_demo(&config.data)?;
    let clock = demo::clock();
    let (data, store, _) = setup::create(Making {
        path: &config.data,
        name: demo::PRACTICE,
        addresses: Vec::new(),
        clock: &clock,
        demo: true,
    })
    .await?;
    store.close().await;
    let made_at = demo::live_through(config.clone(), clock).await?;
    data.finish_demo(made_at)?;
    Ok(made_at)
}

/// A path as a shell takes it.
fn shown(path: &Path) -> String {
    let text = path.display().to_string();
    if text.contains(char::is_whitespace) {
        format!("\"{text}\"")
    } else {
        text
    }
}

#[cfg(test)]
mod tests;
