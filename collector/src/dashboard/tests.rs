//! Every page, through requests.

mod doors;
mod everybody;
mod guest;
mod guests;
mod hostile;
mod pages;
mod served;
mod site;
