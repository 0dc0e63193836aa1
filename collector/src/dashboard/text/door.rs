//! Setting up and signing in.

pub(in crate::dashboard) const SET_UP_TITLE: &str = "Welcome to Freehold";
pub(in crate::dashboard) const SET_UP_LEAD: &str =
    "These records belong to you. Choose the password that opens them.";
pub(in crate::dashboard) const RESET_TITLE: &str = "Choose a new password";
pub(in crate::dashboard) const RESET_LEAD: &str = "With a code from the computer that runs Freehold you can choose a new password. Everybody who is signed \
     in will be signed out.";
pub(in crate::dashboard) const CODE: &str = "Set-up code";
pub(in crate::dashboard) const CODE_HELP: &str = "It was printed where Freehold was started, and looks like ABCDE-FGHJK. Lost it? On that computer, run \
     freehold-collector owner reset.";
pub(in crate::dashboard) const NAME: &str = "Your name";
pub(in crate::dashboard) const NAME_HELP: &str = "As it should appear in the records.";
pub(in crate::dashboard) const NEW_PASSWORD: &str = "New password";
pub(in crate::dashboard) const NEW_PASSWORD_HELP: &str =
    "At least 12 characters. Three or four unrelated words are easy to remember.";
pub(in crate::dashboard) const AGAIN: &str = "New password, once more";
pub(in crate::dashboard) const SET_UP: &str = "Save and open the dashboard";

pub(in crate::dashboard) const SIGN_IN_TITLE: &str = "Sign in";
pub(in crate::dashboard) const SIGN_IN_LEAD: &str = "The records of {business}";
pub(in crate::dashboard) const PASSWORD: &str = "Password";
pub(in crate::dashboard) const SIGN_IN: &str = "Sign in";
pub(in crate::dashboard) const FORGOT: &str = "Forgot the password?";
pub(in crate::dashboard) const FORGOT_HELP: &str = "On the computer that runs Freehold, run freehold-collector owner reset and then use the code it prints:";
pub(in crate::dashboard) const USE_CODE: &str = "use a set-up code";

pub(in crate::dashboard) const EMAIL: &str = "E-mail address";
pub(in crate::dashboard) const SECOND: &str = "Code";
pub(in crate::dashboard) const SECOND_HELP: &str = "The six digits of your authenticator, if you have one. Lost it? Use one of your recovery codes instead.";
pub(in crate::dashboard) const AS_GUEST: &str = "You were invited to these records? Sign in here";
pub(in crate::dashboard) const AS_OWNER: &str = "You set these records up yourself? Sign in here";

pub(in crate::dashboard) const INVITED_TITLE: &str = "You are invited";
pub(in crate::dashboard) const INVITED_LEAD: &str =
    "{business} lets {name} of {supplier} read {scope}, until {until}.";
pub(in crate::dashboard) const INVITED_OWNER: &str =
    "{name} is invited to be an owner of the records of {business}.";
pub(in crate::dashboard) const INVITED_OWNER_MEANS: &str = "You will see and decide everything, like the owner who invited you. You can add a second factor under Settings.";
pub(in crate::dashboard) const INVITED_MEANS: &str = "You can read, and nothing else. What you open is written into a log that both sides can check and neither \
     can rewrite. The owner can end this at any time.";
pub(in crate::dashboard) const INVITED_EMAIL: &str = "You will sign in as";
pub(in crate::dashboard) const SCAN: &str = "Second factor";
pub(in crate::dashboard) const SCAN_HELP: &str =
    "Scan this with an authenticator on your phone, then type the six digits it shows.";
pub(in crate::dashboard) const SCAN_ALT: &str =
    "A QR code with the secret that also stands below it";
pub(in crate::dashboard) const TYPE_INSTEAD: &str = "Or type this into it:";
pub(in crate::dashboard) const SIX_DIGITS: &str = "Six digits";
pub(in crate::dashboard) const ACCEPT: &str = "Accept and open the records";
pub(in crate::dashboard) const RECOVERY_TITLE: &str = "Keep these recovery codes";
pub(in crate::dashboard) const RECOVERY_LEAD: &str = "Each signs you in once when your phone is lost. Print this page or write them down: they are shown now and \
     never again.";
pub(in crate::dashboard) const GO_ON: &str = "I have kept them: open the records";
