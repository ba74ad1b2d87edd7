//! A domain's name inside a token: every character in 21 bits, most significant first, then zero bits up
//! to a whole byte. So 256 characters take 672 bytes, where UTF-8 may take 1024.

use alloc::string::String;
use alloc::vec::Vec;

/// What the largest code point, U+10FFFF, takes.
const CHAR_BITS: u32 = 21;

/// The bytes that so many characters take.
pub(super) const fn packed_bytes(chars: usize) -> usize {
    (chars * CHAR_BITS as usize).div_ceil(8)
}

/// Appends the name.
pub(super) fn pack(name: &str, bytes: &mut Vec<u8>) {
    // Never more than 7 bits left over and 21 new ones.
    let (mut pending, mut bits) = (0_u32, 0);
    for character in name.chars() {
        pending = pending << CHAR_BITS | u32::from(character);
        bits += CHAR_BITS;
        while bits >= 8 {
            bits -= 8;
            bytes.push((pending >> bits) as u8);
            pending &= (1 << bits) - 1;
        }
    }
    if bits > 0 {
        bytes.push((pending << (8 - bits)) as u8);
    }
}

/// The name again; `None` for bytes that [`pack`] does not write.
pub(super) fn unpack(bytes: &[u8]) -> Option<String> {
    let mut name = String::with_capacity(bytes.len() * 8 / CHAR_BITS as usize);
    // Never more than 20 bits left over and 8 new ones.
    let (mut pending, mut bits) = (0_u32, 0);
    for byte in bytes {
        pending = pending << 8 | u32::from(*byte);
        bits += 8;
        if bits >= CHAR_BITS {
            bits -= CHAR_BITS;
            name.push(char::from_u32(pending >> bits)?);
            pending &= (1 << bits) - 1;
        }
    }
    (bits < 8 && pending == 0).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_comes_back_from_the_bytes_it_was_said_to_take() {
        for pattern in ["a", "é\u{0}", "\u{10FFFF}", "\u{1}\u{10FFFF}ab", "wörk 漢字 🦀"] {
            for chars in 0..=260 {
                let name: String = pattern.chars().cycle().take(chars).collect();
                let mut bytes = Vec::new();
                pack(&name, &mut bytes);
                assert_eq!(bytes.len(), packed_bytes(chars));
                assert_eq!(unpack(&bytes).as_deref(), Some(name.as_str()));
            }
        }
    }

    #[test]
    fn one_name_has_one_packing() {
        let mut packed = Vec::new();
        pack("ab", &mut packed);
        for bit in 0..packed.len() * 8 {
            let mut other = packed.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(unpack(&other).as_deref(), Some("ab"), "bit {bit}");
        }
        // A byte too many is no padding, a surrogate is no character.
        assert_eq!(unpack(&[0; 4]), None);
        let mut eight = Vec::new();
        pack("eight of", &mut eight);
        eight.push(0);
        assert_eq!(unpack(&eight), None);
        assert_eq!(unpack(&[0x06, 0xC0, 0x00]), None);
    }
}
