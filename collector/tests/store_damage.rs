//! A damaged store serves everything that was acknowledged, or refuses with the command that restores it:
//! never an empty success, never a panic. `cargo run -p freehold-collector --example store-damage -- ROUNDS`
//! does the same for as long as wanted.

#![allow(clippy::unwrap_used)]

mod store;

use std::path::Path;

use store::{Damage, Dice, Image, Outcome};

#[tokio::test(flavor = "multi_thread")]
async fn every_file_damaged_in_turn_after_a_clean_stop() {
    every_file(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_file_damaged_in_turn_after_a_crash() {
    every_file(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intact_image_is_served() {
    for killed in [false, true] {
        let image = Image::make(&mut Dice::new(1), killed).await;
        let served = image.try_damage(Path::new("lock"), &Damage::Truncate(0));
        assert_eq!(served, Ok(Outcome::Served));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whole_directories_deleted_are_missed() {
    for killed in [false, true] {
        let image = Image::make(&mut Dice::new(2), killed).await;
        let records = image
            .files()
            .into_iter()
            .find(|file| file.ends_with("db"))
            .unwrap();
        for directory in [records.parent().unwrap(), Path::new("packs")] {
            let refused = image.try_damage(directory, &Damage::DeleteDirectory);
            assert!(matches!(refused, Ok(Outcome::Refused(_))), "{refused:?}");
        }
    }
}

async fn every_file(killed: bool) {
    let seed = Dice::fresh_seed();
    println!("seed {seed}");
    let mut dice = Dice::new(seed);
    let image = Image::make(&mut dice, killed).await;
    let (mut served, mut refused, mut broken) = (0, 0, Vec::new());
    for file in image.files() {
        let length = image.dir.join(&file).metadata().unwrap().len();
        for damage in Damage::usual(&mut dice, length) {
            match image.try_damage(&file, &damage) {
                Ok(Outcome::Served) => served += 1,
                Ok(Outcome::Refused(_)) => refused += 1,
                Err(what) => broken.push(format!("{} {damage:.60?}: {what}", file.display())),
            }
        }
    }
    println!("{served} served whole, {refused} refused");
    assert!(broken.is_empty(), "seed {seed}\n{}", broken.join("\n"));
    assert!(refused > 10, "damage went unnoticed");
}
