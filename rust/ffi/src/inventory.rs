//! What the library exports, for the generators.

use interoptopus::{function, Inventory, InventoryBuilder};

/// Every export, in the order of the header.
pub fn inventory() -> Inventory {
    InventoryBuilder::new()
        .register(function!(crate::esgsync_abi_hash))
        .register(function!(crate::esgsync_engine_open))
        .register(function!(crate::esgsync_engine_close))
        .register(function!(crate::esgsync_call))
        .register(function!(crate::esgsync_snapshot_open))
        .register(function!(crate::esgsync_snapshot_feed))
        .register(function!(crate::esgsync_snapshot_close))
        .register(function!(crate::esgsync_cancel_new))
        .register(function!(crate::esgsync_cancel_fire))
        .register(function!(crate::esgsync_cancel_free))
        .register(function!(crate::esgsync_bytes_free))
        .inventory()
}
