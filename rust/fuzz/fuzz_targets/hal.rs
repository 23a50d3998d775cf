//! Any JSON as an answer of the appliance: an error, or items whose addresses go back as they came.
#![no_main]

use esgsync_delegation::esg::EsgUser;
use esgsync_hal::{ApiError, Item, Page, Role};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let Ok(value) = serde_json::from_slice::<Value>(data) else { return };
    let error = ApiError::read(422, &value);
    assert!(!error.text.contains(['\n', '\r', '\u{1b}']), "texts of others are one line");
    let _ = Page::<Role>::read(value.clone());
    if let Ok(user) = EsgUser::read(value.clone()) {
        assert!(user.id > 0);
        let came = value.get("emailAddresses").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        assert_eq!(user.addresses.len(), came.len());
        for (element, came) in user.addresses.iter().zip(came) {
            assert_eq!(&serde_json::to_value(element).unwrap(), came, "an element goes back as it came");
        }
    }
    if let Ok(page) = Page::<EsgUser>::read(value) {
        assert!(page.items.iter().all(|user| user.id > 0));
    }
});
