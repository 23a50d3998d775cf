//! Who a row means (design 5.2, 5.3, rules 9, 12 to 14, 20).

use super::directory::{Directory, Hit, Step};
use super::principal::{WellKnown, is_sid, sid_of, well_known};

/// The trustee of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trustee {
    /// SELF, SYSTEM, a group of the server: nobody to us.
    Dropped,
    /// Everyone, Anonymous, Authenticated Users.
    Broad(&'static str),
    /// This recipient.
    Found {
        /// Who.
        recipient: u32,
        /// Found by a name, which is unique only as far as the list of recipients is complete.
        by_name: bool,
        /// Somebody else, whom the text names although the SID decides (rule 12).
        text_names: Option<u32>,
    },
    /// Several: ambiguous.
    Several(Vec<u32>),
    /// An account that is gone; with the one of the same name that was made anew (rule 12).
    Orphan(Option<u32>),
    /// Nobody that we know, and no proof that it is gone.
    Unresolved,
}

/// Finds the trustee of a row. `all_listed`: the recipients were read completely, so that who is not there does not exist.
pub(super) fn identify(directory: &Directory<'_>, text: &str, sid: Option<&str>, all_listed: bool) -> Trustee {
    let text = text.trim();
    let sid = sid_of(text, sid);
    match well_known(text, sid) {
        Some(WellKnown::Dropped) => return Trustee::Dropped,
        Some(WellKnown::Broad(name)) => return Trustee::Broad(name),
        None => {}
    }
    match sid.map_or(Hit::Nobody, |sid| directory.find_sid(sid)) {
        Hit::One(recipient, _) => {
            return Trustee::Found { recipient, by_name: false, text_names: somebody_else(directory, recipient, text) };
        }
        Hit::Several(all) => return Trustee::Several(all),
        Hit::Nobody => {}
    }
    match directory.find(text) {
        Hit::One(recipient, step) => {
            let has_sid = directory.get(recipient).sid.as_deref().is_some_and(|sid| !sid.is_empty());
            match step {
                // The row and the recipient have different SIDs. Only what is unique shows that it is the same human or mailbox,
                // made anew; a name may as well be that of another group, one that Exchange does not list.
                Step::Name if sid.is_some() && has_sid => Trustee::Unresolved,
                _ if sid.is_some() && has_sid => orphan(Some(recipient), all_listed),
                _ => Trustee::Found { recipient, by_name: step == Step::Name, text_names: None },
            }
        }
        Hit::Several(all) => Trustee::Several(all),
        Hit::Nobody if is_sid(text) => orphan(None, all_listed),
        Hit::Nobody => Trustee::Unresolved,
    }
}

fn orphan(made_anew: Option<u32>, all_listed: bool) -> Trustee {
    if all_listed { Trustee::Orphan(made_anew) } else { Trustee::Unresolved }
}

fn somebody_else(directory: &Directory<'_>, recipient: u32, text: &str) -> Option<u32> {
    if directory.is_called(recipient, text) {
        return None;
    }
    match directory.find(text) {
        Hit::One(other, _) => Some(other),
        Hit::Several(_) | Hit::Nobody => None,
    }
}
