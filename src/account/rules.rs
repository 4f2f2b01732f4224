//! Checks of the codes that name an enterprise: 统一社会信用代码 (GB 32100) and 海关注册编码.
//! Pure, the same on both sides. Whether a code is *known* is for the look-up, not for here.

use crate::text::{Text, folded, text};

/// Characters of a credit code in the order of their values; I, O, S, V and Z are left out.
const USCC_ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// Powers of 3 modulo 31.
const USCC_WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// The plain spelling of a code however it was typed: half width, upper case, without blanks.
pub fn normalise_code(raw: &str) -> String {
    folded(raw).chars().filter(|letter| !letter.is_whitespace()).flat_map(char::to_uppercase).collect()
}

/// The stored spelling of a user name. Longer ones do not exist and would only fill the throttle.
pub fn normalise_login(typed: &str) -> String {
    normalise_code(typed).to_lowercase().chars().filter(|letter| !letter.is_control()).take(64).collect()
}

/// The check digit that belongs to the first 17 characters of a credit code; `None` when they
/// hold a character a credit code cannot have.
pub fn uscc_check_digit(first: &str) -> Option<char> {
    if first.len() != USCC_WEIGHTS.len() {
        return None;
    }
    let mut sum = 0;
    for (byte, weight) in first.bytes().zip(USCC_WEIGHTS) {
        sum += USCC_ALPHABET.iter().position(|letter| *letter == byte)? * weight;
    }
    Some(USCC_ALPHABET[(31 - sum % 31) % 31] as char)
}

/// True for a credit code whose form and check digit are right.
pub fn uscc_is_valid(code: &str) -> bool {
    uscc_fault(code).is_none()
}

/// What is wrong with a normalised credit code, if anything.
pub fn uscc_fault(code: &str) -> Option<Text> {
    if code.chars().count() != 18 {
        return Some(text("统一社会信用代码应为18位，请核对", "A credit code has 18 characters; check it"));
    }
    let district_is_digits = code.bytes().skip(2).take(6).all(|byte| byte.is_ascii_digit());
    match code.is_char_boundary(17).then(|| uscc_check_digit(&code[..17])).flatten() {
        Some(digit) if code.ends_with(digit) && district_is_digits => None,
        Some(_) if !district_is_digits => Some(text(
            "统一社会信用代码第3至8位（行政区划）应为数字，请核对",
            "Characters 3 to 8 of a credit code (the district) are digits; check it",
        )),
        Some(_) => Some(text(
            "统一社会信用代码校验位不符，请逐位核对",
            "The check digit of the credit code does not fit; compare it letter by letter",
        )),
        None => Some(text(
            "统一社会信用代码只含数字和大写字母，且不含I、O、S、V、Z，请核对",
            "A credit code holds digits and letters without I, O, S, V, Z; check it",
        )),
    }
}

/// A doubt about a valid credit code: the check digit of its inner organisation code (GB 11714).
/// Codes given out without it are in use, so this only warns.
pub fn uscc_doubt(code: &str) -> Option<Text> {
    let inner = code.get(8..17).filter(|_| code.len() == 18)?;
    let mut sum = 0;
    for (letter, weight) in inner.chars().zip(ORGANISATION_WEIGHTS) {
        sum += letter.to_digit(36)? * weight;
    }
    let want = match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10)?,
    };
    (!inner.ends_with(want)).then_some(text(
        "统一社会信用代码中的组织机构代码校验位不符，请确认无误",
        "The organisation code inside the credit code has an unusual check digit; make sure it is right",
    ))
}

/// What is wrong with the form of a normalised customs code, if anything. It has no check digit.
pub fn customs_code_fault(code: &str) -> Option<Text> {
    let fits = code.len() == 10
        && code.bytes().take(4).all(|byte| byte.is_ascii_digit())
        && code.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    (!fits).then_some(text(
        "海关注册编码应为10位：前4位为数字，后6位为数字或大写字母，请核对",
        "A customs code has 10 characters, 4 digits and then digits or letters; check it",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const VALID: [&str; 6] = [
        "91350100M000100Y43",
        "91310000MA1K000006",
        "91510100569680768F",
        "91310107132231740K",
        "913302017532977856",
        "91370220395949850B",
    ];

    #[test]
    fn real_credit_codes_pass_and_wrong_ones_are_told_apart() {
        // A right code refused keeps an enterprise out; a wrong one let through is 退单 by customs.
        for code in VALID {
            assert_eq!(uscc_fault(code), None, "{code}");
        }
        let fault = |code: &str| uscc_fault(code).map_or("", |fault| fault.zh);
        assert!(fault("91350100M000100Y44").contains("校验位"));
        assert!(fault("91310000MA1K000000").contains("校验位"));
        assert!(fault("91350100I000100Y43").contains("不含I"));
        assert!(fault("91350100M000100Y4").contains("18位"));
        assert!(fault("9135O100M000100Y43").contains("不含I"));
        assert!(fault("9135A100M000100Y43").contains("行政区划"));
        for odd in ["", "中中中中中中中中中中中中中中中中中中", "91350100M000100Y4３"] {
            assert!(!uscc_is_valid(odd), "{odd}");
        }
    }

    #[test]
    fn a_code_typed_with_a_chinese_keyboard_is_the_same_code() {
        assert_eq!(normalise_code(" ９１350100m000 100y43　"), VALID[0]);
    }

    #[test]
    fn an_odd_inner_code_only_warns() {
        assert!(uscc_is_valid("91310000MA1K000006") && uscc_doubt("91310000MA1K000006").is_some());
        assert_eq!(uscc_doubt("91510100569680768F"), None);
        assert_eq!(uscc_doubt("91310107132231740K"), None);
        // Of a sum that leaves 1 the digit is X, of one that leaves none it is 0.
        assert_eq!(uscc_doubt("9135010000000006X1"), None);
        assert_eq!(uscc_doubt("913501000000000001"), None);
        assert!(uscc_doubt("913501000000000061").is_some() && uscc_doubt("9135010000000000X1").is_some());
        // Nothing is doubted of what is no credit code at all.
        assert_eq!(uscc_doubt("9135010000000006X"), None);
        assert_eq!(uscc_check_digit("91350100M000100Y"), None, "a character short");
    }

    #[test]
    fn customs_codes_in_use_pass() {
        for code in ["3205246018", "330261A004", "4403W60001", "46016602EV"] {
            assert_eq!(customs_code_fault(code), None, "{code}");
        }
        for bad in ["", "320524601", "32052460180", "A205246018", "32052460a8", "3205 46018", "３205246018"] {
            assert!(customs_code_fault(bad).is_some(), "{bad}");
        }
    }

    proptest! {
        /// One mistyped character is always noticed: that is what the check digit is for.
        #[test]
        fn one_wrong_character_is_noticed(which in 0..VALID.len(), at in 0..18usize, new in 0..31usize) {
            let mut code = VALID[which].as_bytes().to_vec();
            prop_assume!(code[at] != USCC_ALPHABET[new]);
            code[at] = USCC_ALPHABET[new];
            prop_assert!(!uscc_is_valid(&String::from_utf8(code).unwrap()));
        }

        #[test]
        fn nothing_typed_makes_it_panic(raw in "\\PC*") {
            let code = normalise_code(&raw);
            let _ = (uscc_fault(&code), uscc_doubt(&code), customs_code_fault(&code));
        }
    }
}
