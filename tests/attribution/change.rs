//! A patch of a case, as far as agents tell of it.

/// A file that a patch changes.
#[derive(Debug)]
pub struct FileChange {
    /// Its name, from the top of the work tree on.
    pub path: String,
    /// Whether it was not there before.
    pub is_new: bool,
    /// What changes, as it stands in the patch.
    pub hunks: Vec<Hunk>,
}

/// Some lines that change.
#[derive(Debug)]
pub struct Hunk {
    /// `@@ -1,2 +1,3 @@`
    pub head: String,
    /// The lines with their marks.
    pub lines: Vec<String>,
}

impl Hunk {
    /// Where it begins and how long it is, before and after.
    pub fn numbers(&self) -> [u64; 4] {
        let mut spans = self.head.split(' ').skip(1).map(|span| {
            let span = &span[1..];
            let (start, lines) = span.split_once(',').unwrap_or((span, "1"));
            [start, lines].map(|number| number.parse().expect("a number"))
        });
        let (old, new) = (spans.next().expect("a span"), spans.next().expect("a span"));
        [old[0], old[1], new[0], new[1]]
    }
}

/// The files of a patch.
pub fn files(patch: &str) -> Vec<FileChange> {
    let mut files: Vec<FileChange> = Vec::new();
    let mut is_new = false;
    for line in patch.split_terminator('\n') {
        let hunk = || files.last()?.hunks.last();
        let is_in_hunk = hunk().is_some_and(|hunk| !is_whole(hunk));
        if is_in_hunk || line.starts_with('\\') {
            let hunks = files.last_mut().and_then(|file| file.hunks.last_mut());
            hunks.expect("a line is in a hunk").lines.push(line.to_owned());
        } else if let Some(old) = line.strip_prefix("--- ") {
            is_new = old == "/dev/null";
        } else if let Some(path) = line.strip_prefix("+++ ") {
            let path = path.trim_end_matches('\t');
            let path = path.strip_prefix("b/").expect("a patch of git's").to_owned();
            files.push(FileChange { path, is_new, hunks: Vec::new() });
        } else if line.starts_with("@@ ") {
            let hunk = Hunk { head: line.to_owned(), lines: Vec::new() };
            files.last_mut().expect("a file comes first").hunks.push(hunk);
        } else {
            panic!("`{line}` is no line of a plain patch");
        }
    }
    files
}

/// Whether all lines are there that the head promises.
fn is_whole(hunk: &Hunk) -> bool {
    let [_, old, _, new] = hunk.numbers();
    let count = |mark: [char; 2]| hunk.lines.iter().filter(|line| line.starts_with(mark)).count();
    (count([' ', '-']) as u64, count([' ', '+']) as u64) == (old, new)
}
