//! When work is done, as a table that shows more by being darker.

use std::collections::HashMap;

use report::{
    Amount,
    overall::activity::{Activity, HourOfWeek},
};

const DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// How many steps from light to dark there are beside nothing.
const STEPS: i64 = 5;

/// A day of the week.
pub(super) struct Day {
    pub name: &'static str,
    pub hours: Vec<Hour>,
}

/// One hour of it.
pub(super) struct Hour {
    pub begins: usize,
    pub messages: i64,
    pub cost: Option<Amount>,
    /// How dark it is.
    pub heat: i64,
}

/// The days, Monday first, each with all its hours.
pub(super) fn days(activity: &Activity) -> Vec<Day> {
    let most = activity.summary.most_messages;
    let busy: HashMap<_, _> =
        activity.details.iter().map(|hour| ((hour.weekday, hour.hour), hour)).collect();
    let hour = |weekday, hour| {
        let busy: Option<&&HourOfWeek> = busy.get(&(weekday, hour));
        let messages = busy.map_or(0, |busy| busy.messages);
        Hour {
            begins: hour,
            messages,
            cost: busy.and_then(|busy| busy.cost.clone()),
            heat: heat(messages, most),
        }
    };
    let day = |(place, name): (usize, &'static str)| Day {
        name,
        hours: (0..24).map(|of_day| hour(place + 1, of_day)).collect(),
    };
    DAYS.into_iter().enumerate().map(day).collect()
}

/// From nothing to the most.
fn heat(messages: i64, most: i64) -> i64 {
    let share = i128::from(messages.max(0)) * i128::from(STEPS);
    let steps = if most <= 0 { 0 } else { (share + i128::from(most) - 1) / i128::from(most) };
    i64::try_from(steps).unwrap_or(STEPS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anything_is_darker_than_nothing_and_the_most_is_darkest() {
        let cases =
            [(0, 100, 0), (1, 100, 1), (20, 100, 1), (21, 100, 2), (100, 100, 5), (0, 0, 0)];
        for (messages, most, expected) in cases {
            assert_eq!(heat(messages, most), expected, "{messages} of {most}");
        }
    }
}
