//! How two versions of one row become one.
//!
//! Every field of a row is a join: commutative, associative and idempotent, so any order of the
//! same events, delivered any number of times, gives the same row.

use crate::UnixMs;

/// A value that two sources may both speak of.
pub trait Join {
    /// The value that both versions together give.
    #[must_use]
    fn join(self, other: Self) -> Self;
}

/// When a value was seen, and whether it can still change. The greater stamp wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    /// The thing had ended when it was seen. Only for things that end once.
    pub is_final: bool,
    /// When this snapshot was seen.
    pub observed_at: UnixMs,
}

/// A value with its stamp. Of two equal stamps the greater value wins, so the order is total.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamped<T> {
    /// When it was seen.
    pub stamp: Stamp,
    /// What was seen.
    pub value: T,
}

/// What a source says of one field; `None` says nothing and so erases nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field<T>(Option<Stamped<T>>);

impl<T> Field<T> {
    /// A source that says nothing.
    pub const fn absent() -> Self {
        Self(None)
    }

    /// What a source says, or nothing.
    pub fn new(stamp: Stamp, value: Option<T>) -> Self {
        Self(value.map(|value| Stamped { stamp, value }))
    }

    /// The value, where any source has spoken.
    pub fn value(&self) -> Option<&T> {
        self.0.as_ref().map(|stamped| &stamped.value)
    }

    /// The stamp of the value.
    pub fn stamp(&self) -> Option<Stamp> {
        self.0.as_ref().map(|stamped| stamped.stamp)
    }
}

impl<T> Default for Field<T> {
    fn default() -> Self {
        Self::absent()
    }
}

impl<T: Ord> Join for Field<T> {
    fn join(self, other: Self) -> Self {
        Self(self.0.max(other.0))
    }
}

/// The earliest time that any source gave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Earliest(pub Option<UnixMs>);

impl Join for Earliest {
    fn join(self, other: Self) -> Self {
        Self(self.0.into_iter().chain(other.0).min())
    }
}

/// The latest time that any source gave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Latest(pub Option<UnixMs>);

impl Join for Latest {
    fn join(self, other: Self) -> Self {
        Self(self.0.max(other.0))
    }
}

/// First and last receipt of a thing that bears no time of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Receipts {
    /// The first.
    pub first: Earliest,
    /// The last.
    pub last: Latest,
}

impl Receipts {
    /// One receipt.
    pub fn at(received_at: UnixMs) -> Self {
        Self { first: Earliest(Some(received_at)), last: Latest(Some(received_at)) }
    }
}

impl Join for Receipts {
    fn join(self, other: Self) -> Self {
        Self { first: self.first.join(other.first), last: self.last.join(other.last) }
    }
}

/// A row that several events may tell of, found by its natural key.
pub trait Versioned: Clone + PartialEq + Join {
    /// The natural key.
    type Key: Clone + Ord;

    /// The natural key of this row.
    fn key(&self) -> Self::Key;

    /// Whether both versions say the same of the thing, whatever they say of its delivery.
    fn says_same(&self, other: &Self) -> bool {
        self == other
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn field() -> impl Strategy<Value = Field<u8>> {
        prop::option::of((any::<bool>(), 0_i64..4, 0_u8..4)).prop_map(|spoken| match spoken {
            None => Field::absent(),
            Some((is_final, ms, value)) => {
                let observed_at = UnixMs::new(ms).expect("not negative");
                Field::new(Stamp { is_final, observed_at }, Some(value))
            }
        })
    }

    fn receipts() -> impl Strategy<Value = Receipts> {
        (0_i64..4, 0_i64..4).prop_map(|(a, b)| {
            let at = |ms| Receipts::at(UnixMs::new(ms).expect("not negative"));
            at(a).join(at(b))
        })
    }

    fn is_a_join<T: Join + Clone + PartialEq + std::fmt::Debug>(a: &T, b: &T, c: &T) {
        let join = |x: &T, y: &T| x.clone().join(y.clone());
        assert_eq!(join(a, b), join(b, a), "commutative");
        assert_eq!(join(&join(a, b), c), join(a, &join(b, c)), "associative");
        assert_eq!(join(a, a), *a, "idempotent");
    }

    proptest! {
        #[test]
        fn fields_and_times_are_joins(a in field(), b in field(), c in field(), x in receipts(), y in receipts(), z in receipts()) {
            is_a_join(&a, &b, &c);
            is_a_join(&x, &y, &z);
        }
    }

    #[test]
    fn an_absent_field_erases_nothing_and_a_final_one_yields_only_to_a_later_final_one() {
        let at = |is_final, ms, value| {
            let observed_at = UnixMs::new(ms).expect("not negative");
            Field::new(Stamp { is_final, observed_at }, Some(value))
        };
        let cases = [
            ("absent", Field::absent(), at(false, 1, 'b'), 'b'),
            ("older", at(false, 2, 'a'), at(false, 1, 'b'), 'a'),
            ("newer", at(false, 2, 'a'), at(false, 3, 'b'), 'b'),
            ("final beats newer", at(true, 2, 'a'), at(false, 3, 'b'), 'a'),
            ("newer final", at(true, 2, 'a'), at(true, 3, 'b'), 'b'),
            ("same stamp", at(false, 2, 'a'), at(false, 2, 'b'), 'b'),
        ];
        for (name, a, b, expected) in cases {
            assert_eq!(a.join(b).value(), Some(&expected), "{name}");
        }
    }
}
