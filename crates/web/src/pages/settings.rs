//! `/settings`: how the record is kept, and how it is.

use askama::Template;
use jiff::tz::TimeZone;
use report::{
    health::{Finding, Verdict},
    installation::{Installation, KnownPrice},
};

use super::{Visit, filters, frame::Frame, page};
use crate::{Around, answers::Ask, reply::Refusal};

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    frame: Frame,
    zone: TimeZone,
    /// When it was looked.
    now: Option<i64>,
    installation: Installation,
}

pub(super) fn visit(visit: Visit) -> Result<Ask, Refusal> {
    let Visit { path, parameters, now, zone, installation, .. } = visit;
    parameters.end()?;
    let now = Some(now.get());
    let show = move |frame, look: Around| SettingsPage { frame, zone, now, installation: look() };
    Ok(page(Frame::live(path), move |source| installation(source), show))
}

impl SettingsPage {
    /// The findings, the worst first.
    fn findings(&self) -> Vec<&Finding> {
        let mut findings: Vec<_> = self.installation.health.findings.iter().collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.verdict));
        findings
    }

    /// How the record is altogether.
    fn verdict(&self) -> &'static str {
        match self.installation.health.verdict {
            Verdict::Good | Verdict::NotSetUp => "All that was looked at is as it should be.",
            Verdict::Warning => "There is something to look at; nothing is lost by it.",
            Verdict::Failure => "Something does not work.",
        }
    }

    /// The style of a finding.
    fn style(finding: &Finding) -> &'static str {
        match finding.verdict {
            Verdict::NotSetUp => "faint",
            Verdict::Good => "good",
            Verdict::Warning => "warning",
            Verdict::Failure => "bad",
        }
    }

    /// What a price says, in the order of the table.
    fn rates(price: &KnownPrice) -> [Option<&str>; 5] {
        let KnownPrice { input, output, cache_read, cache_write, cache_write_1h, .. } = price;
        [input, output, cache_read, cache_write, cache_write_1h].map(Option::as_deref)
    }

    /// When a price holds.
    fn days(price: &KnownPrice) -> String {
        match (&price.from, &price.until) {
            (None, None) => "always".to_owned(),
            (Some(from), None) => format!("from {from}"),
            (None, Some(until)) => format!("before {until}"),
            (Some(from), Some(until)) => format!("from {from}, before {until}"),
        }
    }
}
