//! Every page, through requests.

mod devices;
mod doors;
mod everybody;
mod findings;
mod guest;
mod guests;
mod hostile;
mod owners;
mod packages;
mod pages;
mod served;
mod site;
mod terms;
