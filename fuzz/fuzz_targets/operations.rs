#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| heartwheel_fuzz::operations::run(bytes));
