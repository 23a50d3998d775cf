//! One generator for every face of the ABI. Without `UPDATE_BINDINGS=1` it fails when a committed file is stale; with it, it writes them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod csharp;

use esgmailboxsync_native::inventory;
use esgsync_commands::{configuration, wire};
use interoptopus::Interop as _;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;
use std::{env, fs};

const HEADER: &str = "include/esgmailboxsync_native.h";
const NATIVE_METHODS: &str = "../../ps-module/Interop/NativeMethods.g.cs";

fn settle(path: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if env::var_os("UPDATE_BINDINGS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        return;
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == text, "{} is stale; run this test with UPDATE_BINDINGS=1", path.display());
}

fn c_header() -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("esgmailboxsync_native.h");
    let config = interoptopus_backend_c::Config { ifndef: "ESGMAILBOXSYNC_NATIVE_H".into(), ..Default::default() };
    interoptopus_backend_c::Generator::new(config, inventory()).write_file(&path).unwrap();
    fs::read_to_string(path).unwrap()
}

/// Made once: csbindgen writes a file, and the tests here run at the same time.
static NATIVE_METHODS_TEXT: LazyLock<String> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("NativeMethods.g.cs");
    csbindgen::Builder::default()
        .input_extern_file("src/lib.rs")
        .csharp_dll_name("esgmailboxsync_native")
        .csharp_namespace("EsgMailboxSync.Interop")
        .csharp_use_function_pointer(false)
        .csharp_use_nint_types(false)
        .csharp_generate_const_filter(|name| name.starts_with("ESGSYNC_"))
        .generate_csharp_file(&path)
        .unwrap();
    fs::read_to_string(path).unwrap()
});

/// SHA-256 over header, method and event numbers, and schemas: that is where drift happens (design 9).
fn abi_hash(header: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(header);
    hash.update(csharp::numbers());
    hash.update(serde_json::to_string(&wire::definitions()).unwrap());
    hex::encode(hash.finalize())
}

fn pretty(schema: &serde_json::Value) -> String {
    serde_json::to_string_pretty(schema).unwrap() + "\n"
}

#[test]
fn committed_files_are_what_the_sources_say() {
    let header = c_header();
    let hash = abi_hash(&header);
    settle(HEADER, &header);
    settle(NATIVE_METHODS, &NATIVE_METHODS_TEXT);
    settle("src/abi_hash.rs", &format!("pub(crate) const ABI_HASH: [u8; 64] = *b\"{hash}\";\n"));
    settle("../../ps-module/Interop/Wire.g.cs", &csharp::wire_types(&wire::definitions(), &hash));
    settle("../../ps-module/schemas/snapshot.schema.json", &pretty(&esgsync_delegation::snapshot::schema()));
    settle("../../ps-module/schemas/plan.schema.json", &pretty(&esgsync_delegation::plan::schema()));
    settle("../../ps-module/schemas/configuration.schema.json", &pretty(&configuration::schema()));
    settle("../../ps-module/Model/Enums.g.cs", &csharp::enums(&wire::definitions()));
}

/// csbindgen skips what it cannot read and only prints a line, so the two lists are compared.
#[test]
fn both_generators_see_the_same_entry_points() {
    let inventory = inventory();
    let from_inventory: BTreeSet<&str> = inventory.functions().iter().map(|function| function.name()).collect();
    let from_csharp: BTreeSet<&str> =
        NATIVE_METHODS_TEXT.split("EntryPoint = \"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(from_inventory, from_csharp);
    assert!(from_inventory.iter().all(|name| name.starts_with("esgsync_")));
    assert!(from_inventory.len() <= 12, "design 9: at most a dozen functions");
}
