//! `suggest`: asks an owner to decide something about a computer.

use freehold_proto::v1::{SuggestRequest, suggest_request::Kind};

use super::{
    args,
    computer::found,
    line::{self, within},
    profile::Chosen,
    trouble::Trouble,
};

/// Proposes a name, a label or a note.
pub(super) async fn suggest(chosen: Chosen, args: args::Suggest) -> Result<(), Trouble> {
    let args::Suggestion { name, label, note } = args.what;
    let proposed = [(Kind::Name, name), (Kind::Label, label), (Kind::Note, note)];
    let proposed = proposed
        .into_iter()
        .find_map(|(kind, text)| Some((kind, text?)));
    let (kind, text) = proposed.unwrap_or_default();
    let (mut profile, computer) = found(chosen, &args.computer).await?;
    let mut line = line::open(&mut profile).await?;
    let request = SuggestRequest {
        computer,
        kind: kind.into(),
        text,
    };
    within(line.suggest(request)).await??;
    println!(
        "The owner of {} sees your proposal and decides. `freehold audit` shows what came of it.",
        profile.name
    );
    Ok(())
}
