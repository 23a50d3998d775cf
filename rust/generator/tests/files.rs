//! The committed tenants are what the program writes (tests/tenants/generated/README.md).

#![allow(clippy::unwrap_used, clippy::panic)]

use esgsync_generator::{Settings, generate};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const SIZE: usize = 3;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().join("tests/tenants/generated")
}

#[test]
fn committed_tenants_are_those_of_their_seeds() {
    let folders = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let mut seen = BTreeSet::new();
    for path in folders {
        let seed: u64 = path.file_name().unwrap().to_str().unwrap().parse().unwrap();
        let tenant = generate(seed, Settings { size: SIZE, ordinary: true });
        for (name, text) in tenant.files(seed) {
            let committed = std::fs::read_to_string(path.join(name)).unwrap().replace("\r\n", "\n");
            assert!(committed == text, "{seed}/{name} is not what the program writes");
        }
        seen.insert(seed);
    }
    assert!(seen.len() >= 3, "{seen:?}");
}

#[test]
fn a_seed_gives_the_same_tenant_again_and_another_one_another() {
    for ordinary in [false, true] {
        let make = |seed| generate(seed, Settings { size: 5, ordinary });
        assert_eq!(make(7).files(1), make(7).files(1));
        assert_ne!(make(7).files(1), make(8).files(1));
        assert_ne!(make(7).lines(1), make(7).lines(2), "another shape of the same facts");
        assert_eq!(make(7).truth(), make(7).truth());
    }
}

#[test]
fn a_large_tenant_has_as_many_mailboxes_as_asked_for() {
    let tenant = generate(3, Settings { size: 2_000, ordinary: false });
    assert_eq!(tenant.truth().mailboxes.len(), 2_000);
    assert!(tenant.truth().delegations.len() > 1_000);
}
