//! How a row names its trustee: any way that means the same.

use crate::dice::Dice;
use crate::kinds::{Read, Right};
use crate::recipient::{Called, Id};
use crate::tenant::{Maker, Row, Trustee};

/// Trustee and SID of a row.
pub(crate) fn spell(facts: &Maker, row: &Row, dice: &mut Dice) -> (String, Option<String>) {
    let text_only = row.right == Right::SendOnBehalf;
    match &row.trustee {
        Trustee::Anyhow(id) => {
            let names = names(facts, *id, text_only);
            named(facts, *id, dice.pick(&names), text_only, dice)
        }
        Trustee::By(id, name) => named(facts, *id, *name, text_only, dice),
        Trustee::Exactly(text, sid) => (text.clone(), sid.clone()),
        Trustee::OneOf(texts) => {
            let fitting: Vec<_> = texts.iter().filter(|(_, sid)| !text_only || sid.is_none()).collect();
            let (text, sid) = *dice.pick(&fitting);
            (text.to_owned(), sid.map(str::to_owned))
        }
    }
}

fn names(facts: &Maker, id: Id, text_only: bool) -> Vec<Called> {
    // A name means the same as an id only where the list of recipients is whole.
    let whole = facts.reads.recipients == Read::Complete;
    let fits =
        |name: &Called| (whole || !name.is_weak()) && !(text_only && matches!(name, Called::Sid | Called::SidHistory));
    facts.recipients[id].names().filter(fits).collect()
}

fn named(facts: &Maker, id: Id, name: Called, text_only: bool, dice: &mut Dice) -> (String, Option<String>) {
    let recipient = &facts.recipients[id];
    let (text, sid) = recipient.spell(name, dice);
    if text_only {
        return (text, None);
    }
    // Where the recipient shows no SID, that of the row says nothing against the text (rule 12).
    let silent = recipient.sid.is_none() && recipient.sid_history.is_empty() && dice.one_in(3);
    let strange = silent.then(|| format!("S-1-5-21-4044444444-555555555-666666666-{}", 1000 + dice.up_to(100_000)));
    (text, sid.or(strange))
}
