#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vc::fuzz::admission(bytes));
