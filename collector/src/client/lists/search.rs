//! What holds a text: computers, programs, people, numbers, addresses.

use freehold_proto::v1::{
    SearchRequest, SearchResponse,
    search_response::{Hit, Kind},
};
use serde_json::{Value, json};

use super::super::{
    args, fleet::ask, line::all, listing::Listing, profile::Chosen, trouble::Trouble,
};

/// `search`
pub(in crate::client) async fn search(chosen: Chosen, args: args::Search) -> Result<(), Trouble> {
    let request = SearchRequest {
        text: args.words.join(" "),
    };
    let answers = ask(chosen, move |_, mut line| {
        let request = request.clone();
        Box::pin(async move { all(line.search(request)).await })
    })
    .await;
    let (mut rows, mut unknown) = (Vec::new(), Vec::new());
    for (client, pieces) in &answers.given {
        unknown.extend(doubts(client, pieces));
        let hits = pieces.iter().flat_map(|piece| &piece.hits);
        rows.extend(hits.map(|hit| row(client, hit)));
    }
    let listing = Listing {
        key: "hits",
        columns: &[
            ("CLIENT", "client"),
            ("KIND", "kind"),
            ("WHAT", "text"),
            ("COMPUTERS", "count"),
            ("ON", "computers"),
        ],
        rows,
        nothing: "Nothing was found, going by what is shared with you.",
        unknown,
        ..Listing::default()
    };
    listing.print(args.form, &answers.failed)
}

fn row(client: &str, hit: &Hit) -> Value {
    let computers = hit.computers.iter();
    let computers: Vec<&str> = computers.map(|computer| computer.name.as_str()).collect();
    let ids: Vec<&str> = hit.computers.iter().map(|it| it.id.as_str()).collect();
    json!({
        "client": client,
        "kind": word(hit.kind()),
        "text": hit.text,
        "count": hit.count,
        "computers": computers,
        "computer_ids": ids,
    })
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Computer => "computer",
        Kind::Program => "program",
        Kind::Person => "person",
        Kind::Serial => "serial number",
        Kind::HardwareAddress => "hardware address",
        Kind::Address => "address",
        Kind::Unspecified => "unknown",
    }
}

/// What the answer of one client leaves open.
fn doubts(client: &str, pieces: &[SearchResponse]) -> Vec<String> {
    let mut doubts = Vec::new();
    if pieces.iter().any(|piece| piece.more) {
        doubts.push(format!(
            "{client}: more was found than is listed: search for more of the text"
        ));
    }
    let unread = pieces.iter().map(|piece| piece.unread).max().unwrap_or(0);
    if unread > 0 {
        doubts.push(format!(
            "{client}: {unread} of its computers could not be searched yet: ask again in a moment"
        ));
    }
    let cut = pieces.iter().map(|piece| piece.cut).max().unwrap_or(0);
    if cut > 0 {
        doubts.push(format!(
            "{client}: not everything on {cut} of its computers is searched: they have more people, numbers or \
             addresses, or longer ones, than are kept for it"
        ));
    }
    doubts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_searched_is_said() {
        let piece = |more, unread| SearchResponse {
            more,
            unread,
            ..SearchResponse::default()
        };
        assert_eq!(doubts("hill", &[piece(false, 0)]), Vec::<String>::new());
        let said = doubts("hill", &[piece(true, 7), piece(false, 0)]);
        assert!(said[0].contains("more was found") && said[1].contains("7 of its computers"));
        let cut = SearchResponse {
            cut: 3,
            ..SearchResponse::default()
        };
        assert!(doubts("hill", &[cut])[0].contains("not everything on 3 of its computers"));
    }
}
