//! Invented names, and some that somebody may have chosen to do harm.

pub const MAILBOXES: [&str; 12] = [
    "Sales",
    "Info",
    "Invoices",
    "Support",
    "Press",
    "Jobs",
    "Legal",
    "Returns",
    "Events",
    "Board",
    "Fleet",
    "Research Lab",
];

pub const GROUPS: [&str; 10] = [
    "Division North",
    "Division South",
    "Team Orders",
    "Team Contracts",
    "Front Desk",
    "Night Shift",
    "Apprentices",
    "Key Accounts",
    "Second Line",
    "Back Office",
];

pub const PEOPLE: [&str; 20] = [
    "Ada Brandt",
    "Ben Ortiz",
    "Carla Nilsen",
    "Dmitri Wolf",
    "Elena Rossi",
    "Farid Haddad",
    "Greta Lang",
    "Hugo Meyer",
    "Ines Costa",
    "Jonas Berg",
    "Kira Novak",
    "Liam Byrne",
    "Mona Petit",
    "Nils Holm",
    "Olga Marin",
    "Paul Weber",
    "Quinn Abbott",
    "Rosa Klein",
    "Sven Dahl",
    "Tara Singh",
];

/// Each sets `window.broken` if it is ever executed.
pub const HOSTILE: [&str; 12] = [
    "<img src=x onerror=\"window.broken=1\">",
    "</script><script>window.broken=2</script>",
    "<!--<script>window.broken=3",
    "\"onmouseover=\"window.broken=4\" x=\"",
    "'-window.broken-'",
    "=cmd|' /C calc'!A0",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "{{constructor.constructor('window.broken=5')()}}",
    "\u{202e}gnp.exe \u{2028}<svg/onload=window.broken=6>",
];
