//! What becomes of one hook of git: a file is changed, or moved aside for ours, or put back.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rustix::{
    fs::{CWD, RenameFlags, renameat_with},
    io::Errno,
};

use super::script::{self, BEFORE, Block, Call, Form, Hook, SHEBANG};
use crate::{
    command::setup::{
        change::{Change, Preview},
        file::Found,
    },
    exit::ExitCode,
    failure::Failure,
    terminal::{Keep, Output, escape},
};

/// What becomes of a hook.
#[derive(Debug)]
pub enum Plan {
    /// Its file is changed, made or taken away.
    Change(Change),
    /// What is there is called from now on by a file of ours in its place.
    SetAside(Move, Change),
    /// That is taken back.
    PutBack(Move),
}

/// A file, or a link as it is, gets another name.
#[derive(Debug)]
pub struct Move {
    from: PathBuf,
    to: PathBuf,
}

impl Plan {
    /// The hook with our lines in it.
    ///
    /// # Errors
    /// What is there cannot be read, changed or moved aside.
    pub fn of_setup(path: &Path, hook: Hook, call: &Call<'_>, mode: u32) -> Result<Self, Failure> {
        if Found::is_long(path) {
            return Self::set_aside(path, hook, call, mode);
        }
        let found = Found::look(path)?;
        let Some(text) = &found.content else {
            let ours = made(found, &call.block(hook, Form::File), mode);
            return Ok(Self::Change(ours));
        };
        if let Some(block) = block_in(path, text, hook)? {
            let wanted = block.replaced(text, &call.block(hook, block.form));
            return Ok(Self::Change(change(found, Some(wanted), mode)));
        }
        // Nobody expects that a link leads to something else, or that a hook is called that was not.
        let is_called = call.is_by_husky || found.is_executable() && script::is_for_shell(text);
        if is_called && !found.is_link() {
            let wanted = script::insert(text, &call.block(hook, Form::Lines));
            return Ok(Self::Change(change(found, Some(wanted), mode)));
        }
        Self::set_aside(path, hook, call, mode)
    }

    fn set_aside(path: &Path, hook: Hook, call: &Call<'_>, mode: u32) -> Result<Self, Failure> {
        let aside = Move { from: path.to_owned(), to: before(path) };
        aside.refuse_taken()?;
        Ok(Self::SetAside(aside, made(Found::nothing(path), &call.block(hook, Form::Before), mode)))
    }

    /// The hook without our lines; `None` where they are not.
    ///
    /// # Errors
    /// They cannot be taken away without something else.
    pub fn of_removal(path: &Path, hook: Hook) -> Result<Option<Self>, Failure> {
        // What is no file, leads nowhere or is too long holds nothing of ours.
        if !path.is_file() || Found::is_long(path) {
            return Ok(None);
        }
        let found = Found::look(path)?;
        let Some(text) = &found.content else { return Ok(None) };
        let Some(block) = block_in(path, text, hook)? else { return Ok(None) };
        let rest = block.removed(text);
        let is_all = rest.trim_ascii_end() == SHEBANG.trim_ascii_end().as_bytes();
        let aside = Move { from: before(path), to: path.to_owned() };
        Ok(Some(match block.form {
            Form::Before if !is_all => return Err(not_alone(path)),
            Form::Before if aside.from.symlink_metadata().is_ok() => Self::PutBack(aside),
            // What somebody has linked to is not ours alone any more.
            Form::File | Form::Before if is_all && !found.is_link() => {
                Self::Change(change(found, None, 0))
            }
            Form::Lines | Form::File | Form::Before => Self::Change(change(found, Some(rest), 0)),
        }))
    }

    /// Whether the hook is as it is to be.
    pub fn is_done(&self) -> bool {
        match self {
            Self::Change(change) => change.is_done(),
            Self::SetAside(..) | Self::PutBack(_) => false,
        }
    }

    /// The hook that git does not call although our lines are in it.
    pub fn switched_off(&self) -> Option<&Path> {
        let Self::Change(Change { found, wanted: Some(wanted), .. }) = self else { return None };
        let is_off = found.content.is_some() && !found.is_executable();
        (is_off && script::is_in(wanted)).then_some(&found.path)
    }

    /// A person who has made a file read-only has said that it is to stay as it is.
    ///
    /// # Errors
    /// It is so, and would have to be changed.
    pub fn refuse_read_only(&self) -> Result<(), Failure> {
        match self {
            Self::Change(change) => change.refuse_read_only(),
            Self::SetAside(..) | Self::PutBack(_) => Ok(()),
        }
    }

    /// Says what would happen.
    pub fn show(&self, output: &mut Output) {
        match self {
            Self::Change(change) => change.show(output),
            Self::SetAside(aside, ours) => {
                aside.say(output, "would rename");
                ours.show(output);
            }
            Self::PutBack(back) => back.say(output, "would rename"),
        }
    }

