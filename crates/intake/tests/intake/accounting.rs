//! What must hold of any input whatever; the fuzz target checks the same.

use std::ops::ControlFlow;

use domain::{Decoded, UnixMs, Unreadable};
use intake::{Origin, decode};

/// Reads an input and checks that no byte of it got lost.
///
/// # Panics
/// If one did.
pub fn account_for_every_byte(input: &[u8]) {
    let (items, rejects, unreadable) = read(input);
    let mut rest = Vec::new();
    let mut end = 0;
    for piece in &unreadable {
        let start = usize::try_from(piece.offset).expect("it is within the input");
        assert!(start >= end, "pieces come in order and do not overlap");
        assert!(!piece.bytes.is_empty() && !piece.reason.is_empty());
        assert_eq!(&input[start..start + piece.bytes.len()], piece.bytes, "exact bytes");
        rest.extend_from_slice(&input[end..start]);
        rest.push(b'\n');
        end = start + piece.bytes.len();
    }
    rest.extend_from_slice(&input[end..]);
    let again = read(&rest);
    assert_eq!(again, (items, rejects, vec![]), "what is left is envelopes and blanks");
}

/// The items and the rejects of an input as text, and its unreadable pieces.
fn read(input: &[u8]) -> (Vec<String>, Vec<String>, Vec<Unreadable>) {
    let origin = Origin { agent: None, received_at: UnixMs::EPOCH };
    let (mut items, mut rejects, mut unreadable) = (Vec::new(), Vec::new(), Vec::new());
    let flow = decode(&mut &*input, &origin, &mut |decoded| {
        match decoded {
            Decoded::Items(batch) => items.extend(batch.items.iter().map(|i| format!("{i:?}"))),
            Decoded::Rejected(reject) => rejects.push(format!("{reject:?}")),
            Decoded::Unreadable(piece) => unreadable.push(piece),
        }
        ControlFlow::Continue(())
    });
    assert!(matches!(flow, Ok(ControlFlow::Continue(()))), "reading from memory does not fail");
    (items, rejects, unreadable)
}
