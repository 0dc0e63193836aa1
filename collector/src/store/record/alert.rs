//! Records of what is sent to people who are not looking.

use std::fmt;

use prost::{Enumeration, Message};

/// What is sent to whom and when, one record.
#[derive(Clone, PartialEq, Message)]
pub struct AlertSettingsRecord {
    /// By e-mail; absent for not.
    #[prost(message, optional, tag = "1")]
    pub mail: Option<AlertMailRecord>,
    /// To a program; absent for not.
    #[prost(message, optional, tag = "2")]
    pub webhook: Option<AlertWebhookRecord>,
    /// `FindingSeverity` from which on something is sent at once; 0 for nothing.
    #[prost(int32, tag = "3")]
    pub severity: i32,
    /// When nothing is sent at once, in minutes since midnight, local time: from here ...
    #[prost(uint32, optional, tag = "4")]
    pub quiet_from: Option<u32>,
    /// ... to here. Both are absent for no such time.
    #[prost(uint32, optional, tag = "5")]
    pub quiet_until: Option<u32>,
    /// When the daily summary is sent, in minutes since midnight, local time; absent for never.
    #[prost(uint32, optional, tag = "6")]
    pub summary_at: Option<u32>,
    /// Local day of the last summary, in days since 1970-01-01; 0 before the first.
    #[prost(int64, tag = "7")]
    pub summary_day: i64,
}

/// A mail server, and who writes to whom.
#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub struct AlertMailRecord {
    /// Host name or address of the server.
    #[prost(string, tag = "1")]
    pub host: String,
    /// Its port.
    #[prost(uint32, tag = "2")]
    pub port: u32,
    /// How the connection is encrypted.
    #[prost(enumeration = "MailSecurity", tag = "3")]
    pub security: i32,
    /// Name to sign in with; empty to not sign in.
    #[prost(string, tag = "4")]
    pub user: String,
    /// Password to sign in with.
    #[prost(string, tag = "5")]
    pub password: String,
    /// Address that is written from.
    #[prost(string, tag = "6")]
    pub from: String,
    /// Addresses that are written to.
    #[prost(string, repeated, tag = "7")]
    pub to: Vec<String>,
}

impl fmt::Debug for AlertMailRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AlertMailRecord")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("to", &self.to.len())
            .finish_non_exhaustive()
    }
}

/// How the connection to a mail server is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enumeration)]
#[repr(i32)]
pub enum MailSecurity {
    /// Never stored.
    Unspecified = 0,
    /// From the first byte on.
    Tls = 1,
    /// After the greeting, or not at all: then nothing is sent.
    StartTls = 2,
    /// Not.
    None = 3,
}

/// A program that is told by HTTP.
#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub struct AlertWebhookRecord {
    /// Where.
    #[prost(string, tag = "1")]
    pub url: String,
    /// What messages are signed with.
    #[prost(string, tag = "2")]
    pub secret: String,
}

impl fmt::Debug for AlertWebhookRecord {
    // The address may hold a secret too.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AlertWebhookRecord").finish_non_exhaustive()
    }
}

/// That people were told of a finding. It lies beside the finding.
#[derive(Clone, PartialEq, Message)]
pub struct ToldRecord {
    /// When the finding opened.
    #[prost(int64, tag = "1")]
    pub opened_at: i64,
    /// How serious it was.
    #[prost(enumeration = "super::FindingSeverity", tag = "2")]
    pub severity: i32,
    /// What was said.
    #[prost(string, tag = "3")]
    pub sentence: String,
}

/// A message, on its way or delivered. Its key is its number.
#[derive(Clone, PartialEq, Message)]
pub struct DeliveryRecord {
    /// Which way it goes.
    #[prost(enumeration = "DeliveryChannel", tag = "1")]
    pub channel: i32,
    /// What it is, without names: "2 new findings".
    #[prost(string, tag = "2")]
    pub about: String,
    /// Its subject; empty once it is delivered or given up.
    #[prost(string, tag = "3")]
    pub subject: String,
    /// What it says: text for e-mail, JSON for a program; empty once it is delivered or given up.
    #[prost(string, tag = "4")]
    pub body: String,
    /// When it was made.
    #[prost(int64, tag = "5")]
    pub created_at: i64,
    /// How often it was tried.
    #[prost(uint32, tag = "6")]
    pub attempts: u32,
    /// When it is tried next; 0 when it will not be.
    #[prost(int64, tag = "7")]
    pub next_at: i64,
    /// When it was delivered; 0 when it was not.
    #[prost(int64, tag = "8")]
    pub delivered_at: i64,
    /// Why the last attempt failed; empty when it did not.
    #[prost(string, tag = "9")]
    pub problem: String,
}

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enumeration)]
#[repr(i32)]
pub enum DeliveryChannel {
    /// Never stored.
    Unspecified = 0,
    /// By e-mail.
    Mail = 1,
    /// To a program.
    Webhook = 2,
}
