//! State files: every way in which one can be unusable, and what they keep.

use crate::world::*;
use esgsync_delegation::esg::{EsgUser, ManagedAlias, RemovableFunctional};
use esgsync_delegation::snapshot::Right;
use esgsync_run::{Durability, Identity, Mode, OpenOptions, State, StateError};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn refusal(path: &Path, identity: &Identity) -> StateError {
    let error = State::open(path, identity, &options(Mode::Write)).expect_err("refused");
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    assert!(error.to_string().contains(&name), "the file is named: {error}");
    assert!(!error.advice().is_empty());
    error
}

fn code(path: &Path) -> &'static str {
    refusal(path, &identity()).code()
}

#[test]
fn a_state_is_made_once_and_keeps_its_id() {
    let (_folder, path) = place();
    let id = open(&path).state_id().to_owned();
    assert_eq!(id.len(), 32);
    assert_eq!((read(&path).state_id(), open(&path).state_id()), (id.as_str(), id.as_str()));
    let (_folder, other) = place();
    assert_ne!(open(&other).state_id(), id);
    assert_eq!(open(&other).generation().unwrap(), 0);
}

#[cfg(unix)]
#[test]
fn folder_and_files_are_private_to_the_account() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, _) = place();
    let path = folder.path().join("new").join("corp.db");
    let _state = open(&path);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    let names: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(names.len() >= 3, "database, lock and holder: {names:?}");
    for name in names {
        assert_eq!(mode(&name), 0o600, "{}", name.display());
    }
}

#[test]
fn a_network_path_is_refused() {
    let error = refusal(Path::new(r"\\server\share\corp.db"), &identity());
    assert_eq!(error.code(), "StateOnNetworkPath");
    assert!(!Path::new(r"\\server\share\corp.db").exists());
}

#[test]
fn a_path_that_is_a_folder_is_named_with_its_owner_and_the_account() {
    let (folder, _) = place();
    let path = folder.path().join("a folder");
    fs::create_dir(&path).unwrap();
    let options = OpenOptions { account: Some(r"CORP\svc-esg".into()), ..options(Mode::Write) };
    let error = State::open(&path, &identity(), &options).expect_err("refused");
    assert_eq!(error.code(), "StateUnusable");
    let text = error.to_string();
    assert!(text.contains("a folder") && text.contains(r"CORP\svc-esg"), "{text}");
    #[cfg(unix)]
    assert!(text.contains("(owner: "), "{text}");
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error_and_no_file_appears_elsewhere() {
    let (folder, _) = place();
    let file = folder.path().join("file");
    fs::write(&file, "x").unwrap();
    assert_eq!(code(&file.join("below").join("corp.db")), "StateUnusable");
    #[cfg(target_os = "linux")]
    assert_eq!(code(Path::new("/proc/esgsync/corp.db")), "StateUnusable");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn what_is_no_state_file_is_not_touched() {
    let (folder, path) = place();
    let text =
        "this is a letter, and it is longer than the header of a database, which has one hundred bytes of its own.";
    fs::write(&path, text).unwrap();
    assert_eq!(code(&path), "StateNotAState");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    let other = folder.path().join("other.db");
    let db = rusqlite::Connection::open(&other).unwrap();
    db.execute_batch("CREATE TABLE song (title TEXT); PRAGMA user_version = 1").unwrap();
    drop(db);
    let before = fs::read(&other).unwrap();
    assert_eq!(code(&other), "StateNotAState");
    assert_eq!(fs::read(&other).unwrap(), before);
}

#[test]
fn damage_of_any_page_is_found_when_the_file_is_opened() {
    const PAGE: usize = 4096;
    let (_folder, path) = place();
    managed_jane(&path);
    let sound = fs::read(&path).unwrap();
    let pages = sound.len() / PAGE;
    assert!(pages > 5, "a page for each table and index");
    for page in 1..pages {
        let mut bytes = sound.clone();
        bytes[page * PAGE..][..PAGE].fill(0xAA);
        fs::write(&path, bytes).unwrap();
        assert_eq!(code(&path), "StateDamaged", "page {page}");
    }
    fs::write(&path, sound).unwrap();
    assert_eq!(managed(&path).len(), 1);
}

#[test]
fn a_newer_format_is_left_alone() {
    let (_folder, path) = place();
    drop(open(&path));
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let error = refusal(&path, &identity());
    assert_eq!(error.code(), "StateTooNew");
    assert!(error.to_string().contains("format 99"), "{error}");
}

fn format_1(path: &Path) {
    rusqlite::Connection::open(path).unwrap().execute_batch(include_str!("format1.sql")).unwrap();
}

/// By another process: a file that this one has open for writing cannot be run, and another test may start a process, which inherits that,
/// at this very moment.
#[cfg(unix)]
fn copy_this_program(to: &Path) {
    assert!(Command::new("cp").arg(std::env::current_exe().unwrap()).arg(to).status().unwrap().success());
}

fn copy_of(path: &Path) -> PathBuf {
    PathBuf::from(format!("{}.format1", path.display()))
}

#[test]
fn an_older_format_is_brought_up_to_date_and_a_copy_is_kept() {
    for mode in [Mode::Read, Mode::Write] {
        let (_folder, path) = place();
        format_1(&path);
        let state = State::open(&path, &identity(), &options(mode)).unwrap();
        assert_eq!(state.state_id(), "0f0e0d0c0b0a09080706050403020100");
        assert_eq!(state.generation().unwrap(), 1);
        assert_eq!(state.managed(TENANT).unwrap().len(), 1);
        assert_eq!(state.removed(TENANT).unwrap()[0].returned, 1);
        let runs = state.runs().unwrap();
        assert_eq!((runs[0].account.as_ref(), runs[0].statuses.values().sum::<u64>()), (None, 1));
        drop(state);
        let copy = rusqlite::Connection::open(copy_of(&path)).unwrap();
        let format: i64 = copy.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        let columns: i64 =
            copy.query_row("SELECT count(*) FROM pragma_table_info('run')", [], |row| row.get(0)).unwrap();
        let managed: i64 = copy.query_row("SELECT count(*) FROM managed", [], |row| row.get(0)).unwrap();
        assert_eq!((format, columns, managed), (1, 7, 1), "the copy is as the file was");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(copy_of(&path)).unwrap().permissions().mode() & 0o777, 0o600);
        }
        drop(open(&path));
        assert_eq!(
            fs::read_dir(path.parent().unwrap())
                .unwrap()
                .filter(|entry| { entry.as_ref().unwrap().file_name().to_string_lossy().contains(".format") })
                .count(),
            1,
            "once"
        );
    }
}

