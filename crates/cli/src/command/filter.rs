//! Which sessions and which time a command is about.

use clap::Args;
use domain::UnixMs;
use jiff::tz::TimeZone;
use report::SessionFilter;

use super::time;
use crate::failure::Failure;

/// What is left out.
#[derive(Debug, Args)]
pub struct FilterArguments {
    /// Only sessions of this agent
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,

    /// Only sessions in this project: its name, its folder or the end of its path
    #[arg(long, value_name = "NAME|PATH")]
    project: Option<String>,

    /// Only sessions whose last answer is of this model
    #[arg(long, value_name = "NAME")]
    model: Option<String>,

    /// Only sessions that are so, in their agent's own word
    #[arg(long, value_name = "WORD")]
    status: Option<String>,

    #[command(flatten)]
    span: SpanArguments,
}

/// Which time, and where its days begin.
#[derive(Debug, Args)]
pub struct SpanArguments {
    /// From this day or time on, or from so long ago on: `2026-11-20`, `7d`
    #[arg(long, value_name = "TIME")]
    since: Option<String>,

    /// To the end of this day, or before this time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,

    /// The time zone of days [default: this machine's]
    #[arg(long, value_name = "NAME")]
    timezone: Option<String>,
}

impl FilterArguments {
    /// What is asked about, and the time zone of days.
    ///
    /// # Errors
    /// A time or a time zone is none.
    pub fn read(&self, now: UnixMs) -> Result<(SessionFilter, TimeZone), Failure> {
        let ([since, until], zone) = self.span.read(now)?;
        let filter = SessionFilter {
            agent: self.agent.clone(),
            project: self.project.clone(),
            model: self.model.clone(),
            status: self.status.clone(),
            since,
            until,
        };
        Ok((filter, zone))
    }
}

impl SpanArguments {
    /// From when and until when, where that is said, and the time zone of days.
    ///
    /// # Errors
    /// A time or a time zone is none.
    pub fn read(&self, now: UnixMs) -> Result<([Option<UnixMs>; 2], TimeZone), Failure> {
        let zone = time::zone(self.timezone.as_deref())?;
        let since = self.since.as_deref().map(|text| time::since(text, now, &zone));
        let until = self.until.as_deref().map(|text| time::until(text, now, &zone));
        Ok(([since.transpose()?, until.transpose()?], zone))
    }
}
