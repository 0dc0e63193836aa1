//! Every page, through requests.
