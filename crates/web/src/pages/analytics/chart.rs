//! Bars over time, one on the other: where each stands in the drawing.

use std::{cmp::Reverse, collections::BTreeMap};

use report::usage::UsageFigures;

use super::super::filters::{dollars, shortened};

/// The drawing, in its own units; the page stretches it.
const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 240.0;
/// Room for the words beside and below.
const LEFT: f64 = 64.0;
const BELOW: f64 = 20.0;
const ABOVE: f64 = 8.0;
/// One bar alone is no wall.
const WIDEST: f64 = 48.0;
/// More colours nobody tells apart; what is left over is one series.
const SERIES: usize = 7;
const REST: &str = "others";
/// So many days have room for a word each.
const WORDS: usize = 10;

/// What is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    /// Money, in picodollars.
    Cost,
    /// Tokens.
    Tokens,
}

impl Measure {
    pub const ALL: [Self; 2] = [Self::Cost, Self::Tokens];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cost => "cost",
            Self::Tokens => "tokens",
        }
    }

    /// As much of it as was taken.
    pub fn of(self, figures: &UsageFigures) -> i64 {
        match self {
            Self::Cost => figures.cost.as_ref().map_or(0, |cost| cost.picodollars),
            Self::Tokens => figures.total_tokens,
        }
    }

    fn tell(self, value: i64) -> String {
        match self {
            Self::Cost => dollars(value),
            Self::Tokens => shortened(value),
        }
    }
}

/// A time, and what was taken in it by whom.
pub(super) struct Column {
    pub label: String,
    pub values: Vec<(String, i64)>,
}

/// A drawing.
pub(super) struct Chart {
    pub series: Vec<Series>,
    pub bars: Vec<Bar>,
    pub lines: Vec<Line>,
}

/// What has one colour.
pub(super) struct Series {
    pub name: String,
    pub total: String,
    /// Its place among the colours.
    pub colour: usize,
}

/// One time.
pub(super) struct Bar {
    pub label: String,
    pub total: String,
    pub x: f64,
    pub width: f64,
    /// Whether there is room to name it.
    pub has_word: bool,
    pub pieces: Vec<Piece>,
}

/// What one series took in one time.
pub(super) struct Piece {
    pub series: String,
    pub value: String,
    pub y: f64,
    pub height: f64,
    pub colour: usize,
}

/// A line across, with its value.
pub(super) struct Line {
    pub y: f64,
    pub value: String,
}

impl Chart {
    pub const WIDTH: f64 = WIDTH;
    pub const HEIGHT: f64 = HEIGHT;
    pub const LEFT: f64 = LEFT;

