//! What goes in: one JSON object, written once, into bytes that the guest's memory takes.

use serde::Serialize;
use serde_json::Value;
use wardian_machine::{Event, Question, Wanted};

use crate::GuardError;
use crate::section::Section;

#[derive(Serialize)]
struct Request<'a, C> {
    context: &'a C,
    #[serde(skip_serializing_if = "Option::is_none")]
    guard: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    params: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<&'a Event>,
}

/// Guards get what they ask for; actions, assigns and services get everything.
pub(crate) fn request<C: Serialize>(
    question: &Question<'_, C>,
    section: &Section,
) -> Result<Vec<u8>, GuardError> {
    let all = question.wanted != Wanted::Verdict;
    let request = Request {
        context: question.context,
        guard: section.wants_guard.then_some(question.name),
        params: (all || section.wants_params).then_some(question.params),
        event: (all || section.wants_event).then_some(question.event),
    };
    serde_json::to_vec(&request).map_err(|error| GuardError::Request(error.to_string()))
}
