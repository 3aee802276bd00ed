//! Exit codes: the part of the interface that scripts and agents read.

/// How a command ended.
///
/// 2 is not among them: some agents read it as "block what the user is doing".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// Done; under `hooks`: all that was given is stored, spooled or kept in rejects.
    Ok = 0,
    /// What was asked for is not there, or a check failed.
    NotFound = 1,
    /// The command line is not one of ours.
    Usage = 64,
    /// At least one piece of the input could not be read; it is kept, and the rest is safe.
    Unreadable = 65,
    /// Reading or writing failed; under `hooks`: something is not safe.
    Io = 74,
    /// The lease was not had in time.
    Busy = 75,
    /// The settings are wrong, or the database's schema is newer than this program.
    Settings = 78,
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}
