//! Standard input of a hook: read to its end, but not more than fits and not for ever.

use std::{
    io::{self, Read},
    os::fd::AsFd,
    time::{Duration, Instant},
};

use super::signals;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
};

/// A hook's input is at most this long.
pub const LIMIT_BYTES: usize = 64 << 20;

/// How much room is made at a time, at first.
const FIRST_CHUNK_BYTES: usize = 16 << 10;

/// At most so much room is made at a time: a pipe gives less, and all of it has to be blank first.
const LONGEST_CHUNK_BYTES: usize = 256 << 10;

/// How an input ended.
#[derive(Debug)]
pub enum End {
    /// The writer closed it.
    Closed,
    /// The writer took too long; what came is here.
    TooSlow,
    /// There was more than is taken in; the rest was never read.
    TooLong,
    /// It could not be read further.
    Failed(io::Error),
}

/// What was read, and how it ended.
#[derive(Debug)]
pub struct Input {
    /// Every byte that was read.
    pub bytes: Vec<u8>,
    /// How it ended.
    pub end: End,
}

/// Reads `input` until it is closed, for at most `timeout`, and at most `limit` bytes.
pub fn read(input: &mut (impl Read + AsFd), limit: usize, timeout: Duration) -> Input {
    let give_up = Instant::now() + timeout;
    let mut bytes = Vec::with_capacity(FIRST_CHUNK_BYTES);
    let end = loop {
        if !wait_until_readable(input, give_up) {
            break End::TooSlow;
        }
        match read_more(input, &mut bytes, limit) {
            Ok(0) => break End::Closed,
            Ok(_) if bytes.len() > limit => {
                bytes.truncate(limit);
                break End::TooLong;
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => break End::Failed(error),
        }
    };
    Input { bytes, end }
}

/// Reads once, at most one byte beyond `limit`, so that the end can be told from more.
fn read_more(input: &mut impl Read, bytes: &mut Vec<u8>, limit: usize) -> io::Result<usize> {
    let filled = bytes.len();
    let chunk = filled.clamp(FIRST_CHUNK_BYTES, LONGEST_CHUNK_BYTES);
    bytes.resize((filled + chunk).min(limit + 1), 0);
    let read = input.read(&mut bytes[filled..]);
    bytes.truncate(filled + read.as_ref().copied().unwrap_or(0));
    read
}

/// Whether something can be read, or the end, before the time is up. What cannot be waited for is
/// read at once.
fn wait_until_readable(input: &impl AsFd, give_up: Instant) -> bool {
    loop {
        let left = give_up.saturating_duration_since(Instant::now());
        let left = if signals::came() { left.min(signals::PATIENCE) } else { left };
        let timeout = Timespec::try_from(left).ok();
        let mut descriptors = [PollFd::new(input, PollFlags::IN)];
        match poll(&mut descriptors, timeout.as_ref()) {
            Ok(0) => return false,
            Err(Errno::INTR) => {}
            Ok(_) | Err(_) => return true,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs::File, io::Write, thread};

    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    #[test]
    fn a_pipe_is_read_to_its_end_in_whatever_pieces_it_comes() -> io::Result<()> {
        let (mut reader, mut writer) = io::pipe()?;
        let sent: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
        let expected = sent.clone();
        let sender =
            thread::spawn(move || sent.chunks(7_001).try_for_each(|piece| writer.write_all(piece)));
        let input = read(&mut reader, LIMIT_BYTES, LONG);
        assert!(matches!(input.end, End::Closed));
        assert!(input.bytes == expected);
        sender.join().expect("it sent")
    }

    #[test]
    fn what_fits_exactly_is_whole_and_one_byte_more_is_too_long() -> io::Result<()> {
        for (length, is_whole) in [(99, true), (100, true), (101, false), (50_000, false)] {
            let (mut reader, mut writer) = io::pipe()?;
            writer.write_all(&vec![7; length])?;
            drop(writer);
            let input = read(&mut reader, 100, LONG);
            assert_eq!(matches!(input.end, End::Closed), is_whole, "{length}");
            assert_eq!(input.bytes.len(), length.min(100));
        }
        Ok(())
    }

    #[test]
    fn a_writer_that_never_ends_is_left_after_the_time_out_with_what_came() -> io::Result<()> {
        let (mut reader, mut writer) = io::pipe()?;
        writer.write_all(b"some")?;
        let input = read(&mut reader, 100, Duration::from_millis(20));
        assert!(matches!(input.end, End::TooSlow));
        assert_eq!(input.bytes, b"some");
        Ok(())
    }

    #[test]
    fn what_cannot_be_read_says_so() -> io::Result<()> {
        let mut folder = File::open("/")?;
        assert!(matches!(read(&mut folder, 100, LONG).end, End::Failed(_)));
        Ok(())
    }
}
