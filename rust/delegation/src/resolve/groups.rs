//! From a group to the people in it (design 5.4, rules 5, 17 to 20).

use super::class::{Class, Scope, classify};
use super::directory::Directory;
use super::reads::{Reads, describe, is_complete, is_second_hand, is_usable};
use super::{ResolveOptions, UnknownReason, names, notes};
use crate::finding::Finding;
use crate::snapshot::Snapshot;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// The people of a group, through all groups in it.
#[derive(Debug, Default)]
pub(super) struct Expansion {
    /// Each person once, with the walked group that it was found in first: by the shortest trail, ties by key.
    people: Vec<(u32, usize)>,
    /// The groups in the order they were walked, each with the one that it was found in.
    walked: Vec<(u32, Option<usize>)>,
    /// Why not everybody may be in `people`.
    pub reasons: Vec<UnknownReason>,
    /// Nothing that it depends on was handed over or carried over (design 4).
    pub first_hand: bool,
}

impl Expansion {
    /// The people, each with the groups that lead to it, outermost first.
    pub(super) fn trails(&self) -> impl Iterator<Item = (u32, Vec<u32>)> {
        self.people.iter().map(|(person, found_in)| (*person, self.trail(*found_in)))
    }

    /// Those of the people who are asked for, each with the groups that lead to it.
    pub(super) fn trails_to(&self, asked: &HashSet<u32>) -> impl Iterator<Item = (u32, Vec<u32>)> {
        let people = self.people.iter().filter(|(person, _)| asked.contains(person));
        people.map(|(person, found_in)| (*person, self.trail(*found_in)))
    }

    fn trail(&self, mut index: usize) -> Vec<u32> {
        let mut groups = vec![self.walked[index].0];
        while let Some(parent) = self.walked[index].1 {
            groups.push(self.walked[parent].0);
            index = parent;
        }
        groups.reverse();
        groups
    }
}

/// The membership edges, walked once for each group that carries a permission.
///
/// A walk visits a group once however many ways lead to it, so loops are harmless and a strongly connected component costs its
/// edges. Components are not condensed first: trails differ for each group of a loop, so every start needs its own walk anyway.
pub(super) struct Groups<'a> {
    directory: &'a Directory<'a>,
    reads: &'a Reads<'a>,
    options: &'a ResolveOptions,
    /// (group, rank of member, member), sorted: neighbours come in the order of their keys.
    edges: Vec<(u32, u32, u32)>,
    /// Members without a `recipient` line, sorted by group.
    missing: Vec<(u32, &'a str)>,
    cache: HashMap<(u32, Scope), Rc<Expansion>>,
    seen: Seen,
    /// What was noticed in the groups that were walked.
    pub findings: Vec<Finding>,
}

impl<'a> Groups<'a> {
    pub(super) fn new(
        snapshot: &'a Snapshot,
        directory: &'a Directory<'a>,
        reads: &'a Reads<'a>,
        options: &'a ResolveOptions,
    ) -> Self {
        let (mut edges, mut missing) = (Vec::new(), Vec::new());
        for row in snapshot.members.iter().filter(|row| row.makes_a_member()) {
            let Some(group) = directory.by_key(&row.group) else { continue };
            match directory.by_key(&row.member) {
                Some(member) => edges.push((group, directory.rank(member), member)),
                None => missing.push((group, row.member.as_str())),
            }
        }
        edges.sort_unstable();
        edges.dedup();
        missing.sort_unstable();
        missing.dedup();
        let seen = Seen::new(directory.len());
        Self { directory, reads, options, edges, missing, cache: HashMap::new(), seen, findings: Vec::new() }
    }

    /// The people of a group.
    pub(super) fn expand(&mut self, group: u32, scope: Scope) -> Rc<Expansion> {
        if let Some(known) = self.cache.get(&(group, scope)) {
            return Rc::clone(known);
        }
        let expansion = Rc::new(self.walk(group, scope));
        self.cache.insert((group, scope), Rc::clone(&expansion));
        expansion
    }

