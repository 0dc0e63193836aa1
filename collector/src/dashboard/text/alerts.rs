//! Alerts: what is sent to whom.

pub(in crate::dashboard) const TITLE: &str = "Alerts";
pub(in crate::dashboard) const LEAD: &str = "Freehold can write to you when something is found, before a supplier\u{2019}s access ends, and once a day how your business stands. It sends \
     through your own mail server, and to nobody you do not name here.";
pub(in crate::dashboard) const OFF: &str =
    "Alerts are off: you learn what is found only by looking at these pages.";
pub(in crate::dashboard) const SAVED: &str = "The alerts are saved.";
pub(in crate::dashboard) const TRIED: &str =
    "A message is on its way. What became of it is shown below in a moment.";
pub(in crate::dashboard) const WHAT: &str = "What is sent";
pub(in crate::dashboard) const AT_ONCE: &str = "At once, when it is found and when it has ended";
pub(in crate::dashboard) const SEVERITIES: [(&str, &str); 4] = [
    ("", "nothing"),
    ("act-now", "what says \u{201c}act now\u{201d}"),
    ("plan", "that, and what says \u{201c}plan this\u{201d}"),
    ("unknown", "that, and what could not be read"),
];
pub(in crate::dashboard) const QUIET: &str = "Quiet hours";
pub(in crate::dashboard) const QUIET_HELP: &str = "In this time nothing is sent at once; it is sent afterwards, if it still holds. By the clock of the \
     computer that runs Freehold.";
pub(in crate::dashboard) const FROM_WHEN: &str = "From";
pub(in crate::dashboard) const UNTIL_WHEN: &str = "Until";
pub(in crate::dashboard) const SUMMARY: &str = "Daily summary at";
pub(in crate::dashboard) const SUMMARY_HELP: &str = "Leave empty for none.";
pub(in crate::dashboard) const MAIL: &str = "By e-mail";
pub(in crate::dashboard) const MAIL_HELP: &str = "Your supplier or mail provider knows these: ask for the SMTP settings of a mailbox that may send.";
pub(in crate::dashboard) const TO: &str = "Send to";
pub(in crate::dashboard) const TO_HELP: &str = "One or more addresses, with commas between.";
pub(in crate::dashboard) const SENDER: &str = "Sender\u{2019}s address";
pub(in crate::dashboard) const HOST: &str = "Mail server";
pub(in crate::dashboard) const HOST_HELP: &str =
    "Such as smtp.example.com. Leave empty for no e-mail.";
pub(in crate::dashboard) const PORT: &str = "Port";
pub(in crate::dashboard) const PORT_HELP: &str = "Leave empty for the usual one.";
pub(in crate::dashboard) const SECURITY: &str = "Encryption";
pub(in crate::dashboard) const SECURITIES: [(&str, &str); 3] = [
    ("tls", "from the start (TLS, usually port 465)"),
    ("starttls", "STARTTLS (usually port 587)"),
    ("none", "none: anybody on the way can read it"),
];
pub(in crate::dashboard) const USER: &str = "Name to sign in with";
pub(in crate::dashboard) const USER_HELP: &str = "Leave empty if the server asks for none.";
pub(in crate::dashboard) const PASSWORD: &str = "Password";
pub(in crate::dashboard) const PASSWORD_KEPT: &str =
    "One is saved. Leave this empty to keep it; it is never shown.";
pub(in crate::dashboard) const WEBHOOK: &str = "To a program";
pub(in crate::dashboard) const URL: &str = "Its address";
pub(in crate::dashboard) const URL_HELP: &str =
    "For technicians: each message is sent there as signed JSON (POST). Leave empty for none.";
pub(in crate::dashboard) const SECRET: &str = "Messages to {host} are signed with this secret. Give it to whoever runs that program now: it is not shown \
     again.";
pub(in crate::dashboard) const SECRET_HELP: &str = "Freehold-Signature holds t, the seconds since 1970, and v1, the HMAC-SHA256 of \u{201c}t.BODY\u{201d} with this \
     secret, in hexadecimal.";
pub(in crate::dashboard) const SAVE: &str = "Save";
pub(in crate::dashboard) const TRY: &str = "Send a message to try it out";
pub(in crate::dashboard) const SENT: &str = "What was sent";
pub(in crate::dashboard) const NOTHING_SENT: &str = "Nothing was sent yet.";
pub(in crate::dashboard) const MESSAGE: &str = "Message";
pub(in crate::dashboard) const WAY: &str = "Way";
pub(in crate::dashboard) const WRITTEN: &str = "Written";
pub(in crate::dashboard) const OUTCOME: &str = "What became of it";
pub(in crate::dashboard) const BY_MAIL: &str = "e-mail";
pub(in crate::dashboard) const BY_WEBHOOK: &str = "program";
pub(in crate::dashboard) const WAITING: &str = "on its way";
pub(in crate::dashboard) const DELIVERED: &str = "delivered";
pub(in crate::dashboard) const RETRYING: &str = "not delivered yet";
pub(in crate::dashboard) const NEXT_ATTEMPT: &str = "{problem}. Next attempt {when}.";
pub(in crate::dashboard) const GIVEN_UP: &str = "given up";
pub(in crate::dashboard) const ABOUT: &str =
    "E-mail and messages when something is found, and a daily summary.";
pub(in crate::dashboard) const SET: &str = "Set the alerts";
pub(in crate::dashboard) const FAILING: &str =
    "Alerts do not reach you: the last message was not delivered. {link}";
pub(in crate::dashboard) const SEE: &str = "See why";
