//! What the benchmarks measure with.
#![allow(dead_code)] // Each benchmark uses its part.

use std::time::{Duration, Instant};

/// Wall clock and, where the system tells it, processor time: on a busy machine only the second says something.
#[derive(Clone, Copy)]
pub struct Clock(Instant, Option<Duration>);

impl Clock {
    pub fn start() -> Self {
        Self(Instant::now(), processor_time())
    }

    pub fn read(self) -> String {
        let processor = processor_time().zip(self.1).map(|(now, then)| milliseconds(now.saturating_sub(then)));
        let processor = processor.map(|time| format!(" ({time:.1} ms processor)")).unwrap_or_default();
        format!("{:8.1} ms{processor}", milliseconds(self.0.elapsed()))
    }
}

/// Of this (single) thread; Linux only.
fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// VmHWM of this process in bytes; Linux only.
pub fn peak_memory() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<usize>().ok().map(|kilobytes| kilobytes * 1024)
}

pub fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

pub fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
