//! The report as one table for a spreadsheet: a line for each change, delegation, finding and so on, told apart by `Section`.

use crate::model::Report;
use crate::words;

/// First line. A spreadsheet filters by `Section`: `Change`, `Delegation`, `Unknown`, `LeftAlone`, `Finding`, `Guard`.
pub const COLUMNS: [&str; 13] = [
    "Section",
    "Outcome",
    "Kind",
    "User",
    "Address",
    "Mailbox",
    "MailboxAddress",
    "Right",
    "Reason",
    "Trail",
    "Problem",
    "Advice",
    "Ended",
];

/// What a spreadsheet takes for the begin of a formula, in full width too, as some take it in East Asian settings.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// UTF-8 with byte order mark (Excel takes it for another encoding otherwise), CRLF, every cell quoted.
pub fn render(report: &Report, separator: char) -> String {
    let mut sheet = Sheet { text: String::from('\u{feff}'), separator };
    sheet.line(COLUMNS);
    for change in report.changes.iter().flatten() {
        sheet.line([
            "Change",
            &change.outcome,
            &change.kind,
            &change.user,
            &change.address,
            &change.mailbox.name,
            text(&change.mailbox.address),
            text(&change.right),
            &change.reason,
            &change.trail.join(" > "),
            text(&change.problem),
            "",
            text(&change.ended),
        ]);
    }
    for one in report.delegations.iter().flatten() {
        let (name, address) = (&one.mailbox.name, text(&one.mailbox.address));
        let outcome = if one.known { "Known" } else { "Unknown" };
        let trail = one.trail.join(" > ");
        let user = text(&one.delegate_address);
        sheet.line(["Delegation", outcome, "", &one.delegate, user, name, address, &one.right, "", &trail, "", "", ""]);
    }
    for one in report.unknown.iter().flatten() {
        let (name, address) = (&one.mailbox.name, text(&one.mailbox.address));
        let subject = text(&one.subject);
        sheet.line(["Unknown", "", &one.code, subject, "", name, address, "", &one.text, "", "", "", ""]);
    }
    for one in report.left_alone.iter().flatten() {
        let mailbox = one.mailbox.as_ref();
        let name = mailbox.map_or("", |mailbox| &mailbox.name);
        let of_mailbox = mailbox.map_or("", |mailbox| text(&mailbox.address));
        let (user, address) = (text(&one.user), text(&one.address));
        sheet.line(["LeftAlone", "", &one.code, user, address, name, of_mailbox, "", &one.reason, "", "", "", ""]);
    }
    for one in report.findings.iter().flatten() {
        let (subject, mailbox, advice) = (text(&one.subject), text(&one.mailbox), text(&one.advice));
        sheet.line(["Finding", &one.severity, &one.code, subject, "", "", mailbox, "", &one.text, "", "", advice, ""]);
    }
    for one in report.guards.iter().flatten() {
        let reason = format!("{} of {}", words::grouped(one.count), words::grouped(one.existing));
        let advice = text(&one.expect);
        sheet.line(["Guard", &one.state, &one.kind, "", "", "", "", "", &reason, "", "", advice, ""]);
    }
    sheet.text
}

fn text(value: &Option<String>) -> &str {
    value.as_deref().unwrap_or_default()
}

struct Sheet {
    text: String,
    separator: char,
}

impl Sheet {
    fn line<const N: usize>(&mut self, cells: [&str; N]) {
        for (at, cell) in cells.into_iter().enumerate() {
            if at > 0 {
                self.text.push(self.separator);
            }
            self.cell(cell);
        }
        self.text.push_str("\r\n");
    }

    fn cell(&mut self, cell: &str) {
        self.text.push('"');
        if is_formula(cell) {
            self.text.push('\'');
        }
        for letter in cell.chars() {
            match letter {
                '"' => self.text.push_str("\"\""),
                // No spreadsheet reads on after it.
                '\0' => self.text.push('\u{fffd}'),
                _ => self.text.push(letter),
            }
        }
        self.text.push('"');
    }
}

/// A spreadsheet would calculate it: it begins, perhaps after spaces, with a sign of a formula, or with a tab or a line end.
fn is_formula(cell: &str) -> bool {
    cell.starts_with(['\t', '\r', '\n']) || cell.trim_start().starts_with(FORMULA)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_get_an_apostrophe_and_names_do_not() {
        for hostile in ["=cmd|' /C calc'!A0", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", "\u{a0}=1"] {
            assert!(is_formula(hostile), "{hostile:?}");
        }
        for name in ["Sales", "jane@corp.example", "a=b", "", "O'Neil", "'=1"] {
            assert!(!is_formula(name), "{name:?}");
        }
    }

    #[test]
    fn quotes_separators_and_line_ends_stay_in_their_cell() {
        let mut sheet = Sheet { text: String::new(), separator: ';' };
        sheet.line(["a\"b", "c;d\r\ne", "=f\0"]);
        assert_eq!(sheet.text, "\"a\"\"b\";\"c;d\r\ne\";\"'=f\u{fffd}\"\r\n");
    }
}
