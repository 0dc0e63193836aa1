//! Every page, through requests.

mod doors;
mod hostile;
mod pages;
mod screenshots;
mod served;
mod site;
