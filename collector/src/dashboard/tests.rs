//! Every page, through requests.

mod devices;
mod doors;
mod everybody;
mod findings;
mod guest;
mod guests;
mod history;
mod hostile;
mod packages;
mod pages;
mod served;
mod site;
