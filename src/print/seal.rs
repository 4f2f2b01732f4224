//! A hash of what a paper says, so that two papers, or a paper and the record, can be compared without
//! reading them. The canonical spelling is JSON without blanks, keys sorted by code point, in UTF-8:
//! `sha256sum` of such a file gives the same.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// The sha-256 of the canonical spelling, in lower-case hexadecimal.
pub fn seal(content: &Value) -> String {
    let mut text = String::new();
    write(content, &mut text);
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn write(value: &Value, to: &mut String) {
    match value {
        Value::Object(fields) => {
            // Sorted here: in which order the map keeps them depends on a feature of serde_json.
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(key, _)| key.as_str());
            write_all('{', '}', fields, to, |(key, value), to| {
                *to += &Value::from(key.as_str()).to_string();
                to.push(':');
                write(value, to);
            });
        }
        Value::Array(items) => write_all('[', ']', items.iter().collect(), to, write),
        plain => *to += &plain.to_string(),
    }
}

fn write_all<T>(open: char, close: char, items: Vec<T>, to: &mut String, one: impl Fn(T, &mut String)) {
    to.push(open);
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            to.push(',');
        }
        one(item, to);
    }
    to.push(close);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn anybody_can_compute_the_same_hash() {
        let content = json!({ "rows": [{ "seq": 1, "name": "䥽\"\n" }, {}], "head": { "b": "2", "a": "1" } });
        let mut text = String::new();
        write(&content, &mut text);
        assert_eq!(text, r#"{"head":{"a":"1","b":"2"},"rows":[{"name":"䥽\"\n","seq":1},{}]}"#);
        // printf '{"a":"1"}' | sha256sum
        assert_eq!(seal(&json!({ "a": "1" })), "9afeb0f2b203f254312ec8ded441d0318b7c34c57f8695ede42d2215a30c0960");
    }
}
