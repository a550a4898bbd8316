//! What a field of CSV is: a value only where writing that value would give the same text again. So a postcode keeps its
//! zeros and an order number its digits.

use wardian_abi::table::Token;

use crate::output::number;
use crate::serial;

/// The value of a field, or nothing for text.
pub(super) fn typed(field: &str) -> Option<Token> {
    let first = field.as_bytes().first()?;
    match first {
        b'T' if field == "TRUE" => Some(Token::Bool(true)),
        b'F' if field == "FALSE" => Some(Token::Bool(false)),
        b'0'..=b'9' | b'-' => as_number(field).or_else(|| as_date(field)),
        _ => None,
    }
}

/// No number is written with more than 25 signs.
fn as_number(field: &str) -> Option<Token> {
    if field.len() > 25 {
        return None;
    }
    let value: f64 = field.parse().ok().filter(|value: &f64| value.is_finite())?;
    let mut again = Vec::new();
    number(value, &mut again);
    (again == field.as_bytes()).then_some(Token::Number(value))
}

fn as_date(field: &str) -> Option<Token> {
    if !(8..=23).contains(&field.len()) {
        return None;
    }
    let moment = serial::iso(field)?;
    (moment.to_string() == field).then_some(Token::Moment(moment))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(field: &str) -> &'static str {
        match typed(field) {
            None => "text",
            Some(Token::Number(_)) => "number",
            Some(Token::Bool(_)) => "bool",
            Some(Token::Moment(_)) => "date",
            Some(_) => "other",
        }
    }

    #[test]
    fn only_what_is_written_so_is_a_value() {
        for field in [
            "0",
            "-1",
            "1.5",
            "1e+21",
            "123456789",
            "-0.001",
            "9007199254740993e0",
        ] {
            let expected = if field.ends_with("e0") {
                "text"
            } else {
                "number"
            };
            assert_eq!(kind(field), expected, "{field}");
        }
        for field in ["TRUE", "FALSE"] {
            assert_eq!(kind(field), "bool");
        }
        for field in [
            "2024-02-29",
            "2024-02-29T13:45:00",
            "13:45:00",
            "2024-02-29T13:45:00.250",
        ] {
            assert_eq!(kind(field), "date", "{field}");
        }
        let text = [
            "",
            "007",
            "+1",
            "1.0",
            "1,5",
            "1 000",
            " 1",
            "1 ",
            "-0",
            ".5",
            "5.",
            "1E5",
            "inf",
            "NaN",
            "true",
            "2023-02-29",
            "2024-2-9",
            "2024-02-29T13:45",
            "2024-02-29 13:45:00",
            "12345678901234567890123",
            "0x10",
            "é",
            "13:45",
        ];
        for field in text {
            assert_eq!(kind(field), "text", "{field}");
        }
    }
}
