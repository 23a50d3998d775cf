//! 10,000 tenants of which it was decided beforehand who has access: resolution must say exactly that, in whichever shape the rows come.
//! A failing seed prints itself: `ESGSYNC_SEED=17` plays it alone.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use esgsync_delegation::resolve::{ExpandGroup, Resolution, ResolveOptions, groups_to_read, resolve};
use esgsync_delegation::snapshot::{Reader, Right, Snapshot};
use esgsync_generator::{Delegation, Finding, Settings, Tenant, Way, count, generate};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

const TENANTS: u64 = 10_000;
/// In how many of them each kind of fact and each rule must be, at least.
const ENOUGH: u64 = 100;
/// Rules that are about reading and resolving, and samples of Exchange's objects.
const RULES: std::ops::RangeInclusive<u32> = 1..=22;
const SAMPLES: std::ops::RangeInclusive<u32> = 1..=28;

#[test]
fn ten_thousand_tenants_resolve_to_what_was_decided_before_their_rows_were_written() {
    if let Ok(seed) = std::env::var("ESGSYNC_SEED") {
        judge(seed.parse().unwrap());
        return;
    }
    let coverage = all_seeds();
    for (feature, tenants) in &coverage {
        println!("{tenants:>6}  {feature}");
    }
    let rare: Vec<_> = coverage.iter().filter(|(_, tenants)| **tenants < ENOUGH).collect();
    assert!(rare.is_empty(), "in fewer than {ENOUGH} tenants: {rare:?}");
    for rule in RULES.map(|rule| format!("rule {rule:02} ")) {
        assert!(coverage.keys().any(|feature| feature.starts_with(&rule)), "no tenant has anything of {rule}");
    }
    for sample in SAMPLES.map(|sample| format!("exo 8.{sample:02} ")) {
        assert!(coverage.keys().any(|feature| feature.starts_with(&sample)), "no tenant has anything of {sample}");
    }
}

fn all_seeds() -> BTreeMap<&'static str, u64> {
    let next = AtomicU64::new(0);
    let work = || {
        let mut coverage = BTreeMap::new();
        while let Some(seed) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|seed| *seed < TENANTS) {
            match catch_unwind(AssertUnwindSafe(|| judge(seed))) {
                Ok(tenant) => {
                    let shapes = tenant.exchange(seed).map(|rows| rows.features).unwrap_or_default();
                    count(&mut coverage, tenant.features().union(&shapes));
                }
                Err(_) => panic!("seed {seed} fails; repeat it with ESGSYNC_SEED={seed}"),
            }
        }
        coverage
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let mut all = BTreeMap::new();
        for worker in workers {
            for (feature, tenants) in worker.join().expect("every seed holds") {
                *all.entry(feature).or_default() += tenants;
            }
        }
        all
    })
}

/// Every fourth tenant is one that cmdlets can tell; most are small, some are not.
fn settings(seed: u64) -> Settings {
    let size = if seed.is_multiple_of(100) { 12 } else { 1 + usize::try_from(seed % 3).unwrap() };
    Settings { size, ordinary: seed % 4 == 3 }
}

fn judge(seed: u64) -> Tenant {
    let tenant = generate(seed, settings(seed));
    let options = options(&tenant);
    let snapshot = read(&tenant, seed);
    let resolution = resolve(&snapshot, &options);
    assert_eq!(snapshot.complete, tenant.truth().complete, "the end line");
    compare(&tenant, &snapshot, &resolution);
    let outline = feed(Reader::outline(), &tenant, seed);
    assert!(outline.permissions.len() <= snapshot.permissions.len());
    assert_eq!(
        all_groups(outline, &options),
        all_groups(snapshot.clone(), &options),
        "an outline needs the same groups"
    );

    let digest = resolution.digest(&snapshot);
    let other = read(&tenant, seed + TENANTS);
    let again = resolve(&other, &options);
    assert_eq!(again.digest(&other), digest, "another shape says the same");
    assert_eq!(findings(&again), tenant.truth().findings, "in another shape");
    tenant
}

fn options(tenant: &Tenant) -> ResolveOptions {
    let options = tenant.options();
    ResolveOptions {
        rights: options.rights.iter().map(|right| ours(*right)).collect(),
        include_inherited: options.include_inherited,
        expand_group: if options.expand_all { ExpandGroup::All } else { ExpandGroup::Security },
        include_delegate_type: options.include_delegate_type.iter().map(|kind| (*kind).to_owned()).collect(),
    }
}

