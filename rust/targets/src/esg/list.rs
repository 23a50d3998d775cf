//! Reads a whole list and proves it complete (esg 5.1).

use super::{EsgClient, call::ACCEPT_HAL};
use crate::{
    context::CallContext,
    error::{ErrorKind, TargetError},
    hal::{Item, Page},
    transport::Transport,
};
use esgsync_delegation::esg::EsgUser;
use std::collections::{BTreeMap, HashSet};
use tokio::task::JoinSet;

/// Users asked for at once: the most that the appliance gives (esg 5.1). It may use less, and says so.
pub const PAGE_SIZE: u64 = 150;
/// So often a list is read before it is given up.
const WALKS: u32 = 3;
/// More items than any appliance has: a larger total is an error of the answer.
const MOST_ITEMS: u64 = 10_000_000;

/// One page that was read, for streaming and progress. Pages arrive in any order.
#[derive(Debug)]
pub struct PageRead<'a> {
    /// The users of the page that no earlier page held, not even in an earlier walk.
    pub new: &'a [EsgUser],
    /// Distinct users read in this walk so far.
    pub read: u64,
    /// Users that there are; absent when the appliance does not say.
    pub total: Option<u64>,
    /// Number of the walk: above 1 when the list changed while it was read.
    pub walk: u32,
}

/// How one walk over the pages ended.
enum Walk {
    Complete,
    /// What was read does not fit together: users were added or removed meanwhile.
    Changed,
}

/// What a walk collects.
#[derive(Default)]
struct Collected {
    users: BTreeMap<u64, EsgUser>,
    rows: u64,
}

impl<T: Transport> EsgClient<T> {
    /// Reads every user, ascending by id, and proves that none is missing: distinct ids are as many as the total, which did not change on the way.
    /// Without a total, pages are read until one is empty, and no id may come twice.
    ///
    /// `on_page` is called on the caller's task as pages arrive.
    ///
    /// # Errors
    /// `IncompleteList` when the list changed during each of three walks; everything that a read can meet.
    pub async fn users(
        &self,
        cx: &CallContext,
        on_page: impl FnMut(PageRead<'_>) + Send,
    ) -> Result<Vec<EsgUser>, TargetError> {
        self.users_where(cx, "", on_page).await
    }

    /// Reads the users of a username, without regard to case, proved complete as [`EsgClient::users`] does.
    ///
    /// `can_filter`: the appliance says that it filters by username ([`super::Capabilities::user_filters`]); otherwise all users are read.
    ///
    /// # Errors
    /// As [`EsgClient::users`].
    pub async fn users_named(
        &self,
        cx: &CallContext,
        username: &str,
        can_filter: bool,
    ) -> Result<Vec<EsgUser>, TargetError> {
        let filter = if can_filter { format!("&username={}", query_value(username)) } else { String::new() };
        let mut users = self.users_where(cx, &filter, |_| {}).await?;
        // What a filter takes for a match is the appliance's affair.
        let name = username.to_lowercase();
        users.retain(|user| user.username.to_lowercase() == name);
        Ok(users)
    }

    async fn users_where(
        &self,
        cx: &CallContext,
        filter: &str,
        mut on_page: impl FnMut(PageRead<'_>) + Send,
    ) -> Result<Vec<EsgUser>, TargetError> {
        let mut handed = HashSet::new();
        for walk in 1..=WALKS {
            let mut collected = Collected::default();
            let mut take = |page: Page<EsgUser>| {
                let new: Vec<_> = page.items.iter().filter(|user| handed.insert(user.id)).cloned().collect();
                collected.add(page.items);
                on_page(PageRead { new: &new, read: collected.distinct(), total: page.total, walk });
                collected.distinct()
            };
            if matches!(self.walk(cx, filter, &mut take).await?, Walk::Complete)
                && collected.rows == collected.distinct()
            {
                return Ok(collected.users.into_values().collect());
            }
        }
        let text =
            format!("The user list of {} changed while it was read, {WALKS} times in a row.", self.base().host());
        Err(TargetError::new(ErrorKind::IncompleteList, text))
    }

    /// Reads each page once. `take` gets the pages and says how many distinct users there are so far.
    async fn walk(
        &self,
        cx: &CallContext,
        filter: &str,
        take: &mut (impl FnMut(Page<EsgUser>) -> u64 + Send),
    ) -> Result<Walk, TargetError> {
        let first = self.page(cx, filter, 1).await?;
        let (total, per_page) = (first.total, first.per_page);
        let Some(total) = total else { return self.walk_to_the_end(cx, filter, first, take).await };
        if total > MOST_ITEMS {
            return Err(self.0.protocol(format!("it says that it has {total} users")));
        }
        let size = per_page.unwrap_or(first.items.len() as u64);
        let mut distinct = take(first);
        if total > 0 && size == 0 {
            return Err(self.0.protocol("it gives no user a page"));
        }
        let mut pages = 2..=total.div_ceil(size.max(1));
        let mut reading = JoinSet::new();
        loop {
            while reading.len() < self.0.concurrency
                && let Some(number) = pages.next()
            {
                let (client, cx, filter) = (self.clone(), cx.clone(), filter.to_owned());
                reading.spawn(async move { client.page(&cx, &filter, number).await });
            }
            match reading.join_next().await {
                None => break,
                // Dropping the set stops the other pages.
                Some(Ok(page)) => {
                    let page = page?;
                    if page.total != Some(total) || page.per_page != per_page {
                        return Ok(Walk::Changed);
                    }
                    distinct = take(page);
                }
                Some(Err(e)) => return Err(self.0.protocol(format!("a page was not read to its end: {e}"))),
            }
        }
        Ok(if distinct == total { Walk::Complete } else { Walk::Changed })
    }

    /// Without a total only an empty page proves the end.
    async fn walk_to_the_end(
        &self,
        cx: &CallContext,
        filter: &str,
        first: Page<EsgUser>,
        take: &mut (impl FnMut(Page<EsgUser>) -> u64 + Send),
    ) -> Result<Walk, TargetError> {
        let (mut page, mut number, mut before) = (first, 1, 0);
        while !page.items.is_empty() {
            let distinct = take(page);
            // An appliance that ignores the page number would go on for ever.
            if distinct == before || distinct > MOST_ITEMS {
                return Ok(Walk::Changed);
            }
            (before, number) = (distinct, number + 1);
            page = self.page(cx, filter, number).await?;
        }
        Ok(Walk::Complete)
    }

    async fn page(&self, cx: &CallContext, filter: &str, number: u64) -> Result<Page<EsgUser>, TargetError> {
        let path = format!("/api/v2/user?page={number}&itemsPerPage={PAGE_SIZE}{filter}");
        let value = self.0.read(cx, &path, ACCEPT_HAL).await?;
        let value = value.ok_or_else(|| {
            TargetError::new(ErrorKind::NotTheApi, format!("{} knows no list of users any more.", self.base().host()))
        })?;
        Page::read(value).map_err(|e| self.0.protocol(format!("page {number}: {e}")))
    }
}

impl Collected {
    fn add(&mut self, users: Vec<EsgUser>) {
        self.rows += users.len() as u64;
        self.users.extend(users.into_iter().map(|user| (user.id(), user)));
    }

    fn distinct(&self) -> u64 {
        self.users.len() as u64
    }
}

/// A text as the value of a query parameter.
fn query_value(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_values_of_one_parameter() {
        assert_eq!(super::query_value("Info Desk&role=1#\u{e9}"), "Info%20Desk%26role%3D1%23%C3%A9");
    }
}
