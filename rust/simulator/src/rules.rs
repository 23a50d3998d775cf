//! Every rule of the appliance: what it does, on which ground, from which source, and which test asks it with data that is in no recording.

use std::fmt::Write;

/// How a rule is known (esg 0).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ground {
    /// Stated by the vendor, or by an integrator's own documentation.
    Doc,
    /// Visible in published client code.
    Client,
    /// Recorded from the framework; of ESG only if ESG keeps its default.
    Fw,
    /// Worked out from these.
    Inf,
    /// Nothing public was found: a switch, or one choice of several.
    Unk,
}

impl Ground {
    /// As the table shows it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Doc => "DOC",
            Self::Client => "CLIENT",
            Self::Fw => "FW",
            Self::Inf => "INF",
            Self::Unk => "UNK",
        }
    }
}

/// One rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What it is about: `route METHOD PATH`, `option NAME`, `account NAME`, `state NAME`, `fault NAME`, or `answer NAME`.
    pub subject: &'static str,
    /// How it is known.
    pub ground: Ground,
    /// Where from: sections of the collected facts (esg), of the findings of the recordings, or of the design.
    pub source: &'static str,
    /// What the appliance does.
    pub text: &'static str,
    /// The test that asks it with data of its own.
    pub test: &'static str,
}

use Ground::{Client, Doc, Fw, Inf, Unk};

const fn rule(
    subject: &'static str,
    ground: Ground,
    source: &'static str,
    test: &'static str,
    text: &'static str,
) -> Rule {
    Rule { subject, ground, source, text, test }
}

