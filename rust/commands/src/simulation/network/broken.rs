//! What code that is broken on purpose sends and believes.

use super::World;
use crate::simulation::ledger::item_of;
use crate::simulation::sabotage::Sabotage;
use esgsync_simulator::{Request as Asked, Response as Answer};
use esgsync_targets::transport::Response;
use serde_json::Value;

impl World {
    /// What broken code would have sent.
    pub(super) fn spoil(&mut self, asked: &mut Asked) {
        if asked.method != "PATCH" || self.sabotage == Sabotage::None {
            return;
        }
        let Some(id) = item_of(asked) else { return };
        let Ok(mut body) = serde_json::from_slice::<Value>(&asked.body) else { return };
        let Some(list) = body["emailAddresses"].as_array_mut() else { return };
        match self.sabotage {
            Sabotage::ForgetsForeignAddress => {
                let adds = self.ledger.planned.updates.get(&id).map(|update| update.adds.clone()).unwrap_or_default();
                let own =
                    |element: &Value| !adds.contains(&element["address"].as_str().unwrap_or_default().to_lowercase());
                if let Some(at) = list.iter().rposition(own).filter(|at| *at > 0) {
                    list.remove(at);
                }
            }
            Sabotage::DropsUnknownMembers => {
                list.iter_mut().filter_map(Value::as_object_mut).for_each(|element| drop(element.remove("source")));
            }
            Sabotage::AddsWhatNobodyPlanned => {
                list.push(serde_json::json!({"address": "evil@corp.example", "active": true, "primary": false}));
            }
            _ => return,
        }
        asked.body = body.to_string().into_bytes();
    }

    /// The user has already what the plan is about to bring.
    pub(super) fn pretend(&self, id: u64, answer: &mut Answer) {
        let Ok(mut user) = serde_json::from_slice::<Value>(&answer.body) else { return };
        let Some(list) = user["emailAddresses"].as_array_mut() else { return };
        let adds = self.ledger.planned.updates.get(&id).map(|update| &update.adds);
        for address in adds.into_iter().flatten() {
            list.push(serde_json::json!({"address": address, "active": true, "primary": false}));
        }
        answer.body = user.to_string().into_bytes();
    }

    /// What broken code would not have asked the appliance for.
    pub(super) fn old_answer(&mut self, asked: &Asked) -> Option<Response> {
        let id = item_of(asked).filter(|_| asked.method == "GET")?;
        match self.sabotage {
            Sabotage::KeepsOldReads => self.old_reads.get(&id).cloned(),
            Sabotage::TrustsThePlan if self.patched.contains(&id) || !self.ledger.planned.updates.contains_key(&id) => {
                let person = self.esg.state().user(id).is_some_and(|user| user.role != self.switches.functional_role);
                person.then(|| {
                    let answer = self.esg.handle(asked);
                    self.deliver(answer)
                })
            }
            _ => None,
        }
    }
}

/// A list without its last user, whose total says that it is whole.
pub(super) fn believe(answer: &mut Answer) {
    let Ok(mut page) = serde_json::from_slice::<Value>(&answer.body) else { return };
    let count = |page: &Value, name: &str| page.get(name).and_then(Value::as_u64);
    let (total, size) = (count(&page, "totalItems"), count(&page, "itemsPerPage"));
    if let (Some(total), Some(size), Some(Value::Array(items))) = (total, size, page.pointer_mut("/_embedded/item"))
        && total <= size
        && items.pop().is_some()
    {
        page["totalItems"] = (total - 1).into();
        answer.body = page.to_string().into_bytes();
    }
}

/// A list whose users have no aliases.
pub(super) fn forget_aliases(answer: &mut Answer) {
    let Ok(mut page) = serde_json::from_slice::<Value>(&answer.body) else { return };
    let Some(Value::Array(items)) = page.pointer_mut("/_embedded/item") else { return };
    for list in items.iter_mut().filter_map(|item| item["emailAddresses"].as_array_mut()) {
        list.retain(|element| element["primary"] == true);
    }
    answer.body = page.to_string().into_bytes();
}
