//! What a running call has: the shared things, its cancellation, and the way back for events.

use crate::engine::Shared;
use crate::failure;
use crate::wire::{ErrorReply, Event, LogLevel, LogRecord, MAX_RECORDS, ProgressRecord};
use esgsync_targets::{CallContext, CallLog};
use jiff::Timestamp;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// What one call has.
pub(crate) struct Context {
    pub shared: Arc<Shared>,
    pub cancel: CancellationToken,
    pub events: EventSender,
}

impl Context {
    pub fn now(&self) -> Timestamp {
        self.shared.outside.now()
    }

    /// What the client gets along with each call: the cancellation, and an observer that makes verbose lines.
    pub fn calls(&self) -> CallContext {
        let events = self.events.clone();
        CallContext::new(self.cancel.clone(), Arc::new(move |call: &CallLog| events.verbose(describe(call))))
    }
}

fn describe(call: &CallLog) -> String {
    let status = call.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    let mut text = format!("{} {}: {status} in {} ms", call.method.as_str(), call.path, call.millis);
    if call.attempt > 1 {
        text.push_str(&format!(", attempt {}", call.attempt));
    }
    if let Some(said) = &call.text {
        text.push_str(&format!(" ({said})"));
    }
    if let Some(wait) = call.wait {
        text.push_str(&format!(", waiting {} s", wait.as_secs_f32().ceil()));
    }
    text
}

/// Sends events to the calling thread; waits while that one is behind.
#[derive(Clone)]
pub(crate) struct EventSender {
    events: Sender<Event>,
    /// Verbose lines that found no room: what makes them must not wait, and each call is shown all the same.
    waiting: Arc<Mutex<Vec<LogRecord>>>,
}

impl EventSender {
    pub fn new(events: Sender<Event>) -> Self {
        Self { events, waiting: Arc::default() }
    }

    /// # Errors
    /// `OperationStopped` when nobody takes events any more.
    pub async fn send(&self, event: Event) -> Result<(), ErrorReply> {
        self.events.send(event).await.map_err(|_| failure::stopped())
    }

    /// # Errors
    /// As [`EventSender::send`].
    pub async fn warn(&self, text: String) -> Result<(), ErrorReply> {
        self.send(Event::Log(vec![LogRecord { level: LogLevel::Warning, text }])).await
    }

    /// A verbose line. It never slows the work down: without room now it comes along with a later one, or at the end.
    pub fn verbose(&self, text: String) {
        let mut waiting = self.waiting();
        waiting.push(LogRecord { level: LogLevel::Verbose, text });
        let Ok(room) = self.events.try_reserve() else { return };
        let count = waiting.len().min(MAX_RECORDS);
        room.send(Event::Log(waiting.drain(..count).collect()));
    }

    /// Sends the verbose lines that still wait. At the end of a call.
    ///
    /// # Errors
    /// As [`EventSender::send`].
    pub async fn flush(&self) -> Result<(), ErrorReply> {
        let mut rest = std::mem::take(&mut *self.waiting()).into_iter().peekable();
        while rest.peek().is_some() {
            self.send(Event::Log(rest.by_ref().take(MAX_RECORDS).collect())).await?;
        }
        Ok(())
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<LogRecord>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Collects records into events of at most [`MAX_RECORDS`].
pub(crate) struct Batch<Record> {
    events: EventSender,
    wrap: fn(Vec<Record>) -> Event,
    records: Vec<Record>,
    /// Records so far.
    pub count: u64,
}

impl<Record> Batch<Record> {
    pub fn new(events: &EventSender, wrap: fn(Vec<Record>) -> Event) -> Self {
        Self { events: events.clone(), wrap, records: Vec::new(), count: 0 }
    }

    pub async fn push(&mut self, record: Record) -> Result<(), ErrorReply> {
        self.records.push(record);
        self.count += 1;
        if self.records.len() >= MAX_RECORDS {
            return self.flush().await;
        }
        Ok(())
    }

    pub async fn flush(&mut self) -> Result<(), ErrorReply> {
        if self.records.is_empty() {
            return Ok(());
        }
        self.events.send((self.wrap)(std::mem::take(&mut self.records))).await
    }
}

/// Progress of one phase: at most five records a second, and always the last one.
pub(crate) struct Progress {
    events: EventSender,
    activity: &'static str,
    shown: Option<Instant>,
}

impl Progress {
    pub fn new(events: &EventSender, activity: &'static str) -> Self {
        Self { events: events.clone(), activity, shown: None }
    }

    pub fn show(&mut self, status: String, current: u64, total: u64) {
        if self.shown.is_some_and(|shown| shown.elapsed() < Duration::from_millis(200)) {
            return;
        }
        self.shown = Some(Instant::now());
        // Progress is never worth waiting for.
        let record = ProgressRecord { activity: self.activity.into(), status, current, total, completed: false };
        let _ = self.events.events.try_send(Event::Progress(vec![record]));
    }

    pub async fn complete(self) -> Result<(), ErrorReply> {
        if self.shown.is_none() {
            return Ok(());
        }
        let record = ProgressRecord {
            activity: self.activity.into(),
            status: String::new(),
            current: 0,
            total: 0,
            completed: true,
        };
        self.events.send(Event::Progress(vec![record])).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_verbose_line_arrives_in_its_order_however_slow_the_taker_is() {
        let (sender, mut taker) = tokio::sync::mpsc::channel(2);
        let events = EventSender::new(sender);
        let made = (0..1000).map(|line| line.to_string()).collect::<Vec<_>>();
        // Nobody takes anything meanwhile, and nobody waits.
        made.iter().for_each(|line| events.verbose(line.clone()));
        let flushed = tokio::spawn(async move { events.flush().await });
        let mut taken = Vec::new();
        while let Some(Event::Log(records)) = taker.recv().await {
            assert!(records.len() <= MAX_RECORDS);
            taken.extend(records.into_iter().map(|record| record.text));
        }
        flushed.await.unwrap().unwrap();
        assert_eq!(taken, made);
    }
}
