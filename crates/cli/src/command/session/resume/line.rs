//! The call of an agent: in its folder, in place of this process, or printed for a shell.

use std::{
    ffi::{OsStr, OsString},
    fmt::Write,
    os::unix::{ffi::OsStrExt, process::CommandExt},
    path::PathBuf,
    process::Command,
};

use rustix::{fs::Mode, process::umask};

use crate::{exit::ExitCode, failure::Failure, terminal::is_active};

/// What a shell takes for nothing but itself.
const PLAIN: &str = "/._-:@%+,";

/// One call of an agent.
#[derive(Debug)]
pub struct Line {
    /// Where.
    pub folder: PathBuf,
    /// What, by its absolute path.
    pub program: PathBuf,
    /// With what.
    pub arguments: Vec<OsString>,
}

impl Line {
    /// Replaces this process by it. Nothing of ours may be left undone.
    ///
    /// # Errors
    /// Always, as success does not return.
    pub fn execute(&self, mask: u32) -> Failure {
        // What the agent makes is for whom the person wants it to be for.
        umask(Mode::from_raw_mode(mask));
        let error = Command::new(&self.program)
            .args(&self.arguments)
            .current_dir(&self.folder)
            .env("PWD", &self.folder)
            .exec();
        let (program, folder) = (self.program.display(), self.folder.display());
        Failure::new(ExitCode::Io, format!("`{program}` cannot be started in `{folder}`"))
            .caused_by(&error)
    }

    /// The same for a POSIX shell: whatever a word holds, it stays one word, and nothing in it acts
    /// on a terminal.
    pub fn for_shell(&self) -> String {
        let mut line = format!("cd -- {} &&", quoted(self.folder.as_os_str()));
        for word in [self.program.as_os_str()].into_iter().chain(self.words()) {
            let _ = write!(line, " {}", quoted(word));
        }
        line
    }

    fn words(&self) -> impl Iterator<Item = &OsStr> {
        self.arguments.iter().map(OsString::as_os_str)
    }
}

fn quoted(word: &OsStr) -> String {
    let is_plain = |sign: char| sign.is_ascii_alphanumeric() || PLAIN.contains(sign);
    match word.to_str() {
        Some(text) if !text.is_empty() && text.chars().all(is_plain) => text.to_owned(),
        Some(text) if !text.chars().any(is_active) => {
            format!("'{}'", text.replace('\'', r"'\''"))
        }
        Some(_) | None => by_printf(word.as_bytes()),
    }
}

/// As the shell's own `printf` makes it. Line ends at the end stand by themselves, as a shell takes
/// them away from what a command prints.
fn by_printf(bytes: &[u8]) -> String {
    let end = bytes.iter().rposition(|&byte| byte != b'\n').map_or(0, |last| last + 1);
    let (body, line_ends) = bytes.split_at(end);
    let mut word = String::from(r#""$(printf '"#);
    for &byte in body {
        if byte.is_ascii_alphanumeric() || b"/._- ".contains(&byte) {
            word.push(char::from(byte));
        } else {
            let _ = write!(word, r"\{byte:03o}");
        }
    }
    word.push_str(r#"')""#);
    if !line_ends.is_empty() {
        let _ = write!(word, "'{}'", "\n".repeat(line_ends.len()));
    }
    word
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt;

    use super::*;

    #[test]
    fn a_shell_reads_every_word_as_it_was() {
        let words: [&[u8]; 16] = [
            b"plain",
            b"",
            b" two  words ",
            b"it's \"quoted\" \\ $HOME `x` $(x) !",
            b"-n",
            b"*",
            b"~",
            b"a=b;c&d|e>f<g#h",
            b"line\nend",
            b"ends\n\n",
            b"\n",
            b"\x1b]0;title\x07\r\t%s %% \\n",
            "\u{202e}grüße 日本".as_bytes(),
            b"\xff\xfe no text",
            b"--",
            b"{a,b}",
        ];
        for shell in ["/bin/sh", "/bin/bash"] {
            if !std::path::Path::new(shell).exists() {
                continue;
            }
            for word in words {
                let quoted = quoted(OsStr::from_bytes(word));
                assert!(!quoted.contains(|sign| is_active(sign) && sign != '\n'), "{quoted:?}");
                let script = format!("for word in {quoted}; do printf '<%s>' \"$word\"; done");
                let output = Command::new(shell).arg("-c").arg(script).output();
                let output = output.expect("there is a shell");
                let expected = [b"<", word, b">"].concat();
                assert_eq!(
                    OsString::from_vec(output.stdout),
                    OsString::from_vec(expected),
                    "{shell}: {quoted}"
                );
            }
        }
    }
}
