//! The picture by which a program on a phone takes over the secret of one-time codes.

use std::fmt::Write;

use fast_qr::{ECL, QRBuilder};

/// Free room around the picture, in squares (ISO/IEC 18004).
const MARGIN: usize = 4;

/// A picture as squares: the side of the whole, and an SVG path of the dark ones.
pub(super) struct Picture {
    pub(super) side: usize,
    pub(super) path: String,
}

/// The picture of a text; none where it is too long for one.
pub(super) fn picture(text: &str) -> Option<Picture> {
    let code = QRBuilder::new(text).ecl(ECL::M).build().ok()?;
    let mut path = String::new();
    for y in 0..code.size {
        for x in 0..code.size {
            if code[y][x].value() {
                // Writing to a string does not fail.
                let _ = write!(path, "M{} {}h1v1h-1z", x + MARGIN, y + MARGIN);
            }
        }
    }
    Some(Picture {
        side: code.size + 2 * MARGIN,
        path,
    })
}

/// The address that programs read from the picture (`otpauth`, as all of them understand it).
pub(super) fn address(issuer: &str, account: &str, secret: &str) -> String {
    let (issuer, account) = (encoded(issuer), encoded(account));
    format!("otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}")
}

fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_encoded() {
        assert_eq!(
            address("Datové schránky", "novak01", "ABC"),
            "otpauth://totp/Datov%C3%A9%20schr%C3%A1nky:novak01?secret=ABC&issuer=Datov%C3%A9%20schr%C3%A1nky"
        );
    }

    #[test]
    fn the_picture_has_its_corners_and_its_margin() {
        let picture = picture("otpauth://totp/a:b?secret=GEZDGNBVGY3TQOJQ").unwrap();
        assert!(picture.side > 21 + 2 * MARGIN);
        // The corner of the finder pattern is dark, the margin is not.
        assert!(picture.path.starts_with("M4 4h1v1h-1z"));
        assert!(!picture.path.contains("M3 "));
        assert!(self::picture(&"x".repeat(5000)).is_none());
    }
}
