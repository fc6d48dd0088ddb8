//! The migrations are read at compile time from a folder that Cargo does not watch by itself.

fn main() {
    println!("cargo::rerun-if-changed=../migrations");
}
