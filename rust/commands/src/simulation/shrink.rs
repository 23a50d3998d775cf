//! From a schedule that breaks an invariant to a short one.

use super::dice::{Dice, Place};
use super::run::{Verdict, simulate};
use super::sabotage::Sabotage;
use std::collections::BTreeSet;
use std::fmt::Write;

/// Takes out what is not needed for the same invariant to break: halves first, then single disturbances.
pub(super) fn shrink(dice: &Dice, sabotage: Sabotage, found: &Verdict) -> (Dice, Verdict) {
    let kind = kind(found);
    let (mut best, mut verdict) = (dice.clone(), found.clone());
    let mut size = verdict.fired.len().div_ceil(2);
    while size > 0 {
        let places: Vec<Place> = verdict.fired.iter().map(|(place, _)| *place).collect();
        let smaller = places.chunks(size).find_map(|part| {
            let without: BTreeSet<Place> = best.without.iter().chain(part).copied().collect();
            let tried = Dice { without, ..best.clone() };
            let verdict = simulate(&tried, sabotage, false);
            (self::kind(&verdict) == kind).then_some((tried, verdict))
        });
        match smaller {
            Some((dice, shorter)) => {
                (best, verdict) = (dice, shorter);
                size = size.min(verdict.fired.len());
            }
            None => size /= 2,
        }
    }
    (best, verdict)
}

/// The invariant that broke: its words before the details.
fn kind(verdict: &Verdict) -> Option<String> {
    let broken = verdict.broken.as_ref()?;
    Some(broken.split(':').next().unwrap_or_default().to_owned())
}

/// What a failing seed prints: how to replay it, what broke, and the short schedule with its trace.
pub(super) fn report(dice: &Dice, sabotage: Sabotage, found: &Verdict) -> String {
    let (short, verdict) = shrink(dice, sabotage, found);
    let traced = simulate(&short, sabotage, true);
    let mut text = format!(
        "seed {} breaks an invariant: {}\nreplay it with ESGSYNC_SEED={}\n\n{} disturbances, of which these are enough:\n",
        dice.seed,
        found.broken.as_deref().unwrap_or("none"),
        dice.seed,
        found.fired.len(),
    );
    for (place, what) in &verdict.fired {
        let _ = writeln!(text, "  {place}: {what}");
    }
    let _ = writeln!(text, "\n{}\n", verdict.broken.as_deref().unwrap_or("none"));
    traced.trace.iter().for_each(|line| text.push_str(&format!("{line}\n")));
    text
}
