//! What pages load beside themselves: one style sheet, one script and an icon, embedded in the program.
//!
//! They are the same for everyone, so they need no token, and are known by their content, so a browser
//! keeps them for as long as it likes.

use std::{fmt::Write as _, sync::LazyLock};

use axum::{
    body::Body,
    http::{HeaderValue, Response, header},
};
use sha2::{Digest, Sha256};

/// Below this path everything lies.
pub(crate) const FOLDER: &str = "/assets/";

/// One thing that is loaded.
pub(crate) struct Asset {
    /// Its path.
    pub path: &'static str,
    kind: &'static str,
    text: &'static str,
}

/// Everything that is loaded.
pub(crate) static ASSETS: [Asset; 3] = [
    Asset { path: "/assets/style.css", kind: "text/css; charset=utf-8", text: STYLE },
    Asset { path: "/assets/script.js", kind: "text/javascript; charset=utf-8", text: SCRIPT },
    Asset { path: "/assets/icon.svg", kind: "image/svg+xml", text: ICON },
];

const STYLE: &str = concat!(
    include_str!("../assets/style/base.css"),
    include_str!("../assets/style/frame.css"),
    include_str!("../assets/style/controls.css"),
    include_str!("../assets/style/sessions.css"),
    include_str!("../assets/style/files.css"),
    include_str!("../assets/style/session.css"),
    include_str!("../assets/style/shares.css"),
    include_str!("../assets/style/analytics.css"),
    include_str!("../assets/style/settings.css"),
    include_str!("../assets/style/blame.css"),
);

// The files know each other's functions: they are one script.
const SCRIPT: &str = concat!(
    include_str!("../assets/script/swap.js"),
    include_str!("../assets/script/filters.js"),
    include_str!("../assets/script/copy.js"),
    include_str!("../assets/script/live.js"),
    include_str!("../assets/script/palette.js"),
    include_str!("../assets/script/keys.js"),
);

const ICON: &str = include_str!("../assets/icon.svg");

/// The URLs by which pages name them.
pub(crate) static URLS: LazyLock<Urls> = LazyLock::new(|| {
    let [style, script, icon] = ASSETS.each_ref().map(Asset::url);
    Urls { style, script, icon }
});

/// A URL for each; another content has another one.
pub(crate) struct Urls {
    pub style: String,
    pub script: String,
    pub icon: String,
}

impl Asset {
    fn url(&self) -> String {
        let mut url = format!("{}?v=", self.path);
        for byte in &Sha256::digest(self.text)[..6] {
            let _ = write!(url, "{byte:02x}");
        }
        url
    }

    pub fn reply(&self) -> Response<Body> {
        let mut reply = Response::new(Body::from(self.text));
        let headers = reply.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.kind));
        let kept = HeaderValue::from_static("public, max-age=31536000, immutable");
        headers.insert(header::CACHE_CONTROL, kept);
        reply
    }
}
