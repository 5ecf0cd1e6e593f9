//! JSON and numbers to the letter as Python writes them, because keys of pages are hashes of such text and other programs
//! make the same ones.

use std::fmt::Write;

use serde_json::{Number, Value};

/// `value` as `json.dumps(value, sort_keys=True)` writes it: `", "` and `": "` between things, everything beyond ASCII as
/// `\uXXXX`.
pub(super) fn dumps(value: &Value) -> String {
    let mut text = String::new();
    write_value(&mut text, value);
    text
}

fn write_value(text: &mut String, value: &Value) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => text.push_str(&write_number(number)),
        Value::String(string) => write_string(text, string),
        Value::Array(values) => {
            write_all(text, ['[', ']'], values, write_value);
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            // UTF-8 sorts as its code points do, and those are what Python compares.
            fields.sort_unstable_by_key(|(name, _)| *name);
            write_all(text, ['{', '}'], fields, |text, (name, value)| {
                write_string(text, name);
                text.push_str(": ");
                write_value(text, value);
            });
        }
    }
}

fn write_all<T>(text: &mut String, [open, close]: [char; 2], things: impl IntoIterator<Item = T>, write: impl Fn(&mut String, T)) {
    text.push(open);
    for (index, thing) in things.into_iter().enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        write(text, thing);
    }
    text.push(close);
}

fn write_string(text: &mut String, string: &str) {
    text.push('"');
    for char in string.chars() {
        match char {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            ' '..='~' => text.push(char),
            _ => {
                for unit in char.encode_utf16(&mut [0; 2]) {
                    // Writing into a string cannot fail.
                    let _ = write!(text, "\\u{unit:04x}");
                }
            }
        }
    }
    text.push('"');
}

fn write_number(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() => repr(float),
        _ => number.to_string(),
    }
}

/// `number` as Python's `repr` prints a float: the fewest digits that say which one it is, always with a point or an exponent.
pub(super) fn repr(number: f64) -> String {
    let scientific = format!("{number:e}");
    let (Some((digits, exponent)), true) = (scientific.split_once('e'), number.is_finite()) else {
        return scientific;
    };
    match exponent.parse::<i32>() {
        // Python's limits for writing it out.
        Ok(-4..16) => {
            let plain = number.to_string();
            if plain.contains('.') { plain } else { plain + ".0" }
        }
        Ok(exponent) => format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs()),
        Err(_) => scientific,
    }
}

/// `number` as Python's `round(number, 2)` has it: what the nearest binary number really is decides, and of two decimals that
/// are equally near the even one.
pub(super) fn round_to_hundredths(number: f64) -> f64 {
    format!("{number:.2}").parse().unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_is_written_as_python_writes_it() {
        // Each line is what Python 3 printed.
        let values = [
            (json!({"category": null, "sort": "live_first"}), r#"{"category": null, "sort": "live_first"}"#),
            (json!({"sort": "recent", "category": "Küche – 😀"}), r#"{"category": "K\u00fcche \u2013 \ud83d\ude00", "sort": "recent"}"#),
            (
                json!({"b": [1, 2.0, true, false, null, {}], "a": {"z": "\"\\\n\t\u{8}\u{c}\r\u{1f}\u{7f}/", "é": -0.0}, "c": []}),
                r#"{"a": {"z": "\"\\\n\t\b\f\r\u001f\u007f/", "\u00e9": -0.0}, "b": [1, 2.0, true, false, null, {}], "c": []}"#,
            ),
            (json!({"min_price": 1e-5, "max_price": 1e16}), r#"{"max_price": 1e+16, "min_price": 1e-05}"#),
            (json!([u64::MAX, -3, 9_007_199_254_740_993_u64]), "[18446744073709551615, -3, 9007199254740993]"),
        ];
        for (value, python) in values {
            assert_eq!(dumps(&value), python);
        }
    }

    #[test]
    fn floats_are_printed_as_python_prints_them() {
        let floats = [
            (1e16, "1e+16"),
            (1e15, "1000000000000000.0"),
            (9_999_999_999_999_998.0, "9999999999999998.0"),
            (123_456_789_012_345_680.0, "1.2345678901234568e+17"),
            (1e-5, "1e-05"),
            (0.0001, "0.0001"),
            (1.5e-7, "1.5e-07"),
            (-0.0, "-0.0"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e22, "1e+22"),
            (1e100, "1e+100"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (100.0, "100.0"),
            (12345.678, "12345.678"),
        ];
        for (float, python) in floats {
            assert_eq!(repr(float), python);
        }
    }

    #[test]
    fn hundredths_are_rounded_as_python_rounds_them() {
        let rounded = [
            (0.125, "0.12"),
            (0.375, "0.38"),
            (-0.125, "-0.12"),
            (25.125, "25.12"),
            (2.675, "2.67"),
            (-0.005, "-0.01"),
            (0.005, "0.01"),
            (-0.001, "-0.0"),
            (1.005, "1.0"),
            (179.995, "180.0"),
            (-33.865, "-33.87"),
            (1e-9, "0.0"),
            (25.2048, "25.2"),
            (55.2708, "55.27"),
        ];
        for (number, python) in rounded {
            assert_eq!(repr(round_to_hundredths(number)), python, "{number}");
        }
    }
}
