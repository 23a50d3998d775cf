//! Any text as a plan file. One whose digest does not fit is sealed anew, so that what lies behind that check is reached as well.
#![no_main]

use esgsync_delegation::plan::Plan;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let read = Plan::read(text);
    if let Ok(plan) = &read {
        assert_eq!(&Plan::read(&plan.write()).unwrap(), plan, "what was read is written and read again the same");
    }
    let Ok(plan) = serde_json::from_str::<Plan>(text) else { return };
    let sealed = plan.seal();
    if let Ok(again) = Plan::read(&sealed.write()) {
        assert_eq!(again, sealed);
        let _ = again.blocked(&again.counts(), &Default::default());
        assert!(again.verify_digest().is_ok());
    }
});
