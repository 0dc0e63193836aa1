//! Damages filled stores at random, for as many rounds as the first argument tells, with the seed that the
//! second tells. Prints a table; exits with 1 when a damaged store broke its promise.

#![allow(clippy::unwrap_used)]

#[path = "../tests/store/mod.rs"]
mod store;

use std::{collections::BTreeMap, process::ExitCode};

use store::{Damage, Dice, Image, Outcome};

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = std::env::args()
        .skip(1)
        .map(|argument| argument.parse::<u64>());
    let rounds = arguments.next().and_then(Result::ok).unwrap_or(200);
    let seed = arguments
        .next()
        .and_then(Result::ok)
        .unwrap_or_else(Dice::fresh_seed);
    println!("{rounds} rounds, seed {seed}");
    let mut dice = Dice::new(seed);
    let images = [
        Image::make(&mut dice, false).await,
        Image::make(&mut dice, true).await,
    ];
    let mut table: BTreeMap<String, [u32; 3]> = BTreeMap::new();
    for round in 0..rounds {
        let image = &images[dice.below(2) as usize];
        let files = image.files();
        let file = &files[dice.below(files.len() as u64) as usize];
        let length = image.dir.join(file).metadata().unwrap().len();
        let damage = Damage::random(&mut dice, length);
        let row = table.entry(file.display().to_string()).or_default();
        match image.try_damage(file, &damage) {
            Ok(Outcome::Served) => row[0] += 1,
            Ok(Outcome::Refused(_)) => row[1] += 1,
            Err(what) => {
                row[2] += 1;
                println!("round {round}: {} {damage:.60?}: {what}", file.display());
            }
        }
    }
    println!(
        "{:<40} {:>8} {:>8} {:>8}",
        "file", "served", "refused", "BROKEN"
    );
    for (file, [served, refused, broken]) in &table {
        println!("{file:<40} {served:>8} {refused:>8} {broken:>8}");
    }
    let broken: u32 = table.values().map(|row| row[2]).sum();
    ExitCode::from(u8::from(broken > 0))
}
