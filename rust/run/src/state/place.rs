//! Where a state file may lie, and whom its errors name.

use jiff::Timestamp;
use std::path::Path;

/// True for a path on another machine: `\\server\share\...`, `\\?\UNC\...`. A mapped drive or a mount cannot be told from a local
/// one by its name. Recognised on every platform, as plans and configurations travel.
pub(super) fn is_network(path: &Path) -> bool {
    let text = path.to_string_lossy();
    let text = if cfg!(windows) { text.replace('/', "\\") } else { text.into_owned() };
    let Some(rest) = text.strip_prefix(r"\\") else { return false };
    match rest.strip_prefix(r"?\").or_else(|| rest.strip_prefix(r".\")) {
        Some(device) => device.get(..4).is_some_and(|unc| unc.eq_ignore_ascii_case(r"UNC\")),
        None => true,
    }
}

/// Owner of the file, or of the folder nearest to it that exists. `None` where the system does not tell without its own API.
#[cfg(unix)]
pub fn owner(path: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    path.ancestors().find_map(|place| std::fs::metadata(place).ok()).map(|found| account(found.uid()))
}

/// Owner of the file, or of the folder nearest to it that exists. `None` where the system does not tell without its own API.
#[cfg(not(unix))]
pub fn owner(_path: &Path) -> Option<String> {
    None
}

/// The account of this process where the system tells it.
pub(super) fn current_account() -> Option<String> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        std::fs::metadata("/proc/self").ok().map(|process| account(process.uid()))
    }
    #[cfg(not(unix))]
    None
}

/// The name of this machine where the system tells it without environment variables.
pub(super) fn machine() -> Option<String> {
    std::fs::read_to_string("/proc/sys/kernel/hostname").ok().map(|name| name.trim().to_owned())
}

/// Who has a lock, for whoever wants it next: program, process, account, machine, and since when.
pub fn holder(account: Option<&str>, on: Option<&str>) -> String {
    let program = program().unwrap_or_else(|| "a process".into());
    let current = || current_account().unwrap_or_else(|| "the current account".into());
    let account = account.map_or_else(current, str::to_owned);
    let on = on.map(str::to_owned).or_else(machine).map(|name| format!(" on {name}")).unwrap_or_default();
    let since = Timestamp::now().strftime("%Y-%m-%d %H:%M:%S UTC");
    format!("{program} (process {}) of {account}{on} since {since}", std::process::id())
}

/// File name of the program that runs us.
fn program() -> Option<String> {
    std::env::current_exe().ok()?.file_name().map(|name| name.to_string_lossy().into_owned())
}

#[cfg(unix)]
fn account(uid: u32) -> String {
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then_some(name)
    });
    name.map_or_else(|| format!("uid {uid}"), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_paths_are_told_from_local_ones() {
        for network in [r"\\server\share\corp.db", r"\\?\UNC\server\share\corp.db", r"\\?\unc\server\x"] {
            assert!(is_network(Path::new(network)), "{network}");
        }
        for local in [r"C:\ProgramData\x.db", r"\\?\C:\ProgramData\x.db", "/var/lib/x.db", "x.db", r"..\x.db"] {
            assert!(!is_network(Path::new(local)), "{local}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn accounts_are_named_where_the_system_names_them() {
        assert_eq!(account(0), "root");
        assert_eq!(account(3_999_999_999), "uid 3999999999");
    }
}
