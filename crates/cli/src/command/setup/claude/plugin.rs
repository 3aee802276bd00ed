//! Whether recount's plugin is there already: beside it hooks would hand over everything twice.
//!
//! What Claude Code 2.1.328 has in its files is looked at, and nothing of it is changed. What cannot
//! be read says nothing.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{LOCAL, PROJECT, USER};
use crate::command::setup::file::Found;

/// How its name begins, whatever the marketplace is called that it came from.
const NAME: &str = "recount@";

/// A plugin that is enabled.
#[derive(Debug, PartialEq, Eq)]
pub struct Enabled {
    /// With its marketplace.
    pub name: String,
    /// The settings that say so.
    pub settings: PathBuf,
}

/// The one that is enabled in a project, or where none is named, for all projects.
pub fn enabled(claude_folder: &Path, project: Option<&Path>) -> Option<Enabled> {
    all_enabled(claude_folder, project).into_iter().next()
}

/// The same with each that is, of whatever marketplace.
pub fn all_enabled(claude_folder: &Path, project: Option<&Path>) -> Vec<Enabled> {
    let user = claude_folder.join(USER);
    let of_project = project.map(|root| [root.join(PROJECT), root.join(LOCAL)]);
    let mut said = BTreeMap::new();
    // What comes later outdoes what was before.
    for settings in [user].into_iter().chain(of_project.into_iter().flatten()) {
        for (name, is_enabled) in
            read(&settings)["enabledPlugins"].as_object().into_iter().flatten()
        {
            if name.starts_with(NAME) {
                let is_enabled = !matches!(is_enabled, Value::Bool(false) | Value::Null);
                said.insert(name.clone(), is_enabled.then(|| settings.clone()));
            }
        }
    }
    let enabled = said.into_iter();
    enabled.filter_map(|(name, settings)| Some(Enabled { name, settings: settings? })).collect()
}

/// Where the files of a plugin lie: where its marketplace does if that is a folder of the person,
/// which is used where it lies, else where they were copied to.
pub fn root(claude_folder: &Path, project: Option<&Path>, name: &str) -> Option<PathBuf> {
    let plugins = claude_folder.join("plugins");
    in_marketplace(&plugins, name).or_else(|| {
        let installed = read(&plugins.join("installed_plugins.json"));
        let places = installed["plugins"][name].as_array()?;
        let is_here = |place: &&Value| {
            place["projectPath"].as_str().is_none_or(|path| Some(Path::new(path)) == project)
        };
        let place = places.iter().find(is_here).or(places.first())?;
        place["installPath"].as_str().map(PathBuf::from)
    })
}

fn in_marketplace(plugins: &Path, name: &str) -> Option<PathBuf> {
    let (plugin, marketplace) = name.split_once('@')?;
    let known = read(&plugins.join("known_marketplaces.json"));
    let marketplace = &known[marketplace];
    if marketplace["source"]["source"] != "directory" {
        return None;
    }
    let folder = Path::new(marketplace["installLocation"].as_str()?);
    let list = read(&folder.join(".claude-plugin/marketplace.json"));
    let listed = list["plugins"].as_array()?.iter().find(|listed| listed["name"] == plugin)?;
    let root = folder.join(listed["source"].as_str()?);
    root.is_dir().then_some(root)
}

/// The projects that have it for themselves.
pub fn projects(claude_folder: &Path) -> Vec<PathBuf> {
    let installed = read(&claude_folder.join("plugins/installed_plugins.json"));
    let plugins = installed["plugins"].as_object().into_iter().flatten();
    let ours = plugins.filter(|(name, _)| name.starts_with(NAME));
    let places = ours.filter_map(|(_, places)| places.as_array()).flatten();
    places.filter_map(|place| place["projectPath"].as_str()).map(PathBuf::from).collect()
}

