//! What is wrong with the settings.

use report::health::{Check, Finding};

use super::of_complaint;
use crate::settings::Loaded;

/// Each fault, or where the settings are.
pub fn findings(loaded: &Loaded) -> Vec<Finding> {
    let faults = loaded.faults.iter().cloned();
    let faults: Vec<_> = faults.map(|fault| of_complaint(Check::Settings, fault)).collect();
    if !faults.is_empty() {
        return faults;
    }
    let found = match &loaded.file {
        Some(file) if file.exists() => format!("`{}`", file.display()),
        Some(_) | None => "no file; everything has its default".to_owned(),
    };
    vec![Finding::good(Check::Settings, found)]
}
