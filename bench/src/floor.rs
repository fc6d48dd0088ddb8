//! Floors: what PostgreSQL and the signing library of this machine give without us.

use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{RsaPssSaltlen, Signer};

use crate::world::World;
use crate::{CLIENTS, Outcome};

/// Bits of the keys that the demo signs with.
const KEY_BITS: u32 = 3072;

/// Transactions per second of `pgbench` with further arguments, on the cluster that our server uses.
///
/// # Errors
/// Where pgbench cannot be run.
pub fn pgbench(world: &World, arguments: &[&str], time: Duration) -> Outcome<f64> {
    let output = Command::new(world.cluster().bin().join("pgbench"))
        .args(["-h", "127.0.0.1", "-U", "postgres", "-n", "-j", "2"])
        .args(["-p", &world.cluster().port().to_string()])
        .args(["-c", &CLIENTS.to_string(), "-T", &time.as_secs().to_string()])
        .args(arguments)
        .arg(world.floor_database())
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let tps = text
        .lines()
        .find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    tps.ok_or_else(|| format!("pgbench said: {text}{}", String::from_utf8_lossy(&output.stderr)).into())
}

/// Signatures per second of both cores together, RSA 3072 with PSS, by the library that the server signs with.
///
/// # Errors
/// Where the library fails.
pub fn signatures(time: Duration) -> Outcome<f64> {
    let key = PKey::from_rsa(Rsa::generate(KEY_BITS)?)?;
    let (count, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let sign = || -> Result<(), openssl::error::ErrorStack> {
        while !stop.load(Ordering::Relaxed) {
            let mut signer = Signer::new(MessageDigest::sha256(), &key)?;
            signer.set_rsa_padding(Padding::PKCS1_PSS)?;
            signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
            signer.sign_oneshot_to_vec(b"three such signatures stand behind one journey")?;
            count.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    };
    let failed = thread::scope(|scope| {
        let workers = [scope.spawn(sign), scope.spawn(sign)];
        crate::pause(time);
        stop.store(true, Ordering::Relaxed);
        workers.into_iter().any(|worker| !matches!(worker.join(), Ok(Ok(()))))
    });
    if failed {
        return Err("the library could not sign".into());
    }
    Ok(f64::from(u32::try_from(count.into_inner())?) / time.as_secs_f64())
}