#[test]
fn without_a_copy_an_older_format_is_not_touched() {
    let (_folder, path) = place();
    format_1(&path);
    // A copy that cannot take its name.
    fs::create_dir(copy_of(&path)).unwrap();
    fs::write(copy_of(&path).join("x"), "").unwrap();
    let error = refusal(&path, &identity());
    assert_eq!(error.code(), "StateUnusable");
    assert!(error.to_string().contains("no copy could be made"), "{error}");
    let db = rusqlite::Connection::open(&path).unwrap();
    assert_eq!(db.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0)).unwrap(), 1);
    drop(db);
    fs::remove_dir_all(copy_of(&path)).unwrap();
    assert_eq!(open(&path).managed(TENANT).unwrap().len(), 1, "what an attempt left behind does not matter");
}

#[test]
fn an_older_format_waits_for_whoever_works_with_the_file() {
    let (_folder, path) = place();
    let holder = open(&path);
    // As an older version has it open at this moment.
    let db = rusqlite::Connection::open(&path).unwrap();
    db.pragma_update(None, "user_version", 1).unwrap();
    let error = State::open(&path, &identity(), &options(Mode::Read)).expect_err("refused");
    assert_eq!(error.code(), "StateLocked");
    drop(holder);
}

#[test]
fn a_file_that_is_read_only_is_refused() {
    let (_folder, path) = place();
    drop(open(&path));
    let db = rusqlite::Connection::open(&path).unwrap();
    db.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(())).unwrap();
    drop(db);
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    assert!(rusqlite::Connection::open_with_flags(&path, flags).unwrap().is_readonly("main").unwrap());
    #[cfg(unix)]
    read_only_for_nobody(&path);
}

#[test]
fn looking_makes_no_file_and_takes_whatever_target_the_file_serves() {
    let (folder, path) = place();
    let error = State::look(&path, &options(Mode::Read)).expect_err("refused");
    assert_eq!(error.code(), "StateMissing");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    managed_jane(&path);
    let state = State::look(&path, &options(Mode::Read)).unwrap();
    assert_eq!((state.identity(), state.runs().unwrap().len()), (&identity(), 1));
    assert!(!state.is_writable() && !state.is_in_use());
    let holder = open(&path);
    assert!(state.is_in_use(), "a run works");
    drop(holder);
    assert!(!state.is_in_use());
    fs::write(&path, "x".repeat(200)).unwrap();
    drop(state);
    for suffix in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{suffix}", path.display()));
    }
    assert_eq!(State::look(&path, &options(Mode::Read)).expect_err("refused").code(), "StateNotAState");
}

