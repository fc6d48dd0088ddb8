//! What a password must look like (manual A 1.9).

use crate::error::Refusal;
use crate::status::Status;

/// Fewest and most characters. The manual says 32, the operating rules 64 since 7 March 2021.
const LENGTH: std::ops::RangeInclusive<usize> = 8..=64;
/// Characters besides letters and digits of ASCII.
const SPECIAL: &str = " !#$%&()*+,-.:=?@[]_{|}~";
/// Beginnings that a password cannot have, however they are capitalised.
const TRIVIAL: [&str; 3] = ["qwert", "asdgf", "12345"];

/// Judges a new password of the login name, without regard to those used before.
///
/// # Errors
/// 1066, 1079, 1080, 1081, 1082, 1083, in this order.
pub fn check_new_password(login: &str, password: &str) -> Result<(), Refusal> {
    if !LENGTH.contains(&password.chars().count()) {
        return Err(Refusal::of(Status::PASSWORD_LENGTH));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || SPECIAL.contains(c);
    if let Some(other) = password.chars().find(|c| !allowed(*c)) {
        return Err(Refusal::about(Status::PASSWORD_CHARACTER, other.to_string()));
    }
    let has = |kind: fn(&u8) -> bool| password.as_bytes().iter().any(kind);
    if !(has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit)) {
        return Err(Refusal::of(Status::PASSWORD_VARIETY));
    }
    if password.as_bytes().windows(3).any(|w| w[0] == w[1] && w[1] == w[2]) {
        return Err(Refusal::of(Status::PASSWORD_REPETITION));
    }
    let folded = password.to_ascii_lowercase();
    if folded.contains(&login.to_ascii_lowercase()) {
        return Err(Refusal::of(Status::PASSWORD_HAS_LOGIN));
    }
    if TRIVIAL.iter().any(|beginning| folded.starts_with(beginning)) {
        return Err(Refusal::of(Status::PASSWORD_TRIVIAL));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(password: &str) -> &'static str {
        check_new_password("novak01", password).map_or_else(|refusal| refusal.status().code(), |()| "0000")
    }

    #[test]
    fn rules_of_the_manual() {
        let just_long_enough = format!("Aa1{}", "bc".repeat(30) + "d");
        assert_eq!(just_long_enough.len(), 64);
        for (password, expected) in [
            ("Heslo2026", "0000"),
            ("He1 !#$%&()*+,-.:=?@[]_{|}~", "0000"),
            ("Hesl202", "1066"),
            ("", "1066"),
            (&just_long_enough, "0000"),
            (&format!("{just_long_enough}e"), "1066"),
            ("Héslo2026", "1079"),
            ("Heslo\t2026", "1079"),
            ("Heslo/2026", "1079"),
            ("heslo2026", "1080"),
            ("HESLO2026", "1080"),
            ("HesloHeslo", "1080"),
            ("Hesslo222", "1081"),
            ("Hesslo22", "0000"),
            ("1Novak01x", "1082"),
            ("1NOVAK01x", "1082"),
            ("Qwert2026", "1083"),
            ("asdgfA12", "1083"),
            ("12345Heslo", "1083"),
            ("1234Heslo", "0000"),
        ] {
            assert_eq!(code(password), expected, "{password}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_character_is_told() {
        let refusal = check_new_password("novak01", "Heslo/2026").unwrap_err();
        assert_eq!(refusal.text(), "Heslo nesmí obsahovat znak /");
    }
}
