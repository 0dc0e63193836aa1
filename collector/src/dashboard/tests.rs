//! Every page, through requests.

mod doors;
mod hostile;
mod pages;
mod served;
mod site;