    /// Makes it happen and says so; where it cannot be done whole, what was there is there again.
    ///
    /// # Errors
    /// Something cannot be written or moved.
    pub fn carry_out(&self, output: &mut Output) -> Result<(), Failure> {
        match self {
            Self::Change(change) => change.carry_out(output),
            Self::SetAside(aside, ours) => {
                aside.carry_out(output)?;
                ours.carry_out(output).inspect_err(|_| {
                    // Why it could not be written is what there is to say.
                    let _ =
                        Move { from: aside.to.clone(), to: aside.from.clone() }.carry_out(output);
                })
            }
            Self::PutBack(back) => {
                fs::rename(&back.from, &back.to).map_err(|error| back.cannot(&error))?;
                back.say(output, "renamed");
                Ok(())
            }
        }
    }
}

impl Move {
    fn refuse_taken(&self) -> Result<(), Failure> {
        if self.to.symlink_metadata().is_err() {
            return Ok(());
        }
        let (from, to) = (self.from.display(), self.to.display());
        let message = format!("`{from}` has to be renamed to `{to}`, which is there already");
        Err(Failure::new(ExitCode::Io, message)
            .hint("move one of them away and run the command again; nothing was changed"))
    }

    /// Never over something else: another set-up may have moved it just now.
    fn carry_out(&self, output: &mut Output) -> Result<(), Failure> {
        let (from, to) = (&self.from, &self.to);
        let moved = match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
            // Not every file system can.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                self.refuse_taken()?;
                fs::rename(from, to)
            }
            moved => moved.map_err(io::Error::from),
        };
        moved.map_err(|error| self.cannot(&error))?;
        self.say(output, "renamed");
        Ok(())
    }

    fn cannot(&self, error: &io::Error) -> Failure {
        let (from, to) = (self.from.display(), self.to.display());
        Failure::new(ExitCode::Io, format!("`{from}` cannot be renamed to `{to}`"))
            .caused_by(error)
            .hint("see that its folder can be written to; what was changed before is listed")
    }

    fn say(&self, output: &mut Output, word: &str) {
        let [from, to] = [&self.from, &self.to].map(|path| path.to_string_lossy());
        let [from, to] = [&from, &to].map(|path| escape(path, Keep::Nothing));
        writeln!(output, "{word} {from} to {to}");
    }
}

fn change(found: Found, wanted: Option<Vec<u8>>, new_mode: u32) -> Change {
    Change { found, wanted, new_mode, own_folders: 0, preview: Preview::Lines }
}

fn made(found: Found, block: &str, mode: u32) -> Change {
    change(found, Some(script::insert(SHEBANG.as_bytes(), block)), mode)
}

/// Where a hook is moved that is no script.
fn before(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(BEFORE);
    PathBuf::from(name)
}

fn block_in(path: &Path, text: &[u8], hook: Hook) -> Result<Option<Block>, Failure> {
    script::find(text, hook).map_err(|torn| {
        Failure::new(ExitCode::Settings, format!("`{}` {torn}", path.display()))
            .hint("take the rest of recount's lines out of it by hand; nothing was changed")
    })
}

fn not_alone(path: &Path) -> Failure {
    let message = format!(
        "`{}` holds more than recount's lines, and what was there before cannot be put back",
        path.display()
    );
    Failure::new(ExitCode::Settings, message)
        .hint("take the rest out of it and run the command again; nothing was changed")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const CALL: Call<'_> = Call { program: "/bin/recount", database: None, is_by_husky: false };

    /// A hook that is no script, and the plan to set it aside.
    fn hook(folder: &Path) -> (PathBuf, PathBuf, Plan) {
        let path = folder.join("post-commit");
        fs::write(&path, "#!/usr/bin/perl\n").expect("a new file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is ours");
        let plan = Plan::of_setup(&path, Hook::PostCommit, &CALL, 0o755).expect("it can be");
        (path.clone(), before(&path), plan)
    }

    fn output() -> Output {
        Output::to(Box::new(io::sink()))
    }

    #[test]
    fn what_is_set_aside_comes_back_where_ours_cannot_be_written() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (path, aside, plan) = hook(folder.path());
        let Plan::SetAside(aside_move, _) = plan else { panic!("{plan:?}") };
        // Something that is a file is no folder.
        let nowhere = path.with_file_name("post-commit.before-recount").join("x");
        let ours = made(Found::nothing(&nowhere), "ours", 0o755);
        let failed = Plan::SetAside(aside_move, ours).carry_out(&mut output());
        assert_eq!(failed.expect_err("it is in the way").exit(), ExitCode::Io);
        assert_eq!(fs::read(&path).expect("it is there"), b"#!/usr/bin/perl\n");
        assert!(!aside.exists());
    }

    #[test]
    fn of_two_that_set_aside_at_once_one_does() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (path, aside, plan) = hook(folder.path());
        let other = Plan::of_setup(&path, Hook::PostCommit, &CALL, 0o755).expect("it can be");
        plan.carry_out(&mut output()).expect("it can be");
        let failure = other.carry_out(&mut output()).expect_err("it is there already");
        assert_eq!(failure.exit(), ExitCode::Io);
        assert_eq!(fs::read(&aside).expect("it is there"), b"#!/usr/bin/perl\n");
        assert!(fs::read_to_string(&path).expect("text").contains("recount"));
    }
}
