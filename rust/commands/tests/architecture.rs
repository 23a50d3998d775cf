//! The invariants of ARCHITECTURE.md that a compiler does not hold.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

fn metadata() -> Metadata {
    MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec().unwrap()
}

/// Dependencies among our crates: what ships, without dev-dependencies.
fn ours() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = metadata();
    let names: BTreeSet<String> = metadata.packages.iter().map(|package| package.name.to_string()).collect();
    let shipped = |package: &cargo_metadata::Package| {
        let normal = package.dependencies.iter().filter(|dependency| dependency.kind != DependencyKind::Development);
        normal.map(|dependency| dependency.name.clone()).filter(|name| names.contains(name)).collect()
    };
    metadata.packages.iter().map(|package| (package.name.to_string(), shipped(package))).collect()
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !matches!(name.as_str(), "target" | "obj" | "bin" | "out" | "fuzz") {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn dependencies_point_one_way() {
    let expected: BTreeMap<&str, BTreeSet<&str>> = [
        ("esgsync-delegation", BTreeSet::new()),
        ("esgsync-generator", BTreeSet::new()),
        ("esgsync-report", BTreeSet::new()),
        ("esgsync-simulator", BTreeSet::new()),
        ("esgsync-hal", BTreeSet::from(["esgsync-delegation"])),
        ("esgsync-targets", BTreeSet::from(["esgsync-delegation", "esgsync-hal"])),
        ("esgsync-run", BTreeSet::from(["esgsync-delegation"])),
        (
            "esgsync-commands",
            BTreeSet::from(["esgsync-delegation", "esgsync-report", "esgsync-run", "esgsync-targets"]),
        ),
        ("esgsync-ffi", BTreeSet::from(["esgsync-commands"])),
    ]
    .into();
    let found = ours();
    let found: BTreeMap<&str, BTreeSet<&str>> =
        found.iter().map(|(name, to)| (name.as_str(), to.iter().map(String::as_str).collect())).collect();
    assert_eq!(found, expected);
}

/// What tests are judged by must not come from what they judge; not even its own tests may lean on it.
#[test]
fn the_generator_of_tenants_knows_nothing_of_ours() {
    let metadata = metadata();
    let names: BTreeSet<&str> = metadata.packages.iter().map(|package| package.name.as_str()).collect();
    let generator = metadata.packages.iter().find(|package| package.name.as_str() == "esgsync-generator").unwrap();
    let ours: Vec<&str> = generator.dependencies.iter().map(|dependency| dependency.name.as_str()).collect();
    assert!(!ours.is_empty() && ours.iter().all(|name| !names.contains(name)), "{ours:?}");
}

#[test]
fn the_pure_crates_know_no_network_no_database_and_no_runtime() {
    let forbidden = ["tokio", "reqwest", "rusqlite", "rustls", "axum", "tempfile"];
    let pure = ["esgsync-delegation", "esgsync-hal", "esgsync-report"];
    for package in metadata().packages.iter().filter(|package| pure.contains(&package.name.as_str())) {
        for dependency in &package.dependencies {
            assert!(!forbidden.contains(&dependency.name.as_str()), "{} depends on {}", package.name, dependency.name);
        }
    }
    // Pure also means: no clock, no files, no environment.
    let sources =
        ["delegation", "hal", "report"].map(|krate| files(&root().join("rust").join(krate).join("src"), "rs"));
    for path in sources.into_iter().flatten() {
        let text = fs::read_to_string(&path).unwrap();
        let code: String = text.split("#[cfg(test)]").next().unwrap().to_owned();
        for word in ["Timestamp::now", "SystemTime::now", "Instant::now", "std::fs", "std::net", "std::env::var"] {
            assert!(!code.contains(word), "{} uses {word}", path.display());
        }
    }
}

/// One engine serves every target, and simulation needs no runtime (design 8): it decides, others do.
#[test]
fn the_run_engine_does_no_io_of_its_own() {
    let metadata = metadata();
    let run = metadata.packages.iter().find(|package| package.name.as_str() == "esgsync-run").unwrap();
    let shipped =
        run.dependencies.iter().filter(|dependency| dependency.kind == cargo_metadata::DependencyKind::Normal);
    let shipped: BTreeSet<&str> = shipped.map(|dependency| dependency.name.as_str()).collect();
    assert!(shipped.contains("rusqlite"), "the list is that of the crate: {shipped:?}");
    let forbidden = ["tokio", "reqwest", "rustls", "axum", "hyper"];
    assert!(forbidden.iter().all(|name| !shipped.contains(name)), "{shipped:?}");
    let engine = files(&root().join("rust").join("run").join("src").join("engine"), "rs");
    assert!(engine.len() > 5);
    for path in engine {
        let text = fs::read_to_string(&path).unwrap();
        let words = ["Timestamp::now", "SystemTime", "Instant", "std::fs", "std::net", "std::env", "sleep(", "async "];
        for word in words {
            assert!(!text.contains(word), "{} uses {word}", path.display());
        }
    }
}

#[test]
fn unsafe_code_is_only_in_ffi() {
    let workspace = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(workspace.contains("unsafe_code = \"forbid\""));
    for package in metadata().packages {
        let manifest = fs::read_to_string(&package.manifest_path).unwrap();
        let inherits = manifest.contains("[lints]\nworkspace = true");
        assert_eq!(inherits, package.name.as_str() != "esgsync-ffi", "{}", package.name);
    }
    // The C# side of the boundary keeps it in one folder too.
    for path in files(&root().join("ps-module"), "cs") {
        let text = fs::read_to_string(&path).unwrap();
        let has = text.split(|c: char| !c.is_alphanumeric()).any(|word| word == "unsafe" || word == "DllImport");
        let interop = path.components().any(|part| part.as_os_str() == "Interop");
        assert!(!has || interop, "{} has unsafe code outside Interop", path.display());
    }
}

/// Unbiased selection makes a schedule depend on chance, and a failing seed could not be replayed (design 12).
#[test]
fn every_select_is_biased() {
    let mut seen = 0;
    for path in files(&root().join("rust"), "rs") {
        let text = fs::read_to_string(&path).unwrap();
        for (at, _) in text.match_indices(concat!("select", "! {")) {
            let after = text[at..].split_once('{').unwrap().1.trim_start();
            assert!(after.starts_with("biased;"), "{}: a select without biased;", path.display());
            seen += 1;
        }
    }
    assert!(seen > 0, "the search must find the ones that are there");
}

/// Rust takes paths, proxies and the like as arguments: an environment that PowerShell sets does not reach it (design 9).
#[test]
fn the_library_reads_no_environment_and_prints_nothing() {
    for krate in ["delegation", "hal", "report", "targets", "run", "commands", "ffi"] {
        // The simulation is compiled for tests only.
        let simulation = root().join("rust/commands/src/simulation");
        let sources = files(&root().join("rust").join(krate).join("src"), "rs");
        for path in sources.into_iter().filter(|path| !path.starts_with(&simulation)) {
            let text = fs::read_to_string(&path).unwrap();
            for word in ["env::var", "env::vars", "println!", "eprintln!", "dbg!"] {
                assert!(!text.contains(word), "{} uses {word}", path.display());
            }
        }
    }
}

#[test]
fn every_rule_has_the_tests_it_lists() {
    let root = root();
    let rules = fs::read_to_string(root.join("docs/rules.md")).unwrap();
    let mut listed: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
    for line in rules.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| #")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let number: u32 = cells[0].parse().unwrap_or_else(|_| panic!("no number: {line}"));
        let tests = cells.last().unwrap();
        assert!(!tests.is_empty(), "rule {number} lists no test and does not say what it waits for");
        let names = tests.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        assert!(listed.insert(number, names).is_none(), "rule {number} stands twice");
    }
    assert_eq!(listed.keys().copied().collect::<Vec<_>>(), (1..=48).collect::<Vec<_>>());

    let mut found: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
    let sources = files(&root.join("rust"), "rs").into_iter().chain(files(&root.join("tests/module"), "cs"));
    for path in sources {
        let text = fs::read_to_string(&path).unwrap();
        for name in text.split(|c: char| !c.is_alphanumeric() && c != '_') {
            let number = name.strip_prefix("rule_").or_else(|| name.strip_prefix("Rule"));
            let digits: String = number.unwrap_or("").chars().take_while(char::is_ascii_digit).collect();
            if let Ok(number) = digits.parse::<u32>()
                && number != 0
                && name.len() > digits.len() + 6
            {
                found.entry(number).or_default().insert(name.to_owned());
            }
        }
    }
    for number in 1..=48 {
        let empty = BTreeSet::new();
        assert_eq!(listed.get(&number), Some(found.get(&number).unwrap_or(&empty)), "docs/rules.md, rule {number}");
    }
}

