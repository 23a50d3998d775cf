//! Principals that are the same in every tenant (design 5.2, rule 13).

/// What a well-known principal means for a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WellKnown {
    /// SELF, SYSTEM or a group of the server itself: never a delegate, dropped.
    Dropped,
    /// Everyone, Anonymous or Authenticated Users: never dropped, makes the mailbox unknown.
    Broad(&'static str),
}

const EVERYONE: WellKnown = WellKnown::Broad("Everyone");
const ANONYMOUS: WellKnown = WellKnown::Broad("Anonymous");
const AUTHENTICATED: WellKnown = WellKnown::Broad("Authenticated Users");

/// Beginning of the SIDs of the server's own groups.
const BUILTIN: &str = "S-1-5-32-";

/// SIDs, the same in every language: SELF, SYSTEM, and those that stand for everybody.
const SIDS: &[(&str, WellKnown)] = &[
    ("S-1-5-10", WellKnown::Dropped),
    ("S-1-5-18", WellKnown::Dropped),
    ("S-1-1-0", EVERYONE),
    ("S-1-5-7", ANONYMOUS),
    ("S-1-5-11", AUTHENTICATED),
];

/// Names as Exchange shows them where a row has no SID: English in the cloud, translated on a translated Exchange server.
///
/// SELF: German from (exo 8.25) and the documentation of Export-RecipientPermissions, French from published output of
/// Get-MailboxPermission. SYSTEM: "Localized service names" in "Configure Windows service accounts and permissions" on Microsoft
/// Learn (Italian, Spanish and the East Asian languages keep the English name); the second French form as icacls prints it.
/// Only names with a source are here: one that is missing leaves the mailbox unknown, one too many would drop a person.
const NAMES: &[(&str, WellKnown)] = &[
    ("NT AUTHORITY\\SELF", WellKnown::Dropped),
    ("NT-AUTORITÄT\\SELBST", WellKnown::Dropped),
    ("AUTORITE NT\\SELF", WellKnown::Dropped),
    ("NT AUTHORITY\\SYSTEM", WellKnown::Dropped),
    ("NT-AUTORITÄT\\SYSTEM", WellKnown::Dropped),
    ("AUTORITE NT\\SYSTEM", WellKnown::Dropped),
    ("AUTORITE NT\\SYSTÈME", WellKnown::Dropped),
    ("NT AUTHORITY\\СИСТЕМА", WellKnown::Dropped),
    ("EVERYONE", EVERYONE),
    ("NT AUTHORITY\\ANONYMOUS LOGON", ANONYMOUS),
    ("NT AUTHORITY\\AUTHENTICATED USERS", AUTHENTICATED),
];

/// The SID of a row: its own, else a text that is one.
pub(super) fn sid_of<'a>(text: &'a str, sid: Option<&'a str>) -> Option<&'a str> {
    let text = text.trim();
    sid.map(str::trim).filter(|sid| !sid.is_empty()).or(is_sid(text).then_some(text))
}

/// Looks a row's trustee up: by its SID, and by exact name only where there is no SID, never by a part of the text.
pub(super) fn well_known(text: &str, sid: Option<&str>) -> Option<WellKnown> {
    match sid_of(text, sid) {
        Some(sid) => well_known_sid(sid),
        None => well_known_name(text.trim()),
    }
}

fn well_known_sid(sid: &str) -> Option<WellKnown> {
    // Groups of the server itself: Administrators and the like.
    let builtin = sid.get(..BUILTIN.len()).is_some_and(|head| head.eq_ignore_ascii_case(BUILTIN));
    let known = || SIDS.iter().find(|(known, _)| sid.eq_ignore_ascii_case(known)).map(|(_, meaning)| *meaning);
    builtin.then_some(WellKnown::Dropped).or_else(known)
}

fn well_known_name(name: &str) -> Option<WellKnown> {
    // All but Everyone have a domain; most texts have none and are no more looked at.
    if !name.contains('\\') && !name.eq_ignore_ascii_case("Everyone") {
        return None;
    }
    let upper = name.to_uppercase();
    // The domain BUILTIN is S-1-5-32 (rule 13).
    if upper.starts_with("BUILTIN\\") {
        return Some(WellKnown::Dropped);
    }
    NAMES.iter().find(|(known, _)| *known == upper).map(|(_, meaning)| *meaning)
}

/// True for text that is a security identifier as a whole, such as `S-1-5-21-1-2-3-1104`.
pub(super) fn is_sid(text: &str) -> bool {
    let mut parts = text.split('-');
    let head = parts.next().is_some_and(|part| part.eq_ignore_ascii_case("S")) && parts.next() == Some("1");
    let numbers: Vec<&str> = parts.collect();
    head && numbers.len() >= 2 && numbers.iter().all(|n| !n.is_empty() && n.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_13_self_is_its_sid_in_every_language() {
        assert_eq!(well_known("ISE\\SAM", Some("S-1-5-10")), Some(WellKnown::Dropped));
        assert_eq!(well_known("nt authority\\self", None), Some(WellKnown::Dropped));
        assert_eq!(well_known("NT-Autorität\\Selbst", None), Some(WellKnown::Dropped));
        assert_eq!(well_known("NT AUTHORITY\\SELF", Some("S-1-5-21-1-2-3-4")), None, "the SID decides");
    }

    #[test]
    fn rule_13_builtin_is_dropped_by_domain_or_sid_only() {
        assert_eq!(well_known("BUILTIN\\Administrators", None), Some(WellKnown::Dropped));
        assert_eq!(well_known("VORDEFINIERT\\Administratoren", Some("S-1-5-32-544")), Some(WellKnown::Dropped));
        assert_eq!(well_known("VORDEFINIERT\\Administratoren", None), None, "no source, no entry");
        assert_eq!(well_known("Builtin Team", None), None);
        assert_eq!(well_known("x", Some("S-1-5-320-1")), None);
    }

    #[test]
    fn rule_13_broad_principals_are_not_dropped() {
        assert_eq!(well_known("Jeder", Some("S-1-1-0")), Some(EVERYONE));
        assert_eq!(well_known("Everyone", None), Some(EVERYONE));
        assert_eq!(well_known("x", Some("s-1-5-7")), Some(ANONYMOUS));
        assert_eq!(well_known("x", Some("S-1-5-11")), Some(AUTHENTICATED));
    }

    #[test]
    fn people_with_such_words_in_their_names_are_people() {
        for name in ["Jane Selfridge", "Systems", "Self, Ann", "Lab S-1-5-21 North", "Nt Authority-Smith"] {
            assert_eq!(well_known(name, None), None, "{name}");
            assert!(!is_sid(name), "{name}");
        }
    }

    #[test]
    fn only_whole_text_is_a_sid() {
        assert!(is_sid("S-1-5-21-1-2-3-1104"));
        assert!(is_sid("s-1-5-10"));
        assert!(is_sid("S-1-12-1-1-2-3-4"));
        for text in ["S-1-5-21-", "S-1-5-21-x", "S-1-5-21-1 old", "S-2-5-21", "S-1", "", "S-1-5"] {
            assert!(!is_sid(text), "{text}");
        }
    }
}
