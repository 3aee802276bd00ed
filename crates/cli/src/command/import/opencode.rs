//! `recount import opencode`.

use std::path::{Path, PathBuf};

use ::import::{Cursors, Finding, opencode::Store as Foreign};
use ::store::{Holder, Store, query::import_cursors::import_cursors, receipt_now};

use super::{Arguments, Import};
use crate::{
    command::{
        Context,
        progress::{self, Unit},
        store::{failure, open_drained},
    },
    exit::ExitCode,
    failure::Failure,
};

pub fn run(context: &mut Context, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let store = context.store()?;
    let found = find(context, &store, arguments.path.as_deref())?;
    // What was captured live is stored before, so that it is not counted as new.
    let holder = open_drained(&store, "import")?;
    let known = if arguments.all {
        found.iter().map(|_| Cursors::new()).collect()
    } else {
        known(&holder, &found)?
    };
    drop(holder);
    let progress = progress::bar(Unit::Things, || found.iter().map(Foreign::size).sum());
    let mut import = Import::into(&store);
    for (foreign, known) in found.iter().zip(&known) {
        let source = source_of(foreign);
        foreign.read(known, || receipt_now().0.get(), &mut |finding| {
            if let Finding::Passed(things) = finding {
                progress.inc(things);
            }
            import.take(&source, finding)
        });
        if import.failed.is_some() {
            break;
        }
    }
    progress.finish_and_clear();
    import.finish(context)
}

/// What `OpenCode` has, but for a database of ours that lies there.
fn find(context: &Context, store: &Store, path: Option<&Path>) -> Result<Vec<Foreign>, Failure> {
    let environment = &context.environment;
    let its_own = environment.opencode_folder.iter().chain(&environment.opencode_database);
    let places: Vec<PathBuf> = match path {
        Some(path) => vec![environment.absolute(path)],
        None => its_own.cloned().collect(),
    };
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for place in places {
        match Foreign::at(&place) {
            Ok(stores) => found.extend(stores),
            Err(error) => missing.push(format!("`{}` cannot be read: {error}", place.display())),
        }
    }
    found.retain(|foreign| foreign.path() != store.location().database());
    found.sort();
    found.dedup();
    if found.is_empty() {
        missing.insert(0, "nothing of `OpenCode` is found".to_owned());
        return Err(Failure::new(ExitCode::NotFound, missing.join("; "))
            .hint("name its folder for data or its database: `recount import opencode PATH`"));
    }
    Ok(found)
}

/// How far each was read before.
fn known(holder: &Holder<'_>, found: &[Foreign]) -> Result<Vec<Cursors>, Failure> {
    let known = found.iter().map(|foreign| import_cursors(holder, &source_of(foreign)));
    known.collect::<Result<_, _>>().map_err(|error| failure(&error))
}

fn source_of(foreign: &Foreign) -> String {
    format!("opencode {}", foreign.path().display())
}
