//! What follows one exchange: one pure function (design 8).
//!
//! It knows no HTTP library, no clock and no random source: elapsed time, jitter and the server's hint come in as values.

use std::time::Duration;

/// What a call is for; this decides what may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Reads: may be repeated at any time.
    Read,
    /// Changes something (PATCH, DELETE): never repeated here. Its body came from a read that is old by the time of a repetition.
    Write,
    /// Logs in: no write (rule 45), but a refusal is final, for 401 is also the answer to throttling (findings 8.9).
    Login,
}

/// How one exchange ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The API answered with this status and, where it has one, a body that could be read.
    Answer(u16),
    /// Something answered that is not the API: a proxy's page, a redirect.
    Foreign(u16),
    /// The answer of the API is cut or broken.
    Garbled,
    /// The request may have reached the server, the answer never came.
    Lost,
    /// The request was certainly not sent; the next one may be.
    NotSent,
    /// It fails each time: certificate, proxy, size. The flag says that the request was certainly not sent.
    Hopeless {
        /// Certainly not sent.
        unsent: bool,
    },
}

/// What happened to this call so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct History {
    /// Number of the attempt that just ended, from 1.
    pub attempt: u32,
    /// Time since the first attempt began.
    pub elapsed: Duration,
    /// A new login was made for this call, or none is possible.
    pub logged_in: bool,
}

/// How long to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most attempts of one read.
    pub attempts: u32,
    /// Most attempts when nothing could be sent: an unreachable host is to be an error soon.
    pub unsent_attempts: u32,
    /// Longest time for one read with all its waits. A server that asks for more gets no further attempt.
    pub elapsed: Duration,
    /// First wait without a hint of the server; doubles with each attempt.
    pub first_wait: Duration,
    /// Longest wait without a hint of the server.
    pub longest_wait: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            attempts: 6,
            unsent_attempts: 3,
            elapsed: Duration::from_secs(300),
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(30),
        }
    }
}

/// What to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Not processed: after this wait it may be tried again. A read does that itself; a write goes back to be computed anew from a fresh read.
    Wait(Duration),
    /// Log in once, then send again.
    LoginAgain,
    /// It may or may not have happened: read, then decide (rule 44).
    Reread,
    /// It ends here.
    Stop(Why),
}

/// Why a call ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Why {
    /// The API answered, and a repetition would change nothing.
    Answered,
    /// 401 although a new login was made, or none is possible; or a login was refused.
    NotLoggedIn,
    /// 403.
    Denied,
    /// What answered is not the API.
    NotTheApi,
    /// It was certainly not sent.
    NotSent,
    /// It fails each time.
    Hopeless,
    /// The server asks to wait longer than a call goes on.
    TooLong(Duration),
    /// All attempts failed.
    Exhausted,
}

/// What follows an exchange.
///
/// `server_hint` is what `Retry-After` asked for, `jitter` a random number from 0 to 1.
pub fn decide(
    purpose: Purpose,
    outcome: Outcome,
    history: &History,
    server_hint: Option<Duration>,
    jitter: f64,
    limits: &Limits,
) -> Decision {
    use Decision::{LoginAgain, Reread, Stop};
    let retry = |most| wait(most, history, server_hint, jitter, limits);
    match (purpose, outcome) {
        (Purpose::Login, Outcome::Answer(401) | Outcome::Foreign(401)) => Stop(Why::NotLoggedIn),
        (_, Outcome::Answer(401) | Outcome::Foreign(401)) if history.logged_in => Stop(Why::NotLoggedIn),
        (_, Outcome::Answer(401) | Outcome::Foreign(401)) => LoginAgain,
        (_, Outcome::Answer(403) | Outcome::Foreign(403)) => Stop(Why::Denied),
        // A proxy that wants credentials passed nothing on.
        (_, Outcome::Foreign(407)) => Stop(Why::NotSent),

        // 429 and 503 were not processed. How long to wait is for the caller of a write to know, however long it is.
        (Purpose::Write, Outcome::Answer(429 | 503) | Outcome::Foreign(429 | 503)) => {
            Decision::Wait(server_hint.unwrap_or_else(|| backoff(history.attempt, jitter, limits)))
        }
        (
            Purpose::Write,
            Outcome::Answer(408 | 500..)
            | Outcome::Foreign(_)
            | Outcome::Garbled
            | Outcome::Lost
            | Outcome::Hopeless { unsent: false },
        ) => Reread,
        (Purpose::Write, Outcome::NotSent | Outcome::Hopeless { unsent: true }) => Stop(Why::NotSent),

        (_, Outcome::Answer(408 | 429 | 500 | 502..=504) | Outcome::Foreign(408 | 429 | 500 | 502..=504)) => {
            retry(limits.attempts)
        }
        (_, Outcome::Garbled | Outcome::Lost) => retry(limits.attempts),
        (_, Outcome::NotSent) => retry(limits.unsent_attempts),
        (_, Outcome::Foreign(_)) => Stop(Why::NotTheApi),
        (_, Outcome::Hopeless { .. }) => Stop(Why::Hopeless),
        (_, Outcome::Answer(_)) => Stop(Why::Answered),
    }
}

