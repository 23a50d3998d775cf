//! How changes turn one list of address elements into another. Elements that no change names stay as they came, in order.

use super::EmailAddress;
use crate::address::AddressKey;
use crate::plan::{Change, ChangeKind};
use std::collections::{BTreeMap, HashMap, HashSet};

/// The list with `changes` applied: stale ones gone, duplicates one, restored ones back at their places in `wanted`, new aliases at
/// the end.
pub(super) fn edit(elements: &[EmailAddress], changes: &[&Change], wanted: &[EmailAddress]) -> Vec<EmailAddress> {
    let of = |kind| changes.iter().filter(move |change| change.kind == kind);
    let reducing = changes.iter().any(|change| change.kind != ChangeKind::AliasAdded);
    let mut edited = if reducing { reduce(elements, changes) } else { elements.to_vec() };
    let restored: HashSet<AddressKey> =
        of(ChangeKind::AliasRestored).map(|change| AddressKey::new(&change.address)).collect();
    if !restored.is_empty() {
        edited = put_back(edited, &restored, wanted);
    }
    edited.reserve_exact(of(ChangeKind::AliasAdded).count());
    edited.extend(of(ChangeKind::AliasAdded).map(|change| EmailAddress::shared(change.address.clone())));
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

/// The list with the elements of `keys` as `wanted` has them: each behind the element that stands before it there. Where the rest is as
/// in `wanted`, so is the whole.
pub(super) fn put_back(
    elements: Vec<EmailAddress>,
    keys: &HashSet<AddressKey>,
    wanted: &[EmailAddress],
) -> Vec<EmailAddress> {
    // Twins are told apart by their number: the second element of an address follows what the second one follows.
    let mut list: Vec<((AddressKey, usize), EmailAddress)> =
        numbered(elements).filter(|((key, _), _)| !keys.contains(key)).collect();
    let mut before: Option<(AddressKey, usize)> = None;
    let mut place = 0;
    for (name, element) in numbered(wanted.to_vec()) {
        if let Some(before) = &before {
            place = list.iter().position(|(name, _)| name == before).map_or(place, |at| at + 1);
        }
        if keys.contains(&name.0) {
            list.insert(place, (name.clone(), element));
        }
        before = Some(name);
    }
    list.into_iter().map(|(_, element)| element).collect()
}

fn numbered(elements: Vec<EmailAddress>) -> impl Iterator<Item = ((AddressKey, usize), EmailAddress)> {
    let mut numbers: HashMap<AddressKey, usize> = HashMap::new();
    elements.into_iter().map(move |element| {
        let number = numbers.entry(element.key()).or_insert(0);
        *number += 1;
        ((element.key(), *number), element)
    })
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
