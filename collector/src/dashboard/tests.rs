//! Every page, through requests.

mod claims;
mod devices;
mod doors;
mod everybody;
mod exports;
mod findings;
mod guest;
mod guests;
mod history;
mod hostile;
mod owners;
mod packages;
mod pages;
mod questions;
mod search;
mod served;
mod site;
mod terms;
