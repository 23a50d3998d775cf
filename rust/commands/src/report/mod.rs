//! Reports: what runs, plans and snapshots tell, as the report crate takes it, and the file that it becomes.

mod plan;
mod run;
mod snapshot;

use crate::context::Context;
use crate::failure;
use crate::planning::{failed_plan, write_whole};
use crate::wire::{ErrorCategory, ErrorReply, ExportReportRequest, ReportFormat, ReportReply};
use esgsync_delegation::plan::Plan;
use esgsync_report::{Fact, Number, Tone, Verdict, csv, html, json};
use jiff::Timestamp;
use std::io::ErrorKind;
use std::path::Path;

pub(crate) async fn export_report(context: Context, request: ExportReportRequest) -> Result<ReportReply, ErrorReply> {
    let plan = request.plan.as_deref().map(Plan::read).transpose().map_err(|error| failed_plan(&error))?;
    let report = match (&request.history, plan, request.snapshot) {
        (Some(history), plan, None) => run::report(&context, history, plan)?,
        (None, Some(plan), None) => plan::report(plan, context.now()),
        (None, None, Some(number)) => snapshot::report(&context.shared.snapshots.ready(number)?.0, context.now()),
        _ => return Err(failure::invalid_request("a report is of a run, of a plan, or of a snapshot")),
    };
    let text = match request.format {
        ReportFormat::Html => html::render(&report),
        ReportFormat::Csv => csv::render(&report, separator(request.separator.as_deref())?),
        ReportFormat::Json => json(&report),
    };
    write_whole(Path::new(&request.path), &text).map_err(|error| not_written(&request.path, &error))?;
    Ok(ReportReply { path: request.path, bytes: text.len() as u64 })
}

/// A culture may have a separator of several characters, or one that no spreadsheet could tell from what is in a cell.
fn separator(text: Option<&str>) -> Result<char, ErrorReply> {
    let mut letters = text.unwrap_or(",").chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) if !matches!(letter, '"' | '\r' | '\n') => Ok(letter),
        _ => {
            let message = "The list separator of this culture cannot separate the cells of a CSV file.".to_owned();
            let action = "Leave -UseCulture out: a comma separates then.";
            Err(failure::new("SeparatorInvalid", ErrorCategory::InvalidArgument, message, action))
        }
    }
}

fn not_written(path: &str, error: &std::io::Error) -> ErrorReply {
    let category = match error.kind() {
        ErrorKind::NotFound => ErrorCategory::ObjectNotFound,
        ErrorKind::PermissionDenied => ErrorCategory::PermissionDenied,
        _ => ErrorCategory::WriteError,
    };
    let message = format!("The report {path} cannot be written: {error}.");
    let action = "Give -Path in a folder that exists and that this account may write to.";
    failure::new("ReportNotWritten", category, message, action).about(path)
}

/// To the second, as people read it.
fn time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn fact(label: &str, value: impl Into<String>) -> Fact {
    Fact { label: label.to_owned(), value: value.into() }
}

fn number(label: &str, value: u64, tone: Tone) -> Number {
    Number { label: label.to_owned(), value, tone }
}

/// A number that is told only when it is not zero.
fn unless_zero(label: &str, value: u64, tone: Tone) -> Option<Number> {
    (value > 0).then(|| number(label, value, tone))
}

fn verdict(tone: Tone, word: &str, text: String) -> Verdict {
    Verdict { tone, word: word.to_owned(), text }
}

/// `1 mailbox`, `2 mailboxes`.
fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
