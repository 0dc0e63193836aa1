//! What is sent to whom and when.

use std::fmt;

use http::Uri;
use secrecy::{ExposeSecret as _, SecretString};

use super::{TimeOfDay, time_of_day::OnTheWall};
use crate::store::record::{
    AlertMailRecord, AlertSettingsRecord, AlertWebhookRecord, FindingSeverity, MailSecurity,
};

/// What is sent to whom and when. By default nothing is.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// By e-mail.
    pub mail: Option<Mail>,
    /// To a program.
    pub webhook: Option<Webhook>,
    /// How serious something must be to be sent at once; `None` for nothing.
    pub severity: Option<FindingSeverity>,
    /// When nothing is sent at once.
    pub quiet: Option<Quiet>,
    /// When the daily summary is sent.
    pub summary_at: Option<TimeOfDay>,
    /// The last day it was sent, in days since 1970-01-01; 0 before the first.
    pub(super) summary_day: i64,
}

/// A mail server, and who writes to whom.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is encrypted.
    pub security: MailSecurity,
    /// Name to sign in with; empty to not sign in.
    pub user: String,
    /// Password to sign in with.
    pub password: SecretString,
    /// Address that is written from.
    pub from: String,
    /// Addresses that are written to.
    pub to: Vec<String>,
}

/// A program that is told by HTTP.
#[derive(Clone)]
pub struct Webhook {
    /// Where.
    pub url: String,
    /// What messages are signed with.
    pub secret: SecretString,
}

/// A time of the day in which nothing is sent at once; it may pass midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    /// From then ...
    pub from: TimeOfDay,
    /// ... to then.
    pub until: TimeOfDay,
}

impl Settings {
    /// As stored.
    pub(super) fn of(record: &AlertSettingsRecord) -> Self {
        let time = |minutes: Option<u32>| minutes.and_then(TimeOfDay::from_minutes);
        let quiet = time(record.quiet_from).zip(time(record.quiet_until));
        Self {
            mail: record.mail.as_ref().map(Mail::of),
            webhook: record.webhook.as_ref().map(|webhook| Webhook {
                url: webhook.url.clone(),
                secret: webhook.secret.clone().into(),
            }),
            severity: FindingSeverity::try_from(record.severity)
                .ok()
                .filter(|severity| *severity != FindingSeverity::Unspecified),
            quiet: quiet.map(|(from, until)| Quiet { from, until }),
            summary_at: time(record.summary_at),
            summary_day: record.summary_day,
        }
    }

    /// To be stored.
    pub(super) fn record(&self) -> AlertSettingsRecord {
        AlertSettingsRecord {
            mail: self.mail.as_ref().map(Mail::record),
            webhook: self.webhook.as_ref().map(|webhook| AlertWebhookRecord {
                url: webhook.url.clone(),
                secret: webhook.secret.expose_secret().to_owned(),
            }),
            severity: self.severity.map_or(0, i32::from),
            quiet_from: self.quiet.map(|quiet| quiet.from.minutes()),
            quiet_until: self.quiet.map(|quiet| quiet.until.minutes()),
            summary_at: self.summary_at.map(TimeOfDay::minutes),
            summary_day: self.summary_day,
        }
    }

    /// Whether messages can go anywhere.
    pub fn leads_somewhere(&self) -> bool {
        self.mail.is_some() || self.webhook.is_some()
    }

    /// Whether something of this severity is sent at once.
    pub(super) fn sends(&self, severity: FindingSeverity) -> bool {
        self.severity.is_some_and(|least| severity <= least)
    }

    /// In a few words, without secrets, for the log.
    pub(super) fn brief(&self) -> String {
        let mut parts = Vec::new();
        if let Some(mail) = &self.mail {
            parts.push(format!(
                "e-mail to {} through {}",
                mail.to.join(", "),
                mail.host
            ));
        }
        if let Some(webhook) = &self.webhook {
            parts.push(format!("messages to {}", webhook.host()));
        }
        if parts.is_empty() {
            parts.push("nothing to anybody".to_owned());
        }
        parts.join("; ")
    }
}

impl Mail {
    fn of(record: &AlertMailRecord) -> Self {
        Self {
            host: record.host.clone(),
            port: u16::try_from(record.port).unwrap_or_default(),
            security: record.security(),
            user: record.user.clone(),
            password: record.password.clone().into(),
            from: record.from.clone(),
            to: record.to.clone(),
        }
    }

    fn record(&self) -> AlertMailRecord {
        AlertMailRecord {
            host: self.host.clone(),
            port: self.port.into(),
            security: self.security.into(),
            user: self.user.clone(),
            password: self.password.expose_secret().to_owned(),
            from: self.from.clone(),
            to: self.to.clone(),
        }
    }
}

impl fmt::Debug for Webhook {
    // The path of its address may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook")
            .field("host", &self.host())
            .finish_non_exhaustive()
    }
}

impl Webhook {
    /// Where it leads, without a path that may be secret.
    pub fn host(&self) -> String {
        let host = self.url.parse::<Uri>().ok();
        host.and_then(|uri| Some(uri.authority()?.to_string()))
            .unwrap_or_default()
    }
}

impl Quiet {
    /// Whether it is quiet now.
    pub(super) fn holds(self, now: OnTheWall) -> bool {
        if self.from <= self.until {
            (self.from..self.until).contains(&now.time)
        } else {
            now.time >= self.from || now.time < self.until
        }
    }
}