    fn walk(&mut self, start: u32, scope: Scope) -> Expansion {
        let mut out = Expansion { walked: vec![(start, None)], first_hand: true, ..Expansion::default() };
        self.seen.clear();
        self.seen.first_time(start);
        let mut next = 0;
        // Breadth first, members by key: whoever is found is found by the shortest trail, and by the first of those.
        while let Some((group, _)) = out.walked.get(next).copied() {
            self.check_read(group, &mut out);
            self.check_missing(group, &mut out);
            let edges = slice_of(&self.edges, group, |edge| edge.0);
            for (_, _, member) in edges {
                if self.seen.first_time(*member) {
                    let found = Member { group, member: *member, position: next };
                    take_member(self.directory, self.options, scope, found, &mut out, &mut self.findings);
                }
            }
            next += 1;
        }
        out.reasons.sort_unstable();
        out.reasons.dedup();
        out
    }

    fn check_read(&self, group: u32, out: &mut Expansion) {
        let recipient = self.directory.get(group);
        let read = self.reads.group(&recipient.key);
        out.first_hand &= !is_second_hand(read);
        if !is_usable(read) {
            out.reasons.push(notes::group_not_expanded(names::group(recipient), &describe(read)));
        }
    }

    // Rules 5 and 20: a member that no list knows is gone, or, if the list is not whole, anybody.
    fn check_missing(&mut self, group: u32, out: &mut Expansion) {
        let name = names::group(self.directory.get(group));
        let recipients = self.reads.tenant("recipients");
        for (_, key) in slice_of(&self.missing, group, |missing| missing.0) {
            self.findings.push(notes::orphaned_member(name, key));
            out.first_hand &= is_complete(recipients);
            if !is_usable(recipients) {
                out.reasons.push(notes::unresolved_member(name, key));
            }
        }
    }

    /// The groups reachable from `starts` that should be expanded and have no read status yet.
    pub(super) fn unread(&mut self, starts: impl Iterator<Item = u32>, scope: Scope) -> Vec<u32> {
        self.seen.clear();
        let mut open: Vec<u32> = starts.filter(|start| self.seen.first_time(*start)).collect();
        let mut unread = Vec::new();
        while let Some(group) = open.pop() {
            if self.reads.group(&self.directory.get(group).key).is_none() {
                unread.push(group);
            }
            for (_, _, member) in slice_of(&self.edges, group, |edge| edge.0) {
                let class = classify(self.directory.get(*member), self.options);
                if matches!(class, Class::Group(kind) if scope.expands(kind)) && self.seen.first_time(*member) {
                    open.push(*member);
                }
            }
        }
        unread
    }
}

/// A member that a walk came to for the first time.
struct Member {
    group: u32,
    member: u32,
    /// Place of the group in the walk.
    position: usize,
}

fn take_member(
    directory: &Directory<'_>,
    options: &ResolveOptions,
    scope: Scope,
    found: Member,
    out: &mut Expansion,
    findings: &mut Vec<Finding>,
) {
    let recipient = directory.get(found.member);
    let group = names::group(directory.get(found.group));
    match classify(recipient, options) {
        Class::Person => out.people.push((found.member, found.position)),
        Class::Group(kind) if scope.expands(kind) => out.walked.push((found.member, Some(found.position))),
        Class::Group(kind) => findings.push(notes::group_without_rights(None, recipient, kind, Some(group))),
        Class::Disabled => findings.push(notes::disabled(None, recipient, Some(group))),
        Class::NotAPerson => findings.push(notes::not_a_person(None, recipient, Some(group))),
        Class::Unknown => {
            findings.push(notes::unknown_type(None, recipient, Some(group)));
            out.reasons.push(notes::unknown_type_reason(recipient, Some(group)));
        }
    }
}

/// The part of a sorted list that belongs to one group.
fn slice_of<T>(sorted: &[T], group: u32, of: fn(&T) -> u32) -> &[T] {
    let begin = sorted.partition_point(|item| of(item) < group);
    let length = sorted[begin..].partition_point(|item| of(item) == group);
    &sorted[begin..begin + length]
}

/// A set of recipients that is emptied in no time.
struct Seen {
    round: u32,
    last: Vec<u32>,
}

impl Seen {
    fn new(size: usize) -> Self {
        Self { round: 0, last: vec![0; size] }
    }

    fn clear(&mut self) {
        self.round += 1;
    }

    fn first_time(&mut self, index: u32) -> bool {
        std::mem::replace(&mut self.last[index as usize], self.round) != self.round
    }
}