#[test]
fn a_run_notes_who_ran_it_and_how_it_ended() {
    let (_folder, path) = place();
    let jane = person(1, "jane", &[]);
    let plan = plan(&open(&path), vec![update(&jane, vec![add("info@corp.example")])]);
    let by = OpenOptions { account: Some(r"CORP\task".into()), machine: Some("srv1".into()), ..options(Mode::Write) };
    let state = State::open(&path, &identity(), &by).unwrap();
    drive(begin_first(state, &plan, Some(1)).unwrap(), &mut Appliance::new(&[&jane]), 1);
    let run = &read(&path).runs().unwrap()[0];
    assert_eq!((run.account.as_deref(), run.machine.as_deref()), (Some(r"CORP\task"), Some("srv1")));
    assert_eq!(run.changes, [(esgsync_delegation::plan::ChangeKind::AliasAdded, 1)].into());
    assert!(run.ended.is_some() && run.stopped.is_none());
}

#[test]
fn the_second_who_writes_is_told_who_has_the_lock() {
    let (_folder, path) = place();
    let options = OpenOptions { account: Some(r"CORP\first".into()), ..options(Mode::Write) };
    let first = State::open(&path, &identity(), &options).unwrap();
    let error = refusal(&path, &identity());
    assert_eq!(error.code(), "StateLocked");
    let text = error.to_string();
    assert!(text.contains(&format!("process {}", std::process::id())) && text.contains(r"CORP\first"), "{text}");
    assert!(!read(&path).is_writable(), "looking needs no lock");
    drop(first);
    assert!(open(&path).is_writable());
}

#[test]
fn the_lock_of_another_process_ends_with_it() {
    if let Some(path) = given_path() {
        let _state = open(&path);
        println!("locked");
        std::io::Read::read(&mut std::io::stdin(), &mut [0]).unwrap();
        return;
    }
    let (_folder, path) = place();
    drop(open(&path));
    let program = std::env::current_exe().unwrap();
    let mut holder = again(&program, "state::the_lock_of_another_process_ends_with_it", &path);
    let mut holder = holder.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(holder.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("locked")), "the other process took the lock");
    let error = refusal(&path, &identity());
    assert!(error.to_string().contains(&format!("process {}", holder.id())), "{error}");
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert!(open(&path).is_writable());
}

/// Root may open everything, so root asks an account without rights to try.
#[cfg(unix)]
#[test]
fn a_file_that_the_account_may_not_open_is_named_with_its_owner_and_the_account() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;
    let forbidden = |path: &Path| {
        for mode in [Mode::Read, Mode::Write] {
            let error = State::open(path, &identity(), &options(mode)).expect_err("refused");
            assert_eq!(error.code(), "StateUnusable");
            println!("{error}");
        }
    };
    if let Some(path) = given_path() {
        return forbidden(&path);
    }
    let (folder, path) = place();
    drop(open(&path));
    let chmod = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    if fs::metadata(&path).unwrap().uid() != 0 {
        chmod(&path, 0);
        return forbidden(&path);
    }
    chmod(folder.path(), 0o755);
    let program = folder.path().join("program");
    copy_this_program(&program);
    chmod(&program, 0o755);
    let test = "state::a_file_that_the_account_may_not_open_is_named_with_its_owner_and_the_account";
    let other = again(&program, test, &path).uid(65534).gid(65534).output().unwrap();
    let said = String::from_utf8_lossy(&other.stdout);
    assert!(other.status.success(), "{said}{}", String::from_utf8_lossy(&other.stderr));
    assert_eq!(said.matches("(owner: root) cannot be used by nobody").count(), 2, "{said}");
}

/// A file that the account may read and not write: a state that cannot keep its journal is of no use.
#[cfg(unix)]
fn read_only_for_nobody(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let folder = path.parent().unwrap();
    let chmod = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    chmod(folder, 0o755);
    chmod(path, 0o444);
    let program = folder.join("program");
    copy_this_program(&program);
    chmod(&program, 0o755);
    let mut other = again(&program, "state::read_only_child", path);
    let root = std::os::unix::fs::MetadataExt::uid(&fs::metadata(&program).unwrap()) == 0;
    let other = if root { other.uid(65534).gid(65534) } else { &mut other };
    let other = other.output().unwrap();
    let said = String::from_utf8_lossy(&other.stdout);
    assert!(other.status.success(), "{said}{}", String::from_utf8_lossy(&other.stderr));
    assert!(said.contains("StateUnusable") && said.contains("it is read-only"), "{said}");
}

