//! Settings as somebody wrote them into a form, and whether they make sense.

use http::Uri;
use lettre::{Address, message::Mailbox};
use secrecy::{ExposeSecret as _, SecretString};

use super::{Mail, Quiet, Settings, TimeOfDay, Webhook, time_of_day::InvalidTimeOfDay};
use crate::store::record::{FindingSeverity, MailSecurity};

#[cfg(test)]
mod tests;

/// Most people who are written to.
const RECIPIENTS: usize = 20;

/// Longest field, in bytes.
const FIELD: usize = 500;

/// Settings as somebody wrote them into a form.
#[derive(Debug, Default)]
pub struct Draft {
    /// Mail server; empty for no mail.
    pub host: String,
    /// Its port; empty for the usual one.
    pub port: String,
    /// "tls", "starttls" or "none".
    pub security: String,
    /// Name to sign in with.
    pub user: String,
    /// Password; empty to keep the present one.
    pub password: SecretString,
    /// Sender.
    pub from: String,
    /// Recipients, with commas or lines between.
    pub to: String,
    /// Address of a program; empty for none.
    pub url: String,
    /// "act-now", "plan", "unknown" or empty for nothing at once.
    pub severity: String,
    /// Quiet from; empty for never.
    pub quiet_from: String,
    /// Quiet until.
    pub quiet_until: String,
    /// When the summary is sent; empty for never.
    pub summary_at: String,
}

/// Why a draft is not taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The server's name.
    #[error("Write the mail server as a name such as mail.example.com, without http:// or a port.")]
    Host,
    /// The port.
    #[error("The port is a number from 1 to 65535; leave it empty for the usual one.")]
    Port,
    /// How to encrypt.
    #[error("Choose how the connection to the mail server is encrypted.")]
    Security,
    /// The sender.
    #[error("The sender is one e-mail address, such as freehold@example.com.")]
    From,
    /// Nobody to write to.
    #[error("Write at least one e-mail address to send to, and at most {RECIPIENTS}.")]
    To,
    /// A recipient.
    #[error("\u{201c}{0}\u{201d} is no e-mail address.")]
    Recipient(String),
    /// The password would go elsewhere.
    #[error("Write the password again: the server or the name to sign in with has changed.")]
    Password,
    /// The password would be readable.
    #[error(
        "A password is sent over an encrypted connection only: choose one, or leave the name empty."
    )]
    Readable,
    /// The program's address.
    #[error(
        "The program's address begins with https://, or with http:// when it is on this computer, and names no password."
    )]
    Url,
    /// Too long.
    #[error("A field is longer than {FIELD} characters.")]
    Long,
    /// A time.
    #[error(transparent)]
    Time(#[from] InvalidTimeOfDay),
    /// Half of a time span.
    #[error("Write from when and until when it is quiet, or leave both empty.")]
    Quiet,
    /// What to send.
    #[error("Choose what is sent at once.")]
    Severity,
    /// Nobody would get it.
    #[error("Nothing can be sent yet: write a mail server or a program's address too.")]
    Nowhere,
}

impl Draft {
    /// The settings that are meant. What is not written again, such as the password, is kept from the present ones.
    pub(super) fn check(
        self,
        present: &Settings,
        new_secret: impl FnOnce() -> SecretString,
    ) -> Result<Settings, SettingsError> {
        let fields = [
            &self.host,
            &self.port,
            &self.user,
            &self.from,
            &self.url,
            &self.quiet_from,
            &self.quiet_until,
            &self.summary_at,
        ];
        if fields.iter().any(|field| field.len() > FIELD)
            || self.to.len() > FIELD * RECIPIENTS
            || self.password.expose_secret().len() > FIELD
        {
            return Err(SettingsError::Long);
        }
        let settings = Settings {
            mail: self.mail(present.mail.as_ref())?,
            webhook: self.webhook(present.webhook.as_ref(), new_secret)?,
            severity: self.severity()?,
            quiet: self.quiet()?,
            summary_at: time(&self.summary_at)?,
            summary_day: present.summary_day,
        };
        let says_something = settings.severity.is_some() || settings.summary_at.is_some();
        if says_something && !settings.leads_somewhere() {
            return Err(SettingsError::Nowhere);
        }
        Ok(settings)
    }

