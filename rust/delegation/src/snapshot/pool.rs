//! One copy of every text that rows repeat.

use super::{Member, Permission, RecipientPermission, Shared};
use std::collections::HashSet;
use std::sync::Arc;

/// The texts seen so far.
#[derive(Debug, Default)]
pub(super) struct Pool {
    texts: HashSet<Shared>,
    lists: HashSet<Arc<[String]>>,
}

impl Pool {
    pub(super) fn permission(&mut self, mut row: Permission) -> Permission {
        self.text(&mut row.mailbox);
        self.list(&mut row.rights);
        row.inheritance.iter_mut().for_each(|text| self.text(text));
        row
    }

    pub(super) fn recipient_permission(&mut self, mut row: RecipientPermission) -> RecipientPermission {
        self.text(&mut row.mailbox);
        self.list(&mut row.rights);
        row.access.iter_mut().for_each(|text| self.text(text));
        row
    }

    pub(super) fn member(&mut self, mut row: Member) -> Member {
        self.text(&mut row.group);
        row.via.iter_mut().for_each(|text| self.text(text));
        row
    }

    fn text(&mut self, text: &mut Shared) {
        share(&mut self.texts, text);
    }

    fn list(&mut self, list: &mut Arc<[String]>) {
        share(&mut self.lists, list);
    }
}

fn share<T: ?Sized + Eq + std::hash::Hash>(known: &mut HashSet<Arc<T>>, value: &mut Arc<T>) {
    match known.get(&**value) {
        Some(first) => *value = Arc::clone(first),
        None => {
            known.insert(Arc::clone(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_become_one() {
        let mut pool = Pool::default();
        let row = || Permission {
            mailbox: "m".into(),
            rights: vec!["FullAccess".to_owned()].into(),
            inheritance: Some("All".into()),
            ..Permission::default()
        };
        let (first, second) = (pool.permission(row()), pool.permission(row()));
        assert_eq!(first, second);
        assert!(Arc::ptr_eq(&first.mailbox, &second.mailbox) && Arc::ptr_eq(&first.rights, &second.rights));
        let other = pool.permission(Permission { mailbox: "n".into(), ..row() });
        assert_eq!(&*other.mailbox, "n");
    }
}