/// What the other account does in the test above; on its own it has nothing to do.
#[test]
fn read_only_child() {
    let Some(path) = given_path() else { return };
    let error = State::look(&path, &options(Mode::Read)).expect_err("refused");
    println!("{} {error}", error.code());
}

/// This test program once more, for one test, which finds the path by [`given_path`].
fn again(program: &Path, test: &str, path: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(["--exact", test, "--nocapture"]).env("ESGSYNC_TEST_STATE", path);
    command
}

fn given_path() -> Option<PathBuf> {
    std::env::var_os("ESGSYNC_TEST_STATE").map(PathBuf::from)
}

#[test]
fn another_host_needs_a_rebind_and_then_stays() {
    let (_folder, path) = place();
    let id = open(&path).state_id().to_owned();
    let moved = Identity { host: "esg2.corp.example:443".into(), ..identity() };
    let error = refusal(&path, &moved);
    assert_eq!(error.code(), "StateHostDiffers");
    assert!(error.to_string().contains("esg.corp.example") && error.advice().contains("-Rebind"), "{error}");
    let rebind = OpenOptions { rebind: true, ..options(Mode::Read) };
    assert_eq!(State::open(&path, &moved, &rebind).unwrap().state_id(), id);
    assert_eq!(code(&path), "StateHostDiffers", "the old host is the other one now");
    assert!(State::open(&path, &moved, &options(Mode::Write)).is_ok());
}

#[test]
fn simulator_and_appliance_are_never_mixed_not_even_by_a_rebind() {
    let (_folder, path) = place();
    drop(open(&path));
    let simulator = Identity { simulator: true, ..identity() };
    let rebind = OpenOptions { rebind: true, ..options(Mode::Write) };
    assert_eq!(State::open(&path, &simulator, &rebind).expect_err("refused").code(), "StateSimulatorMixed");
    assert_eq!(refusal(&path, &simulator).code(), "StateSimulatorMixed");
}

#[test]
fn a_file_of_another_name_or_system_is_refused() {
    let (_folder, path) = place();
    drop(open(&path));
    assert_eq!(refusal(&path, &Identity { name: "lab".into(), ..identity() }).code(), "StateOtherTarget");
    assert_eq!(refusal(&path, &Identity { system: "helloid".into(), ..identity() }).code(), "StateOtherTarget");
    assert!(State::open(&path, &Identity { name: "CORP".into(), ..identity() }, &options(Mode::Read)).is_ok());
}

#[test]
fn every_transaction_reaches_the_disk_unless_a_test_says_otherwise() {
    let (_folder, path) = place();
    let durable = OpenOptions { mode: Mode::Write, ..OpenOptions::default() };
    assert_eq!(State::open(&path, &identity(), &durable).unwrap().durability().unwrap(), Durability::Disk);
    assert_eq!(open(&path).durability().unwrap(), Durability::ProcessOnly);
    let db = rusqlite::Connection::open(&path).unwrap();
    assert_eq!(db.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0)).unwrap(), "wal");
}

/// Jane has a managed alias, by a run.
fn managed_jane(path: &Path) -> EsgUser {
    let jane = person(1, "jane", &[]);
    let plan = plan(&open(path), vec![update(&jane, vec![add("info@corp.example")])]);
    let mut appliance = Appliance::new(&[&jane]);
    apply(path, &plan, &mut appliance);
    appliance.users[&1].clone()
}

fn observed(path: &Path, users: &[EsgUser]) -> Vec<(u64, String)> {
    open(path).observe(TENANT, users).unwrap();
    read(path).managed(TENANT).unwrap().into_iter().map(|entry| (entry.user_id, entry.username.to_string())).collect()
}

#[test]
fn rule_34_an_entry_ends_when_a_complete_read_shows_that_the_alias_is_gone() {
    let (_folder, path) = place();
    let jane = managed_jane(&path);
    assert_eq!(observed(&path, std::slice::from_ref(&jane)), [(1, "jane@corp.example".into())]);
    assert!(observed(&path, &[person(1, "jane", &[])]).is_empty());
    assert!(observed(&path, &[jane]).is_empty(), "added by hand later: not ours");
}

#[test]
fn rule_34_an_entry_ends_with_its_user() {
    let (_folder, path) = place();
    managed_jane(&path);
    assert!(observed(&path, &[person(2, "john", &["info@corp.example"])]).is_empty());
}

#[test]
fn rule_34_a_user_that_an_import_made_anew_is_found_by_name() {
    let (_folder, path) = place();
    let jane = managed_jane(&path);
    let anew = EsgUser { id: 77, username: "Jane@corp.example".into(), ..jane };
    // The old id is somebody else's now, who happens to have the alias by hand.
    let stranger = person(1, "stranger", &["info@corp.example"]);
    assert_eq!(observed(&path, &[stranger, anew]), [(77, "Jane@corp.example".into())]);
}