fn wait(most: u32, history: &History, server_hint: Option<Duration>, jitter: f64, limits: &Limits) -> Decision {
    if history.attempt >= most {
        return Decision::Stop(Why::Exhausted);
    }
    let wait = server_hint.unwrap_or_default().max(backoff(history.attempt, jitter, limits));
    match server_hint {
        _ if history.elapsed.saturating_add(wait) <= limits.elapsed => Decision::Wait(wait),
        Some(hint) => Decision::Stop(Why::TooLong(hint)),
        None => Decision::Stop(Why::Exhausted),
    }
}

/// Half of the doubled wait is fixed, half is jitter, so that callers do not come back together.
fn backoff(attempt: u32, jitter: f64, limits: &Limits) -> Duration {
    let doubled =
        limits.first_wait.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1))).min(limits.longest_wait);
    let jitter = if jitter.is_finite() { jitter.clamp(0.0, 1.0) } else { 0.0 };
    doubled.mul_f64(0.5 + jitter / 2.0)
}

/// Longest wait that a hint is taken for: nobody waits longer, and every clock can add it.
const LONGEST_HINT: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads `Retry-After`: seconds, or a date, which is compared with the answer's own `Date` where it has one, so that clocks may differ.
/// More than a day counts as a day.
pub fn retry_after(value: Option<&str>, date: Option<&str>, now: std::time::SystemTime) -> Option<Duration> {
    let value = value?.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds).min(LONGEST_HINT));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let from = date.and_then(|date| httpdate::parse_http_date(date).ok()).unwrap_or(now);
    Some(until.duration_since(from).unwrap_or_default().min(LONGEST_HINT))
}

#[cfg(test)]
mod tests {
    use super::Decision::{LoginAgain, Reread, Stop, Wait};
    use super::Outcome::{Answer, Foreign, Garbled, Hopeless, Lost, NotSent};
    use super::Purpose::{Login, Read, Write};
    use super::*;
    use proptest::prelude::*;
    use std::time::{SystemTime, UNIX_EPOCH};

    const FIRST: History = History { attempt: 1, elapsed: Duration::ZERO, logged_in: false };
    const HALF: Duration = Duration::from_millis(500);

    fn first(purpose: Purpose, outcome: Outcome) -> Decision {
        decide(purpose, outcome, &FIRST, None, 1.0, &Limits::default())
    }

