//! How changes turn one list of address elements into another. Elements that no change names stay as they came, in order.

use super::EmailAddress;
use crate::address::AddressKey;
use crate::plan::{Change, ChangeKind};
use std::collections::{BTreeMap, HashMap};

/// The list with `changes` applied: stale ones gone, duplicates one, new aliases at the end.
pub(super) fn edit(elements: &[EmailAddress], changes: &[&Change]) -> Vec<EmailAddress> {
    let (added, others): (Vec<&Change>, Vec<&Change>) =
        changes.iter().partition(|change| change.kind == ChangeKind::AliasAdded);
    let mut edited = if others.is_empty() { elements.to_vec() } else { reduce(elements, &others) };
    edited.extend(added.into_iter().map(|change| EmailAddress::alias(&change.address)));
    edited
}

fn reduce(elements: &[EmailAddress], changes: &[&Change]) -> Vec<EmailAddress> {
    let kinds: HashMap<AddressKey, ChangeKind> =
        changes.iter().map(|change| (AddressKey::new(&change.address), change.kind)).collect();
    let keys: Vec<AddressKey> = elements.iter().map(EmailAddress::key).collect();
    let mut twins: HashMap<&AddressKey, Vec<usize>> = HashMap::new();
    for (at, key) in keys.iter().enumerate() {
        twins.entry(key).or_default().push(at);
    }
    let stays = |at: usize| match kinds.get(&keys[at]) {
        Some(ChangeKind::AliasRemoved) => false,
        Some(ChangeKind::DuplicateCollapsed) => kept(elements, &twins[&keys[at]]).is_ok_and(|kept| kept == at),
        _ => true,
    };
    elements.iter().enumerate().filter(|(at, _)| stays(*at)).map(|(_, element)| element.clone()).collect()
}

/// Which of several elements with the same address stays when they become one, or why none may go (rule 28).
pub(super) fn kept(elements: &[EmailAddress], twins: &[usize]) -> Result<usize, &'static str> {
    let of = |at: &&usize| &elements[**at];
    let first_active = twins.iter().find(|at| of(at).is_active()).ok_or("none of them is active")?;
    if twins.iter().any(|at| elements[*at].is_primary() && !elements[*at].is_active()) {
        return Err("the primary one is not active");
    }
    if !alike(elements, twins) {
        return Err("they differ in members that this product does not know");
    }
    Ok(*twins.iter().find(|at| of(at).is_primary()).unwrap_or(first_active))
}

/// The elements say the same in every member that this product does not know.
fn alike(elements: &[EmailAddress], twins: &[usize]) -> bool {
    let unknown = |at: usize| elements[at].unknown_members().collect::<BTreeMap<_, _>>();
    twins.windows(2).all(|pair| unknown(pair[0]) == unknown(pair[1]))
}
