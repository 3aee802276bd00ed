//! The scripts that drive a browser, one process each: a new profile and an empty cache.

use std::{path::Path, process::Command};

use serde::de::DeserializeOwned;

use crate::{Fallible, tools};

/// What `drive.mjs` finds with these words.
pub fn drive<T: DeserializeOwned>(words: &[&str]) -> Fallible<T> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/cli/benches/pages/drive.mjs");
    let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let mut node = Command::new("node");
    node.arg(script)
        .arg(tools::playwright()?)
        .args(words)
        .env_clear()
        .env("HOME", home.path())
        .env("TZ", "UTC");
    let output = node.output()?;
    if output.status.success() {
        Ok(serde_json::from_slice(&output.stdout)?)
    } else {
        Err(format!("{words:?}: {}", String::from_utf8_lossy(&output.stderr)).into())
    }
}
