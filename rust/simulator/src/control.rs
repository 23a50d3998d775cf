//! The paths that steer the simulator itself; the table is in the crate's documentation.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::esg::Esg;
use crate::message::{Request, Response};
use crate::state::State;

/// The start of every such path.
pub(crate) const PREFIX: &str = "/__simulator/";

/// Answers a request that steers the simulator: 200 with JSON, 204, or 4xx with `{"error": text}`.
pub(crate) fn handle(esg: &mut Esg, request: &Request) -> Response {
    let name = request.path().strip_prefix(PREFIX).unwrap_or_default();
    let done = match (request.method.as_str(), name) {
        ("GET", "state") => return reply(200, esg.state()),
        ("GET", "counts") => return reply(200, esg.log().counts()),
        ("GET", "log") => return reply(200, &esg.log().entries()),
        ("GET", "faults") => return reply(200, &esg.faults),
        ("GET", "chance") => return reply(200, &esg.chance),
        ("PUT", "state") => std::str::from_utf8(&request.body)
            .map_err(|error| error.to_string())
            .and_then(State::from_json)
            .map(|state| esg.replace(state)),
        ("POST", "reset-counts") => {
            esg.reset_log();
            Ok(())
        }
        ("POST", "faults") => parse(&request.body).map(|faults| esg.set_faults(faults)),
        ("POST", "edit") => parse(&request.body).and_then(|edit| esg.edit(&edit)),
        _ => {
            let text = format!("there is no {} {PREFIX}{name}", request.method);
            return reply(404, &json!({"error": text}));
        }
    };
    match done {
        Ok(()) => Response::new(204),
        Err(text) => reply(400, &json!({"error": text})),
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

fn reply(status: u16, value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => Response::new(status).with_body("application/json", body),
        Err(error) => Response::new(500).with_body("text/plain", error.to_string()),
    }
}
