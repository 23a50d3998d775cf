//! What can happen to one exchange.

use super::dice::{Dice, Place, one_in, pick};
use esgsync_simulator::Request;
use fastrand::Rng;
use std::time::Duration;

/// How a server says when to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hint {
    Seconds(u64),
    Date(u64),
    Nothing,
}

/// What happens to one exchange. `After` means that the appliance has done what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Clean,
    NotSent,
    LostBefore,
    LostAfter,
    /// No answer in time; the appliance never heard of it.
    TimeoutBefore,
    TimeoutAfter,
    /// It takes that long to arrive: longer than the caller waits, where it is more than the timeout.
    SlowBefore(Duration),
    SlowAfter(Duration),
    Throttled(Hint),
    BusyBefore(Hint),
    BusyAfter,
    GatewayBefore(u16),
    GatewayAfter(u16),
    ErrorBefore,
    ErrorAfter,
    CutBody,
    BrokenTransfer,
    Endless,
    /// Somebody else's page, with 200.
    Portal,
    Redirect,
    /// All tokens end before it arrives.
    TokensEnd,
    Forbidden,
    /// The answer is about another user.
    OtherUser,
    /// It says yes and does nothing.
    Ignored,
    EmptyAnswer,
    Refused(u16),
    HtmlNotFound,
}

impl Fate {
    /// Name in the table.
    pub fn name(self) -> String {
        match self {
            Self::SlowBefore(_) => "SlowBefore".into(),
            Self::SlowAfter(_) => "SlowAfter".into(),
            Self::Throttled(hint) => format!("Throttled, {}", hint.name()),
            Self::BusyBefore(hint) => format!("BusyBefore, {}", hint.name()),
            other => format!("{other:?}"),
        }
    }

    fn draw(rng: &mut Rng, writes: bool, item: bool) -> Self {
        let hint = |rng: &mut Rng| match rng.u8(..8) {
            0 => Hint::Seconds(7200),
            1 | 2 => Hint::Seconds(rng.u64(0..40)),
            3 | 4 => Hint::Date(rng.u64(1..40)),
            _ => Hint::Nothing,
        };
        let seconds = |rng: &mut Rng| Duration::from_millis(rng.u64(1_000..35_000));
        match rng.u8(..if writes { 32 } else { 26 }) {
            0 => Self::NotSent,
            1 | 2 => Self::LostBefore,
            3 | 4 => Self::LostAfter,
            5 => Self::TimeoutBefore,
            6 => Self::TimeoutAfter,
            7 => Self::SlowBefore(seconds(rng)),
            8 => Self::SlowAfter(seconds(rng)),
            9 | 10 => Self::Throttled(hint(rng)),
            11 => Self::BusyBefore(hint(rng)),
            12 => Self::BusyAfter,
            13 => Self::GatewayBefore(pick(rng, &[502, 504])),
            14 => Self::GatewayAfter(pick(rng, &[502, 504])),
            15 => Self::ErrorBefore,
            16 => Self::ErrorAfter,
            17 => Self::CutBody,
            18 => Self::BrokenTransfer,
            19 => Self::Endless,
            20 => Self::Portal,
            21 => Self::Redirect,
            22 => Self::TokensEnd,
            23 => Self::Forbidden,
            24 if item => Self::OtherUser,
            24 => Self::EmptyAnswer,
            25 => Self::HtmlNotFound,
            26 | 27 => Self::Ignored,
            28 | 29 => Self::Refused(pick(rng, &[400, 409, 422])),
            30 => Self::LostAfter,
            _ => Self::TimeoutAfter,
        }
    }
}

impl Hint {
    fn name(self) -> &'static str {
        match self {
            Self::Seconds(seconds) if seconds > 3600 => "too long",
            Self::Seconds(_) => "seconds",
            Self::Date(_) => "date",
            Self::Nothing => "no hint",
        }
    }
}

/// The way of one exchange: its fate, and how long it is on its way there and back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    pub fate: Fate,
    pub there: Duration,
    pub back: Duration,
}

impl Way {
    /// Chance draws it; `storm` is how rarely something happens, none in a quiet phase.
    pub fn draw(dice: &Dice, place: Place, storm: Option<u32>, request: &Request) -> Self {
        let mut rng = dice.at(place);
        let there = Duration::from_millis(rng.u64(1..120));
        let back = Duration::from_millis(rng.u64(1..120));
        let mut way = Self { fate: Fate::Clean, there, back };
        let Some(times) = storm.filter(|_| !dice.leaves_out(place)) else { return way };
        if one_in(&mut rng, times) {
            let writes = matches!(request.method.as_str(), "PATCH" | "DELETE");
            let item = request.path().starts_with("/api/v2/user/") && request.method != "DELETE";
            way.fate = Fate::draw(&mut rng, writes, item);
            match way.fate {
                Fate::SlowBefore(time) => way.there = time,
                Fate::SlowAfter(time) => way.back = time,
                _ => {}
            }
        }
        way
    }
}