    #[test]
    fn the_table_of_a_first_attempt() {
        let unsent = Hopeless { unsent: true };
        let sent = Hopeless { unsent: false };
        for (outcome, read, write, login) in [
            (Answer(200), Stop(Why::Answered), Stop(Why::Answered), Stop(Why::Answered)),
            (Answer(204), Stop(Why::Answered), Stop(Why::Answered), Stop(Why::Answered)),
            (Answer(400), Stop(Why::Answered), Stop(Why::Answered), Stop(Why::Answered)),
            (Answer(401), LoginAgain, LoginAgain, Stop(Why::NotLoggedIn)),
            (Foreign(401), LoginAgain, LoginAgain, Stop(Why::NotLoggedIn)),
            (Answer(403), Stop(Why::Denied), Stop(Why::Denied), Stop(Why::Denied)),
            (Foreign(403), Stop(Why::Denied), Stop(Why::Denied), Stop(Why::Denied)),
            (Answer(404), Stop(Why::Answered), Stop(Why::Answered), Stop(Why::Answered)),
            (Foreign(404), Stop(Why::NotTheApi), Reread, Stop(Why::NotTheApi)),
            (Foreign(407), Stop(Why::NotSent), Stop(Why::NotSent), Stop(Why::NotSent)),
            (Answer(408), Wait(HALF), Reread, Wait(HALF)),
            (Answer(409), Stop(Why::Answered), Stop(Why::Answered), Stop(Why::Answered)),
            (Answer(422), Stop(Why::Answered), Stop(Why::Answered), Stop(Why::Answered)),
            (Answer(429), Wait(HALF), Wait(HALF), Wait(HALF)),
            (Foreign(429), Wait(HALF), Wait(HALF), Wait(HALF)),
            (Answer(500), Wait(HALF), Reread, Wait(HALF)),
            (Answer(501), Stop(Why::Answered), Reread, Stop(Why::Answered)),
            (Answer(502), Wait(HALF), Reread, Wait(HALF)),
            (Foreign(502), Wait(HALF), Reread, Wait(HALF)),
            (Answer(503), Wait(HALF), Wait(HALF), Wait(HALF)),
            (Foreign(503), Wait(HALF), Wait(HALF), Wait(HALF)),
            (Foreign(504), Wait(HALF), Reread, Wait(HALF)),
            (Foreign(200), Stop(Why::NotTheApi), Reread, Stop(Why::NotTheApi)),
            (Foreign(302), Stop(Why::NotTheApi), Reread, Stop(Why::NotTheApi)),
            (Garbled, Wait(HALF), Reread, Wait(HALF)),
            (Lost, Wait(HALF), Reread, Wait(HALF)),
            (NotSent, Wait(HALF), Stop(Why::NotSent), Wait(HALF)),
            (unsent, Stop(Why::Hopeless), Stop(Why::NotSent), Stop(Why::Hopeless)),
            (sent, Stop(Why::Hopeless), Reread, Stop(Why::Hopeless)),
        ] {
            assert_eq!(first(Read, outcome), read, "read {outcome:?}");
            assert_eq!(first(Write, outcome), write, "write {outcome:?}");
            assert_eq!(first(Login, outcome), login, "login {outcome:?}");
        }
    }

    #[test]
    fn a_login_is_made_once_for_a_call() {
        let again = History { logged_in: true, ..FIRST };
        for purpose in [Read, Write] {
            let decision = decide(purpose, Answer(401), &again, None, 0.0, &Limits::default());
            assert_eq!(decision, Stop(Why::NotLoggedIn));
        }
    }

    #[test]
    fn waits_double_up_to_the_longest_and_half_of_each_is_jitter() {
        let limits = Limits { attempts: 100, elapsed: Duration::MAX, ..Limits::default() };
        let millis = |attempt, jitter| match decide(Read, Lost, &History { attempt, ..FIRST }, None, jitter, &limits) {
            Wait(wait) => wait.as_millis(),
            other => panic!("{other:?}"),
        };
        assert_eq!([1, 2, 3, 4, 7, 99].map(|attempt| millis(attempt, 1.0)), [500, 1000, 2000, 4000, 30_000, 30_000]);
        assert_eq!([millis(1, 0.0), millis(1, 0.5), millis(1, f64::NAN), millis(1, 9.0)], [250, 375, 250, 500]);
    }

