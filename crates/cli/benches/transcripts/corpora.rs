//! The transcripts that are measured: those of the tests, longer ones and more of them.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

use crate::{
    Fallible,
    support::claude_corpus::{self, Corpus, Shape, truth::CHANGE},
};

/// A folder as Claude Code has it.
pub struct Folder {
    pub path: PathBuf,
    pub corpus: Corpus,
    pub lines: u64,
    pub bytes: u64,
    /// What dumps of requests take of it, which nobody keeps.
    pub dump_bytes: u64,
}

/// About 100,000 lines, or a tenth of that, of models whose prices everybody knows how to write.
pub fn write(root: &Path, name: &str, is_quick: bool, spaced: bool) -> Fallible<Folder> {
    let sessions = if is_quick { 24 } else { 186 };
    let shape = Shape {
        seed: 7,
        sessions,
        begin: CHANGE,
        days: 40,
        turns: 12,
        words: 120,
        dump_bytes: 76_000,
        spaced,
        has_plain_prices: true,
    };
    let path = root.join(name);
    let corpus = claude_corpus::write(&path, &shape);
    let mut folder = Folder { path, corpus, lines: 0, bytes: 0, dump_bytes: 0 };
    let mut folders = vec![folder.projects()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "jsonl") {
                folder.count(&path)?;
            }
        }
    }
    Ok(folder)
}

impl Folder {
    pub fn projects(&self) -> PathBuf {
        self.path.join("projects")
    }

    fn count(&mut self, file: &Path) -> Fallible {
        let file = fs::File::open(file)?;
        // What the kernel still has to write is no matter of those who read it.
        file.sync_all()?;
        for line in BufReader::new(file).lines() {
            let line = line?;
            let bytes = line.len() as u64 + 1;
            self.lines += 1;
            self.bytes += bytes;
            let head: String = line.chars().take(400).filter(|letter| *letter != ' ').collect();
            if head.starts_with(r#"{"type":"api-request"#) || head.contains(r#""prompt_snapshot""#)
            {
                self.dump_bytes += bytes;
            }
        }
        Ok(())
    }
}
