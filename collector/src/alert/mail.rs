//! By e-mail, through the mail server that the business names.

use std::time::Duration;

use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};
use secrecy::ExposeSecret as _;

use super::{delivery::Undelivered, settings::Mail};
use crate::store::record::MailSecurity;

/// How long the server may take for each step.
const PATIENCE: Duration = Duration::from_secs(30);

/// Sends a message. `id` is the same for each attempt, so that a mailbox can tell that it has it already.
pub(super) async fn send(
    mail: &Mail,
    id: &str,
    subject: &str,
    body: &str,
) -> Result<(), Undelivered> {
    let message = message(mail, id, subject, body)?;
    let transport = transport(mail)?;
    let sent = tokio::time::timeout(PATIENCE * 4, transport.send(message)).await;
    match sent {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(undelivered(mail, &error)),
        Err(_) => Err(Undelivered::for_now(format!(
            "{} did not answer in time",
            mail.host
        ))),
    }
}

fn message(mail: &Mail, id: &str, subject: &str, body: &str) -> Result<Message, Undelivered> {
    let unusable = |what: &str| Undelivered {
        problem: format!("{what} is no e-mail address: correct it in the settings"),
        is_final: true,
    };
    let from: Mailbox = mail.from.parse().map_err(|_| unusable(&mail.from))?;
    let domain = from.email.domain().to_owned();
    let mut builder = Message::builder()
        .from(from)
        .subject(subject)
        .message_id(Some(format!("<{id}@{domain}>")))
        .header(ContentType::TEXT_PLAIN);
    for to in &mail.to {
        builder = builder.to(to.parse().map_err(|_| unusable(to))?);
    }
    let mut message = builder.body(body.to_owned()).map_err(|error| Undelivered {
        problem: format!("the message cannot be written: {error}"),
        is_final: true,
    })?;
    // Nobody's absence note is to answer it.
    let name = HeaderName::new_from_ascii_str("Auto-Submitted");
    message
        .headers_mut()
        .insert_raw(HeaderValue::new(name, "auto-generated".to_owned()));
    Ok(message)
}

fn transport(mail: &Mail) -> Result<AsyncSmtpTransport<Tokio1Executor>, Undelivered> {
    let parameters = || {
        TlsParameters::builder(mail.host.clone())
            .build_rustls()
            .map_err(|error| {
                Undelivered::for_now(format!("no secure connection to {}: {error}", mail.host))
            })
    };
    let tls = match mail.security {
        MailSecurity::Tls | MailSecurity::Unspecified => Tls::Wrapper(parameters()?),
        MailSecurity::StartTls => Tls::Required(parameters()?),
        MailSecurity::None => Tls::None,
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&mail.host)
        .port(mail.port)
        .tls(tls)
        .timeout(Some(PATIENCE));
    if !mail.user.is_empty() {
        let password = mail.password.expose_secret().to_owned();
        builder = builder.credentials(Credentials::new(mail.user.clone(), password));
    }
    Ok(builder.build())
}

/// What went wrong, in the server's words where it said something. A refusal for good is not tried again.
fn undelivered(mail: &Mail, error: &lettre::transport::smtp::Error) -> Undelivered {
    // The library says twice that it is about the connection.
    let said = error.to_string().replace("Connection error: ", "");
    let what = if error.is_permanent() || error.is_transient() {
        "refused the message"
    } else {
        "cannot be reached"
    };
    Undelivered {
        problem: format!("{} {what}: {said}", mail.host),
        is_final: error.is_permanent(),
    }
}