fn read(path: &Path) -> Value {
    let content = Found::look(path).ok().and_then(|found| found.content).unwrap_or_default();
    let body = content.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&content);
    serde_json::from_slice(body).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_is_nearer_to_the_project_outdoes_what_is_further() {
        const ON: &str = r#"{"enabledPlugins": {"recount@x": true}}"#;
        const OFF: &str = r#"{"enabledPlugins": {"recount@x": false}}"#;
        // Versions may stand in place of `true`.
        const VERSIONS: &str = r#"{"enabledPlugins": {"other@x": true, "recount@x": ["1"]}}"#;
        const OTHER: &str = r#"{"enabledPlugins": {"recounts@x": true}}"#;
        const WRONG: &str = r#"{"enabledPlugins": ["recount@x"]}"#;
        let cases = [
            ([None, None, None], None),
            ([Some(ON), None, None], Some(USER)),
            ([Some(ON), Some("{"), None], Some(USER)),
            ([Some(ON), Some(OFF), None], None),
            ([Some(OFF), Some(ON), None], Some(PROJECT)),
            ([Some(ON), Some(ON), Some(OFF)], None),
            ([None, Some(OFF), Some(VERSIONS)], Some(LOCAL)),
            ([Some(OTHER), Some(WRONG), Some("\u{feff}[]")], None),
        ];
        for (texts, expected) in cases {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let (home, project) = (folder.path().join("home"), folder.path().join("project"));
            let paths = [home.join(USER), project.join(PROJECT), project.join(LOCAL)];
            fs::create_dir_all(&home).expect("a folder");
            fs::create_dir_all(project.join(".claude")).expect("a folder");
            for (path, text) in paths.iter().zip(texts) {
                if let Some(text) = text {
                    fs::write(path, text).expect("a new file");
                }
            }
            let found = enabled(&home, Some(&project));
            let settings = found.as_ref().map(|found| &*found.settings);
            let expected = expected.map(|name| match name {
                USER => home.join(USER),
                name => project.join(name),
            });
            assert_eq!(settings, expected.as_deref(), "{texts:?}");
            assert!(found.is_none_or(|found| found.name == "recount@x"));
            assert_eq!(enabled(&home, None).is_some(), texts[0] == Some(ON), "{texts:?}");
        }
    }

    #[test]
    fn its_files_are_in_the_clone_or_where_they_were_copied_to() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (home, clone) = (folder.path().join("home"), folder.path().join("clone"));
        let put = |path: PathBuf, text: &str| {
            fs::create_dir_all(path.parent().expect("it has one")).expect("a folder");
            fs::write(path, text).expect("a new file");
        };
        assert_eq!(root(&home, None, "recount@x"), None);
        let installed = r#"{"plugins": {"recount@x": [
            {"projectPath": "/p", "installPath": "/of/p"}, {"installPath": "/of/all"}
        ]}}"#;
        put(home.join("plugins/installed_plugins.json"), installed);
        let at = |project: &str| root(&home, Some(Path::new(project)), "recount@x");
        assert_eq!(
            [at("/p"), at("/q")].map(Option::unwrap),
            ["/of/p", "/of/all"].map(PathBuf::from)
        );
        let known = |kind: &str| {
            format!(
                r#"{{"x": {{"source": {{"source": "{kind}"}}, "installLocation": {clone:?}}}}}"#
            )
        };
        put(home.join("plugins/known_marketplaces.json"), &known("directory"));
        let list = r#"{"plugins": [{"name": "recount", "source": "./plugins/r"}]}"#;
        put(clone.join(".claude-plugin/marketplace.json"), list);
        assert_eq!(at("/p"), Some(PathBuf::from("/of/p")));
        fs::create_dir_all(clone.join("plugins/r")).expect("a folder");
        assert_eq!(at("/p"), Some(clone.join("./plugins/r")));
        put(home.join("plugins/known_marketplaces.json"), &known("github"));
        assert_eq!(at("/p"), Some(PathBuf::from("/of/p")));
    }

    #[test]
    fn the_projects_that_have_it_are_listed() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        assert_eq!(projects(folder.path()), [""; 0].map(PathBuf::from));
        fs::create_dir(folder.path().join("plugins")).expect("a folder");
        let list = r#"{"version": 2, "plugins": {
            "recount@x": [{"scope": "user"}, {"scope": "local", "projectPath": "/p"}, 1],
            "other@x": [{"scope": "local", "projectPath": "/q"}],
            "recount@y": {"projectPath": "/r"}
        }}"#;
        fs::write(folder.path().join("plugins/installed_plugins.json"), list).expect("a new file");
        assert_eq!(projects(folder.path()), [PathBuf::from("/p")]);
    }
}
