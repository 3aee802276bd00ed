//! Small programs that others are compared with, compiled as rustc does it for anybody.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Fallible, world::install};

/// The least that a process can do.
pub fn empty(root: &Path) -> Fallible<PathBuf> {
    compile(root, "empty", include_str!("programs/empty.rs"))
}

/// One that makes what it is given durable.
pub fn durable(root: &Path) -> Fallible<PathBuf> {
    compile(root, "durable", include_str!("programs/durable.rs"))
}

fn compile(root: &Path, name: &str, source: &str) -> Fallible<PathBuf> {
    let (file, program) = (root.join(format!("{name}.rs")), root.join(name));
    fs::write(&file, source)?;
    let status = Command::new("rustc").args(["-O", "-o"]).arg(&program).arg(&file).status()?;
    if status.success() {
        install(root, &program)
    } else {
        Err(format!("rustc ended with {status}").into())
    }
}
