//! `recount setup opencode`: the plugin, where OpenCode loads it.
//!
//! For all projects it is a file in OpenCode's own folder of plugins. For one project it lies in our
//! data folder, where all such projects share it, and the project's configuration names it, with the
//! database if the project has one of its own. Never in the project's folder `.opencode/`: as soon as
//! that exists, OpenCode 1.18.33 installs 63 MB of packages into it.

mod entry;
mod plugin;
mod projects;
pub mod registered;

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use self::projects::Projects;
use super::{
    Options, PRIVATE, carry_out,
    change::{Change, Preview},
    file::Found,
    json_list::Entry,
    program, project_root, text, wrong,
};
use crate::{command::Context, environment::Environment, exit::ExitCode, failure::Failure};

/// What it is called.
const AGENT: &str = "OpenCode";

pub fn run(context: &mut Context, options: &Options) -> Result<ExitCode, Failure> {
    context.settings()?;
    let named = context.loaded.named_database().filter(|_| !options.remove);
    let database = named.map(|path| text(path, AGENT)).transpose()?.map(str::to_owned);
    let database = database.as_deref();
    let (changes, lock) = if options.project {
        let data_folder = data_folder(&context.environment)?;
        // Two set-ups at once would each drop the other's project from the list.
        let lock = if options.dry_run { None } else { lock(data_folder, options)? };
        (project_changes(&context.environment, data_folder, database, options)?, lock)
    } else {
        let path = global_plugin(&context.environment)?;
        // OpenCode's folders may have been there before, empty: nobody knows, so they stay.
        (vec![plugin_change(&path, 0, database, options)?], None)
    };
    let ended = carry_out(context, options, &changes);
    drop(lock);
    if options.remove && changes.iter().all(Change::is_done) {
        hint_at_other_place(&context.environment, options.project);
    }
    ended
}

/// Says where the plugin is, if it was to be taken from where it is not. It is no part of what was
/// asked for, so that what is wrong there is no failure.
fn hint_at_other_place(environment: &Environment, project: bool) {
    let hint = if project && is_global(environment) {
        "it is there for all projects: `recount setup opencode --global --remove`"
    } else if !project && is_in_project(environment) {
        "this project has it: `recount setup opencode --project --remove`"
    } else {
        return;
    };
    let _ = writeln!(io::stderr(), "hint: {hint}");
}

fn is_global(environment: &Environment) -> bool {
    let found = global_plugin(environment).and_then(|path| Found::look(&path));
    found.is_ok_and(|found| found.content.is_some_and(|content| plugin::is_ours(&content)))
}

fn is_in_project(environment: &Environment) -> bool {
    let has_entry = |root: &Path| {
        let mut configs = CONFIGS.iter().map(|name| Config::look(&root.join(name)));
        configs.any(|config| config.is_ok_and(|config| config.has_entry))
    };
    project_root(environment).is_ok_and(has_entry)
}

/// OpenCode 1.18.33 loads `plugin/` and `plugins/` alike, older ones only the first. It does so
/// whatever `OPENCODE_CONFIG_DIR` says, which names a further folder.
fn global_plugin(environment: &Environment) -> Result<PathBuf, Failure> {
    let folder = environment.config_home.as_ref().ok_or_else(|| {
        nowhere("no folder for OpenCode's settings is known", "XDG_CONFIG_HOME")
            .hint("set `HOME` to your folder")
    })?;
    Ok(folder.join("opencode/plugin/recount.js"))
}

fn data_folder(environment: &Environment) -> Result<&Path, Failure> {
    environment.data_folder.as_deref().ok_or_else(|| {
        nowhere("no folder for the plugin is known", "XDG_DATA_HOME")
            .hint("set `HOME` to your folder")
    })
}

fn nowhere(what: &str, variable: &str) -> Failure {
    let why = format!("neither `{variable}` nor `HOME` is an absolute path");
    Failure::new(ExitCode::Settings, format!("{what}: {why}"))
}

/// The right to change what lies in our data folder; nothing to lock where there is none.
fn lock(data_folder: &Path, options: &Options) -> Result<Option<File>, Failure> {
    let make = || if options.remove { Ok(()) } else { fs::create_dir_all(data_folder) };
    let locked = make().and_then(|()| File::open(data_folder)).and_then(|folder| {
        folder.lock()?;
        Ok(folder)
    });
    match locked {
        Ok(folder) => Ok(Some(folder)),
        Err(error) if options.remove && error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let message = format!("folder `{}` cannot be used", data_folder.display());
            Err(Failure::new(ExitCode::Io, message).caused_by(&error).hint("nothing was changed"))
        }
    }
}