    fn mail(&self, present: Option<&Mail>) -> Result<Option<Mail>, SettingsError> {
        let host = self.host.trim();
        if host.is_empty() {
            return Ok(None);
        }
        let is_part = |c: char| c.is_ascii_alphanumeric() || "-._:".contains(c);
        if !host.chars().all(is_part)
            || (host.contains(':') && host.parse::<std::net::Ipv6Addr>().is_err())
        {
            return Err(SettingsError::Host);
        }
        let (security, usual) = match self.security.as_str() {
            "tls" => (MailSecurity::Tls, 465),
            "starttls" => (MailSecurity::StartTls, 587),
            "none" => (MailSecurity::None, 25),
            _ => return Err(SettingsError::Security),
        };
        let port = match self.port.trim() {
            "" => usual,
            port => port
                .parse()
                .ok()
                .filter(|port| *port != 0)
                .ok_or(SettingsError::Port)?,
        };
        let user = self.user.trim().to_owned();
        if !user.is_empty() && security == MailSecurity::None {
            return Err(SettingsError::Readable);
        }
        let from = self.from.trim();
        if from.parse::<Mailbox>().is_err() {
            return Err(SettingsError::From);
        }
        Ok(Some(Mail {
            password: self.password(present, host, port, security, &user)?,
            host: host.to_owned(),
            port,
            security,
            user,
            from: from.to_owned(),
            to: self.recipients()?,
        }))
    }

    /// The password that was written, or the present one: but only for the same server and over a connection that
    /// is as well encrypted, so that nobody who may change settings learns it.
    fn password(
        &self,
        present: Option<&Mail>,
        host: &str,
        port: u16,
        security: MailSecurity,
        user: &str,
    ) -> Result<SecretString, SettingsError> {
        if user.is_empty() {
            return Ok(SecretString::default());
        }
        if !self.password.expose_secret().is_empty() {
            return Ok(self.password.clone());
        }
        let same = present.filter(|mail| {
            mail.host == host && mail.port == port && mail.security == security && mail.user == user
        });
        same.map(|mail| mail.password.clone())
            .ok_or(SettingsError::Password)
    }

    fn recipients(&self) -> Result<Vec<String>, SettingsError> {
        let parts = self.to.split([',', ';', '\n', '\r']).map(str::trim);
        let mut to: Vec<String> = Vec::new();
        for part in parts.filter(|part| !part.is_empty()) {
            if part.parse::<Address>().is_err() {
                return Err(SettingsError::Recipient(part.chars().take(80).collect()));
            }
            if !to.iter().any(|known| known == part) {
                to.push(part.to_owned());
            }
        }
        if to.is_empty() || to.len() > RECIPIENTS {
            return Err(SettingsError::To);
        }
        Ok(to)
    }

    fn webhook(
        &self,
        present: Option<&Webhook>,
        new_secret: impl FnOnce() -> SecretString,
    ) -> Result<Option<Webhook>, SettingsError> {
        let url = self.url.trim();
        if url.is_empty() {
            return Ok(None);
        }
        let uri: Uri = url.parse().map_err(|_| SettingsError::Url)?;
        let host = uri.host().unwrap_or_default();
        let is_here = host == "localhost"
            || host
                .trim_matches(['[', ']'])
                .parse()
                .is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
        let has_name = uri
            .authority()
            .is_some_and(|authority| authority.as_str().contains('@'));
        let is_safe =
            uri.scheme_str() == Some("https") || (uri.scheme_str() == Some("http") && is_here);
        if host.is_empty() || has_name || !is_safe {
            return Err(SettingsError::Url);
        }
        let same = present.filter(|webhook| webhook.url == url);
        Ok(Some(Webhook {
            url: url.to_owned(),
            // Whoever got the old one is not meant to sign for the new one's messages.
            secret: same.map_or_else(new_secret, |webhook| webhook.secret.clone()),
        }))
    }

    fn severity(&self) -> Result<Option<FindingSeverity>, SettingsError> {
        Ok(match self.severity.as_str() {
            "" => None,
            "act-now" => Some(FindingSeverity::ActNow),
            "plan" => Some(FindingSeverity::Plan),
            "unknown" => Some(FindingSeverity::Unknown),
            _ => return Err(SettingsError::Severity),
        })
    }

    fn quiet(&self) -> Result<Option<Quiet>, SettingsError> {
        match (time(&self.quiet_from)?, time(&self.quiet_until)?) {
            (None, None) => Ok(None),
            (Some(from), Some(until)) if from != until => Ok(Some(Quiet { from, until })),
            _ => Err(SettingsError::Quiet),
        }
    }
}

fn time(text: &str) -> Result<Option<TimeOfDay>, SettingsError> {
    match text.trim() {
        "" => Ok(None),
        text => Ok(Some(text.parse()?)),
    }
}
