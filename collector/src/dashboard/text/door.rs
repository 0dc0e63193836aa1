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