#[test]
fn rule_34_a_renamed_user_keeps_its_entries() {
    let (_folder, path) = place();
    let jane = managed_jane(&path);
    let renamed = EsgUser { username: "jane.married@corp.example".into(), ..jane };
    assert_eq!(observed(&path, &[renamed]), [(1, "jane.married@corp.example".into())]);
}

#[test]
fn rule_34_entries_of_another_tenant_are_not_looked_at() {
    let (_folder, path) = place();
    managed_jane(&path);
    open(&path).observe("another tenant", &[]).unwrap();
    assert_eq!(read(&path).managed(TENANT).unwrap().len(), 1);
    assert_eq!((read(&path).managed("another").unwrap().len(), read(&path).managed_for_all().unwrap().len()), (0, 1));
}

#[test]
fn a_complete_read_is_taken_in_only_under_the_lock() {
    let (_folder, path) = place();
    managed_jane(&path);
    assert_eq!(read(&path).observe(TENANT, &[]).expect_err("refused").code(), "StateReadOnly");
    assert_eq!(read(&path).managed(TENANT).unwrap().len(), 1);
}

#[test]
fn rule_38_a_functional_user_that_came_back_is_counted_once_for_each_removal() {
    let (_folder, path) = place();
    let jane = person(1, "jane", &["info@corp.example"]);
    let mut desk = user(9, "Info Desk", FUNCTIONAL, &["info@corp.example"]);
    let returned = |path: &Path| read(path).removed(TENANT).unwrap()[0].returned;
    for round in 0..2 {
        let removal = plan(&open(&path), vec![delete(&desk, &[&jane], &[])]);
        let mut appliance = Appliance::new(&[&jane, &desk]);
        apply(&path, &removal, &mut appliance);
        assert!(!appliance.users.contains_key(&desk.id));
        open(&path).observe(TENANT, std::slice::from_ref(&jane)).unwrap();
        assert_eq!(returned(&path), round, "a delegate who holds the address is not the functional user");
        desk.id += 1;
        for _ in 0..2 {
            open(&path).observe(TENANT, &[jane.clone(), desk.clone()]).unwrap();
            assert_eq!(returned(&path), round + 1);
        }
    }
}

#[test]
fn the_same_alias_may_be_managed_for_two_mailboxes_and_rights() {
    let (_folder, path) = place();
    let jane = person(1, "jane", &["info@corp.example"]);
    let mut adoption = adopt(&jane, "info@corp.example");
    let mut second = adoption.changes[0].clone();
    second.right = Some(Right::SendAs);
    adoption.changes.push(second);
    adoption.id = adoption.content_id();
    let plan = plan(&open(&path), vec![adoption]);
    apply(&path, &plan, &mut Appliance::new(&[&jane]));
    let rights: Vec<Right> =
        read(&path).managed(TENANT).unwrap().into_iter().map(|entry: ManagedAlias| entry.right).collect();
    assert_eq!(rights, [Right::FullAccess, Right::SendAs]);
}

fn removable(id: u64, mailbox: &str, since: &str) -> RemovableFunctional {
    let username = format!("Functional {mailbox}");
    RemovableFunctional { mailbox: mailbox.into(), user_id: id, username, since: since.parse().unwrap() }
}

#[test]
fn what_became_removable_when_is_kept_for_each_tenant() {
    let (_folder, path) = place();
    let both = [removable(51, "a", "2026-11-20T02:00:00Z"), removable(50, "b", "2026-11-21T02:00:00.25Z")];
    open(&path).keep_removable(TENANT, &both).unwrap();
    open(&path).keep_removable("another", &both[..1]).unwrap();
    assert_eq!(read(&path).removable(TENANT).unwrap(), both);
    open(&path).keep_removable(TENANT, &both[1..]).unwrap();
    assert_eq!(read(&path).removable(TENANT).unwrap(), both[1..]);
    assert_eq!(read(&path).removable("another").unwrap(), both[..1]);
    let generation = open(&path).generation().unwrap();
    assert_eq!(generation, 0, "no plan grows stale by it");
}

#[test]
fn a_file_of_format_2_gets_the_table_of_format_3_and_a_copy_is_kept() {
    let (_folder, path) = place();
    drop(open(&path));
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch("DROP TABLE removable; PRAGMA user_version = 2").unwrap();
    drop(db);
    assert_eq!(open(&path).removable(TENANT).unwrap(), []);
    assert!(PathBuf::from(format!("{}.format2", path.display())).exists());
}
