//! What a provider charges for beside tokens, or charges otherwise: it is said, and not priced.

use domain::Json;
use serde::Deserialize;

/// The part of a message's payload that tells of it (Anthropic's `usage`).
#[derive(Default, Deserialize)]
#[serde(default)]
struct Payload {
    usage: Option<Usage>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Usage {
    server_tool_use: Option<ServerTools>,
    service_tier: Option<String>,
    speed: Option<String>,
    inference_geo: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ServerTools {
    web_search_requests: Option<u64>,
    web_fetch_requests: Option<u64>,
}

/// What of a message has no price, in a few words each. What the payload says in another form is passed
/// over.
pub fn unpriced(payload: Option<&Json>) -> Vec<String> {
    let payload = payload.and_then(|json| serde_json::from_str::<Payload>(json.as_str()).ok());
    let usage = payload.and_then(|payload| payload.usage).unwrap_or_default();
    let tools = usage.server_tool_use.unwrap_or_default();
    let count = |count: Option<u64>, what: &str| {
        count.filter(|count| *count > 0).map(|count| format!("{count} {what}"))
    };
    let word = |word: Option<String>, what: &str| {
        let word = word.filter(|word| !word.is_empty() && word != "standard")?;
        Some(format!("{what} `{word}`"))
    };
    let told = [
        count(tools.web_search_requests, "web searches"),
        count(tools.web_fetch_requests, "web fetches"),
        word(usage.service_tier, "service tier"),
        word(usage.speed, "speed"),
        word(usage.inference_geo, "region"),
    ];
    told.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_charged_otherwise_is_named() {
        let cases = [
            ("{}", ""),
            (r#"{"usage":{}}"#, ""),
            (r#"{"usage":{"speed":"standard","service_tier":"standard"}}"#, ""),
            (
                r#"{"usage":{"speed":"fast","service_tier":"batch","inference_geo":"us",
                   "server_tool_use":{"web_search_requests":3,"web_fetch_requests":0}}}"#,
                "3 web searches, service tier `batch`, speed `fast`, region `us`",
            ),
            (r#"{"usage":{"speed":7}}"#, ""),
            ("[]", ""),
        ];
        for (payload, expected) in cases {
            let payload = Json::from_canonical(payload.to_owned());
            assert_eq!(unpriced(Some(&payload)).join(", "), expected, "{payload:?}");
        }
        assert_eq!(unpriced(None), [""; 0]);
    }
}
