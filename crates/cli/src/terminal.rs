//! What goes to standard output and to people's terminals.
//!
//! Texts of a record are foreign: an agent may have been talked into writing what moves the
//! cursor, retitles the window or reverses the line. They pass through [`escape`].

use std::{
    fmt,
    io::{self, BufWriter, IsTerminal, Write},
    process::{Child, Command, Stdio},
    sync::{Arc, atomic::AtomicBool},
};

use anstyle::Style;
use domain::UnixMs;
use report::json;
pub use report::{
    dollars,
    json::is_active,
    plain::{Keep, escape},
    times::{absolute_time, exact_time},
};
use serde_json::Value;

use crate::{environment::Environment, exit::ExitCode, failure::Failure};

/// `1 file`, `2 files`.
pub fn counted(count: u64, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}

/// Standard output: buffered, with colours only where a person sees them.
///
/// Writing cannot fail: the first error ends the output, everything after it is dropped, and
/// [`Output::finish`] tells. A reader that goes away (`recount session list | head -1`) is no
/// error.
pub struct Output {
    writer: BufWriter<Box<dyn Write>>,
    colours: bool,
    ended: Option<io::Error>,
    is_terminal: bool,
    pager: Option<Child>,
}

impl Output {
    /// The process's standard output.
    pub fn stdout(environment: &Environment) -> Self {
        let stdout = io::stdout().lock();
        let is_terminal = stdout.is_terminal();
        let colours = environment.colours && is_terminal;
        Self { is_terminal, ..Self::new(Box::new(stdout), colours) }
    }

    /// Something else that is read as a terminal would show it, without colours.
    pub fn to(writer: Box<dyn Write>) -> Self {
        Self::new(writer, false)
    }

    fn new(writer: Box<dyn Write>, colours: bool) -> Self {
        let writer = BufWriter::new(writer);
        Self { writer, colours, ended: None, is_terminal: false, pager: None }
    }

    /// Hands what follows to a pager, where a person sees it; the lease must not be held. Where the
    /// pager cannot be started, it is printed as it is.
    pub fn page(&mut self, pager: Option<Command>) {
        let Some(mut pager) = pager.filter(|_| self.is_terminal && self.pager.is_none()) else {
            return;
        };
        self.unless_ended(Write::flush);
        let Ok(mut child) = pager.stdin(Stdio::piped()).spawn() else { return };
        // What a person interrupts is the pager's business; it takes the terminal back by itself.
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGQUIT] {
            let _ = signal_hook::flag::register(signal, Arc::new(AtomicBool::new(false)));
        }
        if let Some(stdin) = child.stdin.take() {
            self.writer = BufWriter::new(Box::new(stdin));
        }
        self.pager = Some(child);
    }

    /// The style where colours are shown, else the plain one.
    pub fn style(&self, style: Style) -> Style {
        if self.colours { style } else { Style::new() }
    }

    /// What `write!` and `writeln!` call.
    pub fn write_fmt(&mut self, text: fmt::Arguments<'_>) {
        self.unless_ended(|writer| writer.write_fmt(text));
    }

    /// A JSON value on one line.
    pub fn write_json(&mut self, value: &Value) {
        writeln!(self, "{}", json::line(value));
    }

    /// A JSON value on as many lines as make it readable.
    pub fn write_json_pretty(&mut self, value: &Value) {
        writeln!(self, "{}", json::pretty(value));
    }

    /// Bytes that need not be text.
    pub fn write_bytes(&mut self, bytes: &[u8]) {
        self.unless_ended(|writer| writer.write_all(bytes));
    }

    /// Whether nobody gets any more of it, so that the rest may be left unwritten.
    pub fn has_ended(&self) -> bool {
        self.ended.is_some()
    }

    /// Hands on what is buffered.
    ///
    /// # Errors
    /// Something could not be written, for another reason than that the reader has gone.
    pub fn finish(&mut self) -> Result<(), Failure> {
        self.unless_ended(Write::flush);
        if let Some(mut pager) = self.pager.take() {
            // It goes on until it has read the end, and for as long as a person reads.
            self.writer = BufWriter::new(Box::new(io::sink()));
            let _ = pager.wait();
        }
        match self.ended.take() {
            Some(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Failure::new(ExitCode::Io, "standard output cannot be written")
                    .caused_by(&error))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn unless_ended(
        &mut self,
        write: impl FnOnce(&mut BufWriter<Box<dyn Write>>) -> io::Result<()>,
    ) {
        if self.ended.is_none() {
            self.ended = write(&mut self.writer).err();
        }
    }
}

/// How many columns the terminal has; `None` where standard output is none.
pub fn width_columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|&columns| columns > 0)
}

/// `3 minutes ago`, `in 2 hours`, `just now`.
pub fn relative_time(time: UnixMs, now: UnixMs) -> String {
    const UNITS: [(u64, &str); 6] = [
        (365 * 86_400_000, "year"),
        (30 * 86_400_000, "month"),
        (86_400_000, "day"),
        (3_600_000, "hour"),
        (60_000, "minute"),
        (1_000, "second"),
    ];
    let distance_ms = time.get().abs_diff(now.get());
    let Some((unit_ms, unit)) = UNITS.into_iter().find(|(unit_ms, _)| distance_ms >= *unit_ms)
    else {
        return "just now".to_owned();
    };
    let count = distance_ms / unit_ms;
    let plural = if count == 1 { "" } else { "s" };
    if time < now {
        format!("{count} {unit}{plural} ago")
    } else {
        format!("in {count} {unit}{plural}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_is_no_plural() {
        assert_eq!((counted(1, "file"), counted(0, "file")), ("1 file".into(), "0 files".into()));
    }

    struct Refusing(io::ErrorKind);

    impl Write for Refusing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(self.0.into())
        }
    }

    #[test]
    fn a_reader_that_has_gone_is_no_failure_and_a_full_disk_is() {
        let cases = [(io::ErrorKind::BrokenPipe, true), (io::ErrorKind::StorageFull, false)];
        for (kind, expected) in cases {
            let mut output = Output::new(Box::new(Refusing(kind)), false);
            for _ in 0..10_000 {
                writeln!(output, "a line of a long list");
            }
            assert!(output.has_ended(), "{kind:?}");
            assert_eq!(output.finish().is_ok(), expected, "{kind:?}");
        }
    }

    #[test]
    fn a_style_is_plain_where_nobody_sees_it() {
        let bold = Style::new().bold();
        let styled = |colours| Output::new(Box::new(io::sink()), colours).style(bold);
        assert_eq!((styled(true), styled(false)), (bold, Style::new()));
    }

    fn at(milliseconds: i64) -> UnixMs {
        UnixMs::new(milliseconds).expect("not negative")
    }

    #[test]
    fn a_distance_is_told_in_its_greatest_unit() {
        let now = 1_795_168_018_979;
        let cases = [
            (now, "just now"),
            (now - 999, "just now"),
            (now - 1_000, "1 second ago"),
            (now - 119_999, "1 minute ago"),
            (now - 7_200_000, "2 hours ago"),
            (now + 7_200_000, "in 2 hours"),
            (now - 45 * 86_400_000, "1 month ago"),
            (0, "56 years ago"),
            (i64::MAX, "in 292471151 years"),
        ];
        for (time, expected) in cases {
            assert_eq!(relative_time(at(time), at(now)), expected, "{time}");
        }
    }
}
