//! `/search`: the place where a search over everything will be.

use askama::Template;

use super::{Visit, frame::Frame, page};
use crate::{answers::Ask, reply::Refusal};

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    frame: Frame,
}

pub(super) fn visit(visit: Visit) -> Result<Ask, Refusal> {
    visit.parameters.end()?;
    Ok(page(Frame::of(visit.path), |_| Ok(()), |frame, ()| SearchPage { frame }))
}
