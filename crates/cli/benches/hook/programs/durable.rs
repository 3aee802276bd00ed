//! The least that a hook can do: standard input becomes a durable file in the folder of the first
//! argument, and nobody looks at it.

use std::{env, fs, fs::File, io, path::PathBuf, process};

fn main() -> io::Result<()> {
    let folder = PathBuf::from(env::args_os().nth(1).expect("a folder"));
    let temporary = folder.join(format!("{}.tmp", process::id()));
    let mut file = File::create_new(&temporary)?;
    io::copy(&mut io::stdin().lock(), &mut file)?;
    file.sync_all()?;
    fs::rename(&temporary, folder.join(process::id().to_string()))?;
    File::open(&folder)?.sync_all()
}