#[test]
fn every_promise_names_tests_that_exist() {
    let root = root();
    let promises = fs::read_to_string(root.join("docs/promises.md")).unwrap();
    let sources = files(&root.join("rust"), "rs").into_iter().chain(files(&root.join("tests/module"), "cs"));
    let mut words: BTreeSet<String> = BTreeSet::new();
    for path in sources {
        let text = fs::read_to_string(path).unwrap();
        let names = text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|name| name.contains('_'));
        words.extend(names.map(str::to_owned));
    }
    let rows = promises.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| promise"));
    let mut count = 0;
    for row in rows {
        let tests = row.trim_matches('|').rsplit('|').next().unwrap();
        let names: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "no test: {row}");
        names
            .iter()
            .for_each(|name| assert!(words.contains(*name), "docs/promises.md names `{name}`, which is no test"));
        count += 1;
    }
    assert!(count > 40, "{count} promises");
}

/// Whatever is broken on purpose must never ship: the simulation is compiled for tests only, by the one seam of `outside`.
#[test]
fn the_simulation_is_no_part_of_what_ships() {
    let source = root().join("rust/commands/src");
    let library = fs::read_to_string(source.join("lib.rs")).unwrap();
    assert!(library.contains("#[cfg(test)]\nmod simulation;"));
    let mut seams = 0;
    for path in files(&root().join("rust"), "rs").iter().filter(|path| !path.starts_with(source.join("simulation"))) {
        let text = fs::read_to_string(path).unwrap();
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.contains(concat!("simulation", "::"))) {
            assert_eq!(path.file_name().unwrap(), "outside.rs", "{line}");
            let guarded = at > 0 && lines[at - 1] == "#[cfg(test)]" || line.starts_with("Self::Simulated");
            assert!(guarded, "{line}");
            seams += 1;
        }
        let shown: usize = lines.iter().filter(|line| line.starts_with("Self::Simulated")).count();
        let tests = lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]" && pair[1].starts_with("Self::Simulated"));
        assert_eq!(shown, tests.count(), "{}", path.display());
    }
    assert!(seams > 0, "the seam is where the simulation comes in");
}

/// The text itself is made, and compared, by cargo-about where it is installed (build.ps1 Test); the list of crates is held everywhere.
#[test]
fn every_crate_of_the_native_library_is_in_the_third_party_notices() {
    let arguments = "tree --package esgsync-ffi --edges normal --target x86_64-unknown-linux-gnu --prefix none --format {p} --offline --locked";
    let tree = Command::new(env!("CARGO")).args(arguments.split(' ')).current_dir(root()).output().unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    // `name v1.2.3`; ours have their path behind that.
    let tree = String::from_utf8(tree.stdout).unwrap();
    let foreign: BTreeSet<String> = tree
        .lines()
        .filter(|line| !line.contains("(/"))
        .filter_map(|line| {
            let (name, rest) = line.split_once(" v")?;
            Some(format!("\n- {name} {}", rest.split(' ').next()?))
        })
        .collect();
    let notices = fs::read_to_string(root().join("THIRD-PARTY-NOTICES.txt")).unwrap();
    assert!(foreign.len() > 50, "{} crates", foreign.len());
    for name in foreign {
        assert!(notices.contains(&name), "THIRD-PARTY-NOTICES.txt has no{name}: run build.ps1 Notices");
    }
}