/// The plugin's file, and how many folders above it are there only for it.
fn plugin_change(
    path: &Path,
    own_folders: usize,
    database: Option<&str>,
    options: &Options,
) -> Result<Change, Failure> {
    let found = Found::look(path)?;
    if found.content.as_ref().is_some_and(|content| !plugin::is_ours(content)) {
        let message = format!("`{}` is not recount's plugin", path.display());
        return Err(Failure::new(ExitCode::Settings, message)
            .hint("move it away and run the command again; nothing was changed"));
    }
    let wanted = if options.remove { None } else { Some(installed(database)?.into_bytes()) };
    let preview = Preview::LinesThatBegin(plugin::PATH_LINES);
    Ok(Change { found, wanted, new_mode: PRIVATE, own_folders, preview })
}

fn installed(database: Option<&str>) -> Result<String, Failure> {
    Ok(plugin::installed(text(&program()?, AGENT)?, database))
}

/// In an order in which OpenCode finds a plugin behind every entry, whenever it looks.
fn project_changes(
    environment: &Environment,
    data_folder: &Path,
    database: Option<&str>,
    options: &Options,
) -> Result<Vec<Change>, Failure> {
    let path = data_folder.join(entry::PLACE);
    // The database is the project's, and other projects load the same file.
    let mut plugin = plugin_change(&path, 2, None, options)?;
    let configs = if options.remove {
        config_changes(environment, None)?
    } else {
        let entry = Entry { name: &entry_name(&path)?, value: database };
        config_changes(environment, Some(entry))?
    };
    let list = Found::look(&path.with_file_name("projects"))?;
    let mut projects = Projects::read(list.content.as_deref().unwrap_or_default());
    for config in &configs {
        if options.remove {
            projects.remove(&config.found.path);
        } else {
            projects.add(&config.found.path);
        }
    }
    let wanted = projects.write();
    if options.remove && wanted.is_some() {
        plugin.wanted.clone_from(&plugin.found.content);
    }
    let (new_mode, preview) = (PRIVATE, Preview::Nothing);
    let list = Change { found: list, wanted, new_mode, own_folders: 0, preview };
    Ok(if options.remove {
        configs.into_iter().chain([list, plugin]).collect()
    } else {
        [plugin, list].into_iter().chain(configs).collect()
    })
}

fn entry_name(plugin: &Path) -> Result<String, Failure> {
    entry::name(plugin).ok_or_else(|| {
        let message = format!("OpenCode loads no plugin from `{}`", plugin.display());
        Failure::new(ExitCode::Settings, message)
            .hint("its path may hold neither `?` nor `\\` and has to be UTF-8; use `--global`")
    })
}

/// The project's configuration, with that entry or without one of ours: the one that has it, else
/// the one that is there, else a new one.
fn config_changes(
    environment: &Environment,
    entry: Option<Entry<'_>>,
) -> Result<Vec<Change>, Failure> {
    let root = project_root(environment)?;
    let mut there = Vec::new();
    for name in CONFIGS {
        let config = Config::look(&root.join(name))?;
        there.extend(config.found.content.is_some().then_some(config));
    }
    if there.iter().any(|config| config.has_entry) {
        there.retain(|config| config.has_entry);
    } else if there.is_empty() {
        there.push(Config::look(&root.join(CONFIGS[0]))?);
    } else {
        there.truncate(1);
    }
    there.into_iter().map(|config| config.change(environment, entry)).collect()
}

/// OpenCode 1.18.33 reads both and puts their lists of plugins together.
const CONFIGS: [&str; 2] = ["opencode.json", "opencode.jsonc"];

/// A configuration of OpenCode.
struct Config {
    found: Found,
    has_entry: bool,
}

impl Config {
    fn look(path: &Path) -> Result<Self, Failure> {
        let mut config = Self { found: Found::look(path)?, has_entry: false };
        if let Some(text) = config.found.text()? {
            config.has_entry = entry::is_in(text).map_err(|fault| wrong(&config.found, &fault))?;
        }
        Ok(config)
    }

    fn change(
        self,
        environment: &Environment,
        entry: Option<Entry<'_>>,
    ) -> Result<Change, Failure> {
        let text = self.found.text()?;
        let wanted = match (text, entry) {
            (None, None) => None,
            (Some(text), None) => self.without_entry(text)?,
            (text, Some(entry)) => {
                Some(entry::add(text, entry).map_err(|fault| wrong(&self.found, &fault))?)
            }
        };
        let (new_mode, own_folders) = (0o666 & !environment.umask, 0);
        let (wanted, preview) = (wanted.map(String::into_bytes), Preview::Lines);
        Ok(Change { found: self.found, wanted, new_mode, own_folders, preview })
    }

    fn without_entry(&self, text: &str) -> Result<Option<String>, Failure> {
        if !self.has_entry {
            return Ok(Some(text.to_owned()));
        }
        let rest = entry::remove(text).map_err(|fault| wrong(&self.found, &fault))?;
        // What somebody has linked to is not ours alone any more.
        Ok(rest.or_else(|| self.found.is_link().then(|| entry::EMPTY.to_owned())))
    }
}