/// Every rule, a line for each.
#[rustfmt::skip]
pub const RULES: &[Rule] = &[
    // Routes.
    rule("route POST /api/v2/login", Doc, "esg 2", "the_accounts_of_a_state_without_any", "user name and password give a token"),
    rule("route GET /api/v2", Fw, "esg 9.5, findings 1.9", "paths_outside_the_collections", "the entry point names the collections; with a slash at its end it redirects"),
    rule("route GET /api/v2/docs", Fw, "findings 9.4", "users_cannot_be_created_where_the_route_is_missing", "the document that describes the API; docs.json is gone from 4.0 on"),
    rule("route GET /api/v2/user", Client, "esg 3, 5", "pages_of_own_users_link_to_their_neighbours", "a page of users"),
    rule("route POST /api/v2/user", Unk, "esg 3", "a_new_user_gets_an_id_that_was_never_used", "creates a user; see users_can_be_created"),
    rule("route GET /api/v2/user/{id}", Client, "esg 3", "unknown_members_are_served_and_kept_when_they_come_back", "one user"),
    rule("route PUT /api/v2/user/{id}", Fw, "findings 5", "a_put_keeps_or_replaces_by_version", "as PATCH, and from 3.4 with the settings of a new project a replacement"),
    rule("route PATCH /api/v2/user/{id}", Client, "esg 7", "a_member_left_out_of_an_element_is_lost_and_one_nobody_has_is_ignored", "merges members; a list is replaced whole"),
    rule("route DELETE /api/v2/user/{id}", Client, "esg 8", "a_delete_answers_nothing_and_then_404", "204 without a body, then 404"),
    rule("route GET /api/v2/user-role", Inf, "esg 3", "roles_are_listed_unless_the_switch_says_no", "the roles; see roles_listed"),
    rule("route GET /api/v2/user-role/{id}", Client, "esg 3", "roles_are_listed_unless_the_switch_says_no", "one role"),
    // Answers.
    rule("answer token", Doc, "esg 2", "a_call_without_a_good_token_is_401", "X-ESG-Auth-Token carries the bare token; 401 without"),
    rule("answer switch user", Doc, "esg 2", "the_accounts_of_a_state_without_any", "an API account without X-Switch-User gets 403, and acts for whom it names"),
    rule("answer administrators", Doc, "esg 4.1", "the_accounts_of_a_state_without_any", "only administrators change users"),
    rule("answer empty page", Client, "esg 5.4, 10.2", "pages_of_own_users_link_to_their_neighbours", "no _embedded and no item links past the end"),
    rule("answer next past the end", Fw, "esg 5.6", "pages_of_own_users_link_to_their_neighbours", "a page past the end links to a next one all the same"),
    rule("answer one page", Fw, "esg 5.7", "pages_of_own_users_link_to_their_neighbours", "when all fits on one page there is self only, without page"),
    rule("answer order of links", Fw, "findings 1.2", "pages_of_own_users_link_to_their_neighbours", "parameters in alphabetical order, page last"),
    rule("answer escaping", Fw, "findings 1.1", "text_is_escaped_by_format", "HAL and JSON escape differently, and every slash is escaped"),
    rule("answer bare list", Fw, "esg 5.12", "pages_of_own_users_link_to_their_neighbours", "plain JSON is a list without totals"),
    rule("answer page parameters", Fw, "esg 5.1", "bad_page_parameters_are_refused_or_ignored", "page below 1 and negative sizes are 400; size 0 is an empty page"),
    rule("answer filters", Fw, "findings 3", "filters_narrow_and_unusable_ones_are_ignored", "username, role, id and order narrow or sort; a value that cannot be used is ignored"),
    rule("answer formats", Fw, "esg 6, findings 4", "the_answer_has_the_type_that_was_asked_for", "HAL, JSON and JSON-LD by Accept or suffix; 406 for others"),
    rule("answer body types", Fw, "esg 6, findings 4", "bodies_of_other_types_are_415", "PATCH takes merge-patch only, POST JSON; 415 otherwise"),
    rule("answer broken bodies", Fw, "findings 5", "bodies_that_cannot_be_read_are_400", "broken JSON, bad UTF-8 and wrong types are 400, a list changes nothing"),
    rule("answer addresses as an object", Fw, "findings 1.3", "an_object_in_place_of_the_list_is_taken_apart", "an object is taken as a list of its values"),
    rule("answer role by IRI", Fw, "findings 5", "a_role_is_set_by_its_iri_only", "an IRI sets the role; anything else is 400"),
    rule("answer entity tag", Fw, "esg 9.4", "entity_tags_are_there_and_never_enforced", "on reads; preconditions are not looked at"),
    rule("answer unknown routes", Fw, "findings 1.7", "paths_outside_the_collections", "404 and 405 come before 401, and as a page of HTML for HAL callers"),
    rule("answer slash at the end", Fw, "findings 8.7", "paths_outside_the_collections", "a read is redirected, a write is 404"),
    rule("answer ids are cast", Fw, "findings 8.8", "ids_are_cast", "4abc is 4"),
    rule("answer default roles", Doc, "esg 4.1", "roles_are_listed_unless_the_switch_says_no", "the documented names; only the id 499 is published (CLIENT), the others are made up"),
    rule("answer unknown members", Fw, "esg 7", "a_member_that_some_users_lack_may_be_set_cleared_and_is_typed", "a member that no user has does not exist; a type is checked"),
    // Switches.
    rule("option profile", Unk, "findings 6.1", "the_words_of_a_profile", "whose class names, texts and members it has: an ESG's, or the recorder's"),
    rule("option framework", Unk, "esg 1.1, 12 #8", "versions_differ_in_headers_and_errors", "the version of the framework; eleven were recorded"),
    rule("option error_family", Unk, "esg 9.1", "versions_differ_in_headers_and_errors", "how errors look, where not as in that version"),
    rule("option check_order", Unk, "esg 9.3", "the_order_of_checks_is_a_switch", "which error of several wins"),
    rule("option validation_status", Unk, "findings 5", "versions_differ_in_headers_and_errors", "422, or 400 as in 2.5"),
    rule("option max_items", Client, "esg 5.1", "page_sizes_are_switches", "150 is the largest page; a larger wish is cut silently (FW)"),
    rule("option default_items", Inf, "esg 5.1", "page_sizes_are_switches", "50 where nobody asks"),
    rule("option client_items_enabled", Client, "esg 5.1", "page_sizes_are_switches", "callers may name a size; switched off it is ignored (FW)"),
    rule("option totals", Unk, "esg 5.10, 5.13", "totals_are_whole_floating_or_absent", "a whole number; a float; absent"),
    rule("option role_in_hal", Inf, "findings 2", "the_role_of_a_hal_user_may_be_a_plain_property", "a link; embedded; a plain member"),
    rule("option users_can_be_created", Unk, "esg 3", "users_cannot_be_created_where_the_route_is_missing", "POST exists"),
    rule("option roles_listed", Unk, "esg 3", "roles_are_listed_unless_the_switch_says_no", "the list of roles exists"),
    rule("option describes_itself", Unk, "esg 1.1", "a_document_and_filters_are_switches", "the document that describes the API can be read"),
    rule("option filters", Unk, "esg 12 #6", "a_document_and_filters_are_switches", "filters narrow; switched off they are ignored, and the document lists them all the same"),
    rule("option address_uniqueness", Unk, "esg 12 #2", "a_taken_address_is_refused_and_nothing_is_stored", "nobody, the same user, those not functional, or all make an address taken"),
    rule("option duplicate_in_list", Unk, "esg 7", "what_a_list_of_addresses_must_be_is_a_switch", "an address twice in a list is kept, made one, or refused"),
    rule("option address_case", Unk, "esg 12 #12", "what_a_list_of_addresses_must_be_is_a_switch", "kept, or made small"),
    rule("option primary_rule", Unk, "esg 7", "what_a_list_of_addresses_must_be_is_a_switch", "any number of primary addresses, or exactly one"),
    rule("option validation", Unk, "findings 1.3", "what_a_list_of_addresses_must_be_is_a_switch", "blank names and malformed addresses are refused"),
    rule("option strict_extra_attributes", Unk, "esg 7", "an_unknown_member_is_an_error_where_the_switch_says_so", "unknown members are ignored, or 400"),
    rule("option null_skip", Fw, "esg 7", "nulls_are_left_out_unless_the_switch_says_no", "nulls are left out; switched off they are shown"),
    rule("option token_ttl", Unk, "esg 2.1", "a_token_serves_so_many_requests", "how many requests a token serves"),
    rule("option switch_user_policy", Unk, "esg 2", "a_normal_account_that_names_another_user", "a normal account with X-Switch-User is refused (FW), ignored, or obeyed"),
    rule("option rate_limit", Unk, "esg 12 #9", "each_so_manieth_request_is_429", "each n-th request is 429, with seconds, a date or nothing"),
    rule("option clock_offset_seconds", Unk, "design 8", "the_clock_may_differ", "its clock differs from this machine's"),
    // Accounts.
    rule("account username", Doc, "esg 2", "the_accounts_of_a_state_without_any", "letter case does not matter (FW)"),
    rule("account password", Doc, "esg 2", "the_accounts_of_a_state_without_any", "a wrong one is 401 with error (FW)"),
    rule("account otp", Doc, "esg 2", "an_account_with_a_one_time_password_needs_it", "one more member of the login; it stays the same (choice)"),
    rule("account kind", Doc, "esg 2", "the_accounts_of_a_state_without_any", "normal, or an API account without rights of its own"),
    rule("account administrator", Doc, "esg 4.1", "a_normal_account_that_names_another_user", "others only read"),
    rule("account domain", Unk, "esg 12 #11", "an_account_of_a_domain_sees_that_domain", "sees only users whose primary address is in it"),
    rule("account may_switch", Unk, "esg 2", "a_normal_account_that_names_another_user", "may name a user to act for"),
    // What the state file holds besides users.
    rule("state functional_role", Client, "esg 4.1", "an_import_brings_back_and_resets", "499 unless the file says otherwise"),
    rule("state imported", Unk, "esg 12 #1", "an_import_brings_back_and_resets", "what the directory gave, for an import to reset to"),
    // Faults.
    rule("fault status", Inf, "esg 9.2", "statuses_come_with_their_headers_and_nothing_is_done", "a status in place of the answer; 502 to 504 as a page"),
    rule("fault drop_before", Inf, "esg 13.2", "a_connection_closes_before_or_after_the_change", "the connection closes and nothing is done"),
    rule("fault drop_after_commit", Inf, "esg 13.2", "a_connection_closes_before_or_after_the_change", "the connection closes after the change"),
    rule("fault delay_ms", Inf, "esg 13.2", "another_editor_strikes_between_read_and_write_and_rules_add_up", "the answer takes that long"),
    rule("fault garbage", Inf, "esg 13.2", "garbage_is_half_of_the_answer_and_a_page_is_no_answer", "the answer is cut in the middle"),
    rule("fault html_page", Client, "esg 9.1", "garbage_is_half_of_the_answer_and_a_page_is_no_answer", "200 with somebody else's page"),
    rule("fault edit_user", Inf, "esg 13.2", "another_editor_strikes_between_read_and_write_and_rules_add_up", "another editor changes a user just before"),
    rule("fault import", Unk, "esg 12 #1", "an_import_brings_back_and_resets", "an import runs just before: recreates functional users, resets addresses"),
];

/// The table as lines of text.
#[must_use]
pub fn table() -> String {
    let width = |of: fn(&Rule) -> usize| RULES.iter().map(of).max().unwrap_or_default();
    let (subject, source) = (width(|rule| rule.subject.len()), width(|rule| rule.source.len()));
    let mut out = format!("{:<subject$}  {:<6}  {:<source$}  what it does\n", "rule", "ground", "source");
    for rule in RULES {
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "{:<subject$}  {:<6}  {:<source$}  {}",
            rule.subject,
            rule.ground.as_str(),
            rule.source,
            rule.text
        );
    }
    out
}