fn ours(right: esgsync_generator::Right) -> Right {
    match right {
        esgsync_generator::Right::FullAccess => Right::FullAccess,
        esgsync_generator::Right::SendAs => Right::SendAs,
        esgsync_generator::Right::SendOnBehalf => Right::SendOnBehalf,
    }
}

/// The first groups that a reader of Exchange would ask for.
fn all_groups(mut snapshot: Snapshot, options: &ResolveOptions) -> Vec<String> {
    snapshot.reads.retain(|subject, _| !subject.starts_with("group:"));
    groups_to_read(&snapshot, options).into_iter().map(|group| group.key).collect()
}

fn read(tenant: &Tenant, shape: u64) -> Snapshot {
    feed(Reader::new(), tenant, shape)
}

fn feed(mut reader: Reader, tenant: &Tenant, shape: u64) -> Snapshot {
    for line in tenant.lines(shape) {
        reader.feed(format!("{line}\n").as_bytes()).unwrap();
    }
    reader.finish().unwrap()
}

fn compare(tenant: &Tenant, snapshot: &Snapshot, resolution: &Resolution) {
    let truth = tenant.truth();
    let found: BTreeMap<Delegation, Way> = resolution
        .delegations
        .iter()
        .map(|delegation| {
            let key = |index: u32| snapshot.recipients[index as usize].key.clone();
            let who = Delegation {
                mailbox: snapshot.mailboxes[delegation.mailbox as usize].key.clone(),
                delegate: key(delegation.delegate),
                right: theirs(delegation.right),
            };
            let groups = delegation.groups.iter().map(|group| key(*group)).collect();
            (who, Way { inherited: delegation.inherited, groups })
        })
        .collect();
    assert_eq!(found.len(), resolution.delegations.len(), "each delegation once");
    let who: BTreeSet<&Delegation> = found.keys().collect();
    assert_eq!(who, truth.delegations.keys().collect(), "who has what");
    for (delegation, way) in &found {
        // The trail is one of the ways that were made, and none of them is shorter.
        let ways = &truth.delegations[delegation];
        assert!(ways.contains(way), "{delegation:?} by {way:?}, not by {ways:?}");
        assert_eq!(ways.iter().map(|other| other.groups.len()).min(), Some(way.groups.len()), "{delegation:?}");
    }

    assert_eq!(snapshot.mailboxes.len(), truth.mailboxes.len());
    for (mailbox, state) in snapshot.mailboxes.iter().zip(&resolution.mailboxes) {
        let decided = &truth.mailboxes[&mailbox.key];
        let reasons: BTreeSet<(&str, &str)> = state
            .unknown
            .iter()
            .map(|reason| (reason.code.as_str(), reason.subject.as_deref().unwrap_or("")))
            .collect();
        let expected = decided.unknown.iter().map(|reason| (reason.code, reason.subject.as_str())).collect();
        assert_eq!(reasons, expected, "why {} is unknown", mailbox.key);
        let may = (state.may_gain, state.may_lose);
        assert_eq!(may, (decided.may_gain, decided.may_lose), "gain and lose: {} {:?}", mailbox.key, state.unknown);
    }
    assert_eq!(findings(resolution), truth.findings);
}

fn theirs(right: Right) -> esgsync_generator::Right {
    match right {
        Right::FullAccess => esgsync_generator::Right::FullAccess,
        Right::SendAs => esgsync_generator::Right::SendAs,
        Right::SendOnBehalf => esgsync_generator::Right::SendOnBehalf,
    }
}

fn findings(resolution: &Resolution) -> BTreeSet<Finding> {
    let known = |code: &str| CODES.into_iter().find(|known| *known == code).unwrap_or_else(|| panic!("code {code}"));
    let findings = resolution.findings.iter();
    findings
        .map(|finding| Finding {
            code: known(&finding.code),
            mailbox: finding.mailbox.clone(),
            subject: finding.subject.clone(),
        })
        .collect()
}

const CODES: [&str; 14] = [
    "BroadGrant",
    "DelegateNotPerson",
    "DisabledDelegate",
    "GroupWithoutRights",
    "InheritanceIgnored",
    "InheritanceNone",
    "InheritedLeftOut",
    "MayChangePermissions",
    "OrphanedMember",
    "OrphanedTrustee",
    "OtherRight",
    "PermissionWithoutMailbox",
    "TrusteeTextDiffers",
    "UnknownTrusteeType",
];
