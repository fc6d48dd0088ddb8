#![no_main]

#[path = "../checks.rs"]
#[expect(dead_code, reason = "each target makes one of the checks")]
mod checks;

libfuzzer_sys::fuzz_target!(|input: &[u8]| checks::container(input));
