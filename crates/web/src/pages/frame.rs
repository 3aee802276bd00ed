//! What stands around every page: head, navigation, status.

use super::PAGES;
use crate::assets::{URLS, Urls};

/// The frame of one page.
pub(crate) struct Frame {
    /// The path of the entry in the navigation that it belongs to.
    here: &'static str,
    /// What changes it while it is looked at: `all`, or the sessions by name.
    pub live: String,
    /// The last change that it knows of.
    pub revision: i64,
    pub urls: &'static Urls,
    pub version: &'static str,
}

/// A place in the navigation.
pub(crate) struct Menu {
    /// What it is called.
    pub label: &'static str,
    /// The key that leads there, after `g`.
    pub key: char,
    is_foot: bool,
}

impl Menu {
    /// With the others.
    pub const fn head(label: &'static str, key: char) -> Self {
        Self { label, key, is_foot: false }
    }

    /// At the foot.
    pub const fn foot(label: &'static str, key: char) -> Self {
        Self { label, key, is_foot: true }
    }
}

/// An entry of the navigation.
pub(crate) struct Entry {
    pub path: &'static str,
    pub menu: &'static Menu,
    pub is_here: bool,
}

impl Frame {
    /// That of a page which nothing changes.
    pub fn of(here: &'static str) -> Self {
        Self {
            here,
            live: String::new(),
            revision: 0,
            urls: &URLS,
            version: env!("CARGO_PKG_VERSION"),
        }
    }

    /// That of a page which any session changes.
    pub fn live(here: &'static str) -> Self {
        Self { live: "all".to_owned(), ..Self::of(here) }
    }

    pub fn head(&self) -> impl Iterator<Item = Entry> {
        self.entries(false)
    }

    pub fn foot(&self) -> impl Iterator<Item = Entry> {
        self.entries(true)
    }

    fn entries(&self, is_foot: bool) -> impl Iterator<Item = Entry> {
        let entry = |(path, menu)| Entry { path, menu, is_here: path == self.here };
        let menus = PAGES.iter().filter_map(|page| Some((page.path, page.menu.as_ref()?)));
        menus.filter(move |(_, menu)| menu.is_foot == is_foot).map(entry)
    }
}
