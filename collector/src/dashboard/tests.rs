//! Every page, through requests.

mod doors;
mod hostile;
mod packages;
mod pages;
mod served;
mod site;
