//! The steps of a host while they are gathered: none twice.

use std::collections::BTreeMap;

use super::{Action, Step};

/// Steps in the order in which they came, found again by what they do.
#[derive(Default)]
pub(super) struct Steps {
    list: Vec<Step>,
    at: BTreeMap<(Action, String, String), usize>,
}

/// What makes two steps the same: what they do; for a person, what is asked for and for which vendor.
fn key(step: &Step) -> (Action, String, String) {
    match &step.action {
        Action::Manual { commands, .. } => {
            let action = Action::Manual { commands: commands.clone(), checks: Vec::new() };
            (action, step.title.clone(), step.vendor().to_owned())
        }
        action => (action.clone(), String::new(), String::new()),
    }
}

impl Steps {
    /// The steps of a list, of which more may come.
    pub(super) fn of(list: Vec<Step>) -> Self {
        let mut steps = Steps::default();
        list.into_iter().for_each(|step| steps.add(step));
        steps
    }

    pub(super) fn into_list(self) -> Vec<Step> {
        self.list
    }

    /// Adds a step, or what it is bound to to the step that does the same already.
    pub(super) fn add(&mut self, step: Step) {
        let key = key(&step);
        let Some(known) = self.at.get(&key).and_then(|at| self.list.get_mut(*at)) else {
            self.at.insert(key, self.list.len());
            self.list.push(step);
            return;
        };
        for (known, more) in [(&mut known.evidence, step.evidence), (&mut known.notes, step.notes)] {
            for text in more {
                if !known.contains(&text) {
                    known.push(text);
                }
            }
        }
        if let (Action::Manual { checks, .. }, Action::Manual { checks: more, .. }) =
            (&mut known.action, step.action)
        {
            checks.extend(more);
            checks.sort();
            checks.dedup();
        }
    }
}
