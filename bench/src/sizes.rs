//! How much is measured. The table is made with what stands here; smaller sizes are for trying the bench itself.

use std::env;

/// Bytes of a large message's attachment: 100 MB, or as many megabytes as `ISDS_BENCH_LARGE_MB` says.
pub fn large_bytes() -> usize {
    number("ISDS_BENCH_LARGE_MB").unwrap_or(100) << 20
}

fn number(variable: &str) -> Option<usize> {
    env::var(variable).ok()?.parse().ok()
}

/// Messages, and as many boxes, of the systems that are compared: from the smallest to the largest. Others are said in
/// `ISDS_BENCH_SIZES`, separated by commas.
pub fn towns() -> Vec<usize> {
    let said = env::var("ISDS_BENCH_SIZES").unwrap_or_default();
    let sizes: Vec<usize> = said.split(',').filter_map(|size| size.trim().parse().ok()).collect();
    if sizes.len() < 2 {
        vec![10_000, 100_000, 1_000_000]
    } else {
        sizes
    }
}