    #[test]
    fn attempts_and_time_are_limited() {
        let limits = Limits::default();
        let at = |attempt, seconds, outcome| {
            decide(
                Read,
                outcome,
                &History { attempt, elapsed: Duration::from_secs(seconds), logged_in: false },
                None,
                1.0,
                &limits,
            )
        };
        assert!(matches!(at(5, 0, Lost), Wait(_)));
        assert_eq!(at(6, 0, Lost), Stop(Why::Exhausted));
        assert!(matches!(at(2, 0, NotSent), Wait(_)));
        assert_eq!(at(3, 0, NotSent), Stop(Why::Exhausted));
        assert!(matches!(at(2, 299, Lost), Wait(_)));
        assert_eq!(at(2, 300, Lost), Stop(Why::Exhausted));
    }

    #[test]
    fn the_servers_hint_is_obeyed_or_the_call_ends() {
        let hint = |purpose, seconds| {
            decide(purpose, Answer(429), &FIRST, Some(Duration::from_secs(seconds)), 1.0, &Limits::default())
        };
        assert_eq!(hint(Read, 7), Wait(Duration::from_secs(7)));
        assert_eq!(hint(Read, 0), Wait(HALF), "never at once");
        assert_eq!(hint(Read, 3600), Stop(Why::TooLong(Duration::from_secs(3600))));
        assert_eq!(hint(Write, 3600), Wait(Duration::from_secs(3600)), "a write is handed back with the wait");
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = UNIX_EPOCH + Duration::from_secs(784_111_777);
        let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        let read = |value, date| retry_after(value, date, now).map(|wait| wait.as_secs());
        assert_eq!(read(Some(" 120 "), None), Some(120));
        assert_eq!(read(Some("Sun, 06 Nov 1994 08:50:37 GMT"), None), Some(60));
        assert_eq!(
            read(Some("Sun, 06 Nov 1994 08:50:37 GMT"), Some("Sun, 06 Nov 1994 08:50:07 GMT")),
            Some(30),
            "the server's own clock counts"
        );
        assert_eq!(read(Some("Sun, 06 Nov 1994 08:40:37 GMT"), date), Some(0));
        for none in [None, Some(""), Some("soon"), Some("-5"), Some("1.5")] {
            assert_eq!(read(none, date), None, "{none:?}");
        }
        assert_eq!(retry_after(Some("18446744073709551615"), None, SystemTime::now()), Some(LONGEST_HINT));
    }

    fn outcomes() -> impl Strategy<Value = Outcome> {
        prop_oneof![
            (100_u16..600).prop_map(Answer),
            (100_u16..600).prop_map(Foreign),
            Just(Garbled),
            Just(Lost),
            Just(NotSent),
            any::<bool>().prop_map(|unsent| Hopeless { unsent })
        ]
    }

    proptest! {
        #[test]
        fn rule_44_a_write_that_may_have_happened_is_never_called_unsent_or_later(status in 200_u16..600, attempt in 1_u32..9, jitter in 0.0..1.0) {
            let history = History { attempt, ..FIRST };
            let after = |outcome| decide(Write, outcome, &history, None, jitter, &Limits::default());
            prop_assert_eq!(after(Lost), Reread);
            prop_assert_eq!(after(Garbled), Reread);
            prop_assert_eq!(after(Hopeless { unsent: false }), Reread);
            if ![401, 403, 407, 429, 503].contains(&status) {
                prop_assert_eq!(after(Foreign(status)), Reread);
            }
            if status >= 500 && status != 503 {
                prop_assert_eq!(after(Answer(status)), Reread);
            }
        }

        #[test]
        fn every_chain_ends_within_its_limits(chain in prop::collection::vec((outcomes(), prop::option::of(0_u64..1000), 0.0..1.0), 40)) {
            let limits = Limits::default();
            let (mut history, mut sent) = (FIRST, 0);
            for (outcome, hint, jitter) in chain {
                sent += 1;
                match decide(Read, outcome, &history, hint.map(Duration::from_secs), jitter, &limits) {
                    Wait(wait) => { history.attempt += 1; history.elapsed += wait; }
                    LoginAgain => history.logged_in = true,
                    Reread => prop_assert!(false, "a read is never read again by others"),
                    Stop(_) => break,
                }
            }
            prop_assert!(sent <= limits.attempts + 1, "{sent}");
            prop_assert!(history.elapsed <= limits.elapsed);
        }
    }
}
