//! The four steps of the response, in the order in which they help: identify, revert, unblock, investigate.

use super::model::{Report, Response};

/// One step, as every writer heads it.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// The word in `Response::step`.
    pub id: &'static str,
    pub title: &'static str,
    /// What the step is for and what to mind about it, in one or two sentences.
    pub intro: &'static str,
}

/// The steps in order. Unblocking before the configuration is put back would let the attacker go on.
pub const STEPS: [Step; 4] = [
    Step {
        id: "identify",
        title: "Identify",
        intro: "Look before anything is changed, and keep what is seen: these commands only read.",
    },
    Step {
        id: "revert",
        title: "Revert",
        intro: "Remove or switch off what nobody asked for, and put changed settings back as they were.",
    },
    Step {
        id: "unblock",
        title: "Unblock",
        intro: "Only once the configuration is right again. It needs the role Organization Management or \
                Security Administrator, and can take up to an hour to work.",
    },
    Step {
        id: "investigate",
        title: "Investigate",
        intro: "Find out how the account behind the change was taken over, and close every way back in: \
                sessions, credentials, consents and roles of applications as well.",
    },
];

/// The report's responses under each step; a response under any other word comes with the last step.
pub fn grouped(report: &Report) -> Vec<(Step, Vec<&Response>)> {
    let known = |r: &Response| STEPS.iter().any(|s| s.id == r.step);
    let last = STEPS[STEPS.len() - 1].id;
    STEPS
        .iter()
        .map(|step| {
            let responses = report
                .response
                .iter()
                .filter(|r| r.step == step.id || (step.id == last && !known(r)))
                .collect();
            (*step, responses)
        })
        .collect()
}