    /// The drawing of some columns, oldest first.
    pub fn of(columns: &[Column], measure: Measure) -> Self {
        let totals = totals(columns);
        let named: Vec<&str> = totals.iter().take(SERIES).map(|(name, _)| *name).collect();
        let colour_of =
            |name: &str| named.iter().position(|known| *known == name).unwrap_or(SERIES);
        let sums: Vec<i64> = columns.iter().map(Column::sum).collect();
        let top = round_up(sums.iter().copied().max().unwrap_or_default());
        let height = HEIGHT - ABOVE - BELOW;
        let scale = |value: i64| if top == 0 { 0.0 } else { ratio(value, top) * height };
        let step = (WIDTH - LEFT) / place(columns.len().max(1));
        let every = columns.len().div_ceil(WORDS).max(1);
        let bar = |(nth, column): (usize, &Column)| {
            let mut y = ABOVE + height;
            let mut pieces = Vec::new();
            for (colour, value) in column.by_colour(colour_of) {
                let height = scale(value);
                y -= height;
                let series = named.get(colour).map_or(REST, |name| name).to_owned();
                pieces.push(Piece { series, value: measure.tell(value), y, height, colour });
            }
            let width = (step * 0.8).min(WIDEST);
            Bar {
                label: column.label.clone(),
                total: measure.tell(column.sum()),
                x: LEFT + step * (place(nth) + 0.5) - width / 2.0,
                width,
                has_word: (columns.len() - 1 - nth).is_multiple_of(every),
                pieces,
            }
        };
        let line = |part: i64| Line {
            y: ABOVE + height - scale(top / 4 * part),
            value: measure.tell(top / 4 * part),
        };
        Self {
            bars: columns.iter().enumerate().map(bar).collect(),
            lines: if top == 0 { Vec::new() } else { (0..=4).map(line).collect() },
            series: series(&totals, measure),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

impl Column {
    fn sum(&self) -> i64 {
        self.values.iter().fold(0, |sum, (_, value)| sum.saturating_add(*value))
    }

    /// What each colour took, of those that took anything.
    fn by_colour(&self, colour_of: impl Fn(&str) -> usize) -> BTreeMap<usize, i64> {
        let mut values = BTreeMap::new();
        for (name, value) in self.values.iter().filter(|(_, value)| *value > 0) {
            let sum: &mut i64 = values.entry(colour_of(name)).or_default();
            *sum = sum.saturating_add(*value);
        }
        values
    }
}

/// What each name took in all columns, the greatest first.
fn totals(columns: &[Column]) -> Vec<(&str, i64)> {
    let mut totals: BTreeMap<&str, i64> = BTreeMap::new();
    for (name, value) in columns.iter().flat_map(|column| &column.values) {
        let sum = totals.entry(name).or_default();
        *sum = sum.saturating_add(*value);
    }
    let mut totals: Vec<_> = totals.into_iter().filter(|(_, total)| *total > 0).collect();
    totals.sort_by_key(|(_, total)| Reverse(*total));
    totals
}

/// The names that have a colour of their own, and all others as one.
fn series(totals: &[(&str, i64)], measure: Measure) -> Vec<Series> {
    let (named, rest) = totals.split_at(totals.len().min(SERIES));
    let rest = rest.iter().fold(0_i64, |sum, (_, value)| sum.saturating_add(*value));
    let rest = (rest > 0).then_some((REST, rest));
    let each = named.iter().copied().chain(rest).enumerate();
    each.map(|(colour, (name, total))| Series {
        name: name.to_owned(),
        total: measure.tell(total),
        colour,
    })
    .collect()
}

/// The next number that four lines divide well: 4, 8, 20, 40, 80, 200 …
fn round_up(most: i64) -> i64 {
    let mut unit = 4_i64;
    while unit < most {
        let next = [unit.checked_mul(2), unit.checked_mul(5), unit.checked_mul(10)];
        match next.into_iter().flatten().find(|next| *next >= most) {
            Some(next) => return next,
            None => match unit.checked_mul(10) {
                Some(next) => unit = next,
                None => return most,
            },
        }
    }
    if most <= 0 { 0 } else { unit }
}

fn ratio(part: i64, whole: i64) -> f64 {
    float(part) / float(whole)
}

fn place(nth: usize) -> f64 {
    float(i64::try_from(nth).unwrap_or(i64::MAX))
}

#[expect(clippy::cast_precision_loss, reason = "a drawing has no more than a thousand points")]
fn float(number: i64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(label: &str, values: &[(&str, i64)]) -> Column {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
        Column { label: label.to_owned(), values }
    }

    #[test]
    fn bars_stand_on_the_ground_and_are_as_high_as_their_sums() {
        let columns = [column("mon", &[("a", 60), ("b", 20)]), column("tue", &[("b", 40)])];
        let chart = Chart::of(&columns, Measure::Tokens);
        let names: Vec<_> = chart.series.iter().map(|series| &*series.name).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(chart.lines.last().map(|line| &*line.value), Some("80"));
        let heights = |bar: &Bar| bar.pieces.iter().map(|piece| piece.height).sum::<f64>();
        let [monday, tuesday] = [&chart.bars[0], &chart.bars[1]].map(heights);
        assert!((monday - 2.0 * tuesday).abs() < 1e-9, "{monday} {tuesday}");
        let ground = chart.lines[0].y;
        for bar in &chart.bars {
            let lowest = &bar.pieces[0];
            assert!((lowest.y + lowest.height - ground).abs() < 1e-9);
        }
    }

    #[test]
    fn what_has_no_colour_of_its_own_is_drawn_together() {
        let names: Vec<String> = (0..20).map(|nth| format!("model {nth:02}")).collect();
        let values = names.iter().zip((1..=20).rev()).map(|(name, value)| (&**name, value));
        let chart = Chart::of(&[column("mon", &values.collect::<Vec<_>>())], Measure::Tokens);
        assert_eq!(chart.series.len(), SERIES + 1);
        assert_eq!((&*chart.series[SERIES].name, &*chart.series[SERIES].total), (REST, "91"));
        assert_eq!(chart.bars[0].pieces.len(), SERIES + 1);
    }

    #[test]
    fn nothing_is_drawn_of_nothing_and_the_greatest_number_fits() {
        assert!(Chart::of(&[], Measure::Cost).is_empty());
        assert!(Chart::of(&[column("mon", &[("a", 0)])], Measure::Cost).is_empty());
        let chart = Chart::of(&[column("mon", &[("a", i64::MAX), ("b", 1)])], Measure::Tokens);
        assert!(chart.bars[0].pieces.iter().all(|piece| piece.y >= 0.0), "it fits");
    }

    #[test]
    fn the_scale_ends_at_a_round_number() {
        let cases =
            [(0, 0), (1, 4), (4, 4), (5, 8), (9, 20), (21, 40), (39, 40), (41, 80), (81, 200)];
        for (most, expected) in cases {
            assert_eq!(round_up(most), expected, "{most}");
        }
        assert_eq!(round_up(i64::MAX), i64::MAX);
    }
}
