//! The computers of the demo after their year: they go on checking in for as long as the collector runs.

use std::{sync::Arc, time::Duration};

use tokio::time;
use tokio_util::sync::CancellationToken;

use super::{
    DemoError,
    catalogue::{COMPUTERS, Computer, What, YEAR},
    condition::Condition,
    look::{habits, look},
    reporter::Reporter,
};
use crate::{app::Parts, clock::UnixMillis};

/// How often every computer checks in.
const EVERY: Duration = Duration::from_secs(60);

/// How long before a check-in a computer was looked at.
const AGE: Duration = Duration::from_secs(20);

/// Lets the computers of a demo that was made then check in until told to stop.
pub(crate) async fn go_on(
    parts: Arc<Parts>,
    made_at: UnixMillis,
    shutdown: CancellationToken,
) -> Result<(), DemoError> {
    let mut practice = Vec::new();
    for computer in COMPUTERS.iter().filter(|computer| is_on(computer)) {
        let condition = Condition::after(computer, made_at, 0);
        let folder = parts.data.demo_computers().join(computer.host);
        let address = parts.agents_address.to_string();
        if let Some(reporter) = Reporter::load(&folder, address, habits(&condition))? {
            practice.push((condition, reporter));
        }
    }
    let mut ticks = time::interval(EVERY);
    while shutdown.run_until_cancelled(ticks.tick()).await.is_some() {
        for (condition, reporter) in &mut practice {
            let look = look(condition, parts.clock.now(), AGE, None);
            let reported = shutdown
                .run_until_cancelled(Box::pin(reporter.report(&look)))
                .await;
            if let Some(Err(error)) = reported.filter(|_| !shutdown.is_cancelled()) {
                // It is tried again in a minute, over another connection.
                reporter.hang_up();
                tracing::warn!(%error, "a computer of the demo could not report");
            }
        }
    }
    Ok(())
}

/// Whether a computer was on when the year ended.
fn is_on(computer: &Computer) -> bool {
    let own = YEAR.iter().filter(|event| event.host == computer.host);
    own.fold(false, |is_on, event| match event.what {
        What::Joins | What::JoinsAgain => true,
        What::JoinsSilently | What::Waits => false,
        What::Power(power) => power,
        _ => is_on,
    })
}
